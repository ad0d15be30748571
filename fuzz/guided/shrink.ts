// A shorter, plainer input that fails in the same way.

import { joined } from './mutator.ts';

/**
 * Takes out blocks, from half of the input down to single bytes, then makes bytes zero, for as long
 * as that goes on and `tries` last.
 */
export function shrink(
  input: Uint8Array,
  fails: (candidate: Uint8Array) => boolean,
  tries = 5000,
): Uint8Array {
  let best = input;
  let left = tries;
  const improve = (candidate: Uint8Array): boolean => {
    if (left === 0) return false;
    left -= 1;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  };
  let before: Uint8Array;
  do {
    before = best;
    for (let block = best.length; block >= 1; block >>= 1) {
      for (let at = best.length - block; at >= 0; at -= block) {
        improve(joined(best.subarray(0, at), best.subarray(at + block)));
      }
    }
    for (let at = 0; at < best.length; at++) {
      if (best[at] !== 0) improve(best.map((byte, index) => (index === at ? 0 : byte)));
    }
  } while (best !== before);
  return best;
}
