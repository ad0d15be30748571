// Which source ports may stand in for another, and in which order they are tried: a permutation of
// all of them that begins at random, so that k tries see k ports, and n free ports serve n
// connections. Source of the ranges: Linux net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple
// (there it gives up after some 250 tries).

import { mix, reduce } from "../table/hash";

/** Every ICMP identifier may stand in for every other. */
export const IDENTIFIERS: u32 = 0x10000;

/** The lowest port that may stand in for this one: privileged ports stay among themselves. */
export function lowestPort(port: u32): u32 {
  if (port < 512) return 1;
  return port < 1024 ? 600 : 1024;
}

/** The highest one. */
export function highestPort(port: u32): u32 {
  if (port < 512) return 511;
  return port < 1024 ? 1023 : 65535;
}

/** Where the sequence of a connection begins, among `count` ports. */
export function firstTry(hash: u64, count: u32): u32 {
  return reduce(mix(hash), count);
}

/** How far each try is from the one before: shares no factor with `count`. */
export function strideOf(hash: u64, count: u32): u32 {
  let stride = reduce(mix(~hash), count);
  while (commonFactor(stride, count) != 1) stride++;
  return stride;
}

/** The place in the range after `tries` tries. */
export function placeAt(first: u32, stride: u32, tries: u32, count: u32): u32 {
  return <u32>((<u64>first + <u64>stride * tries) % count);
}

/** Euclid's algorithm. */
function commonFactor(a: u32, b: u32): u32 {
  while (b != 0) {
    const rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}
