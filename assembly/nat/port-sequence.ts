// The order in which masquerade ports are tried: a permutation of all of them that begins at
// random, so that k tries see k ports, and n free ports serve n connections.

import { mix, reduce } from "../table/hash";

/** Ports 1024 to 65535 (Linux nf_nat_core.c; kube-proxy asks for fully random ones). */
export const FIRST_PORT: u32 = 1024;
export const PORTS: u32 = 64512;

/** Where the sequence of a connection begins. */
export function firstTry(hash: u64): u32 {
  return reduce(mix(hash), PORTS);
}

/** How far each try is from the one before: shares no factor with 64512 = 2^10 x 3^2 x 7. */
export function strideOf(hash: u64): u32 {
  let stride = (reduce(mix(~hash), PORTS / 2) << 1) | 1;
  while (stride % 3 == 0 || stride % 7 == 0) stride += 2;
  return stride % PORTS;
}

/** The port after `tries` tries. */
export function portAt(first: u32, stride: u32, tries: u32): u16 {
  return <u16>(FIRST_PORT + <u32>((<u64>first + <u64>stride * tries) % PORTS));
}
