// Pseudo-random numbers from a seed, for bulk where fast-check's shrinking is not wanted: the seed
// says it all.

/** Uniform numbers below a bound: xorshift32, with its high bits, since its low ones are poor. */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  };
}
