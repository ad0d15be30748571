// Which source ports masquerade draws, and in which order it tries them: a permutation of all of
// them that begins at random, so that k tries see k ports, and n free ports serve n connections
// (Linux net/netfilter/nf_nat_core.c gives up after some 250 tries).

import { mix, reduce } from "../table/hash";

/** Ports 1024 to 65535 are drawn, whatever the port they stand in for. */
export const FIRST_PORT: u32 = 1024;
export const PORTS: u32 = 64512;
/** Any ICMP identifier may stand in for any other. */
export const IDENTIFIERS: u32 = 65536;

/**
 * True when a node may put `port` in place of `own`: one that is drawn here, or of the range that
 * Linux keeps for privileged ports (nf_nat_l4proto_unique_tuple).
 */
export function mayReplace(own: u32, port: u32): bool {
  if (port >= FIRST_PORT) return true;
  return own < 512 ? port - 1 < 511 : own < FIRST_PORT && port >= 600;
}

/** Where the sequence of a connection begins, among `count` ports. */
export function firstTry(hash: u64, count: u32): u32 {
  return reduce(mix(hash), count);
}

/** How far each try is from the one before: shares no factor with `count`. */
export function strideOf(hash: u64, count: u32): u32 {
  let stride = reduce(mix(~hash), count);
  while (greatestDivisor(stride, count) != 1) stride++;
  return stride;
}

/** The place in the range after `tries` tries. */
export function placeAt(first: u32, stride: u32, tries: u32, count: u32): u32 {
  return <u32>((<u64>first + <u64>stride * tries) % count);
}

/** Of both numbers; Euclid's algorithm. */
function greatestDivisor(a: u32, b: u32): u32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
