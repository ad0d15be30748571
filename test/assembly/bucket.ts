// Hashes as assembly/table/hash.ts makes them, and which bucket of an index a key belongs to: for
// tests that choose keys by it, as somebody might who knows the seed.

const word = (1n << 64n) - 1n;
const [k1, k2, k3] = [0x9e3779b97f4a7c15n, 0xd6e8feb86659fd93n, 0xc2b2ae3d27d4eb4fn];
const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & word;

/** Spreads every bit over the whole word of 64. */
export function mix(value: bigint): bigint {
  let mixed = ((value ^ (value >> 32n)) * k3) & word;
  mixed = ((mixed ^ (mixed >> 29n)) * k1) & word;
  return mixed ^ (mixed >> 32n);
}

const unshift = (value: bigint, bits: bigint) => value ^ (value >> bits) ^ (value >> (2n * bits));

/** What an odd number has to be multiplied by to give 1. */
function inverse(number: bigint): bigint {
  let found = number;
  for (let rightBits = 3; rightBits < 64; rightBits *= 2) {
    found = (found * (2n - number * found)) & word;
  }
  return found & word;
}

/** The seed of 64 bits that `mix` makes this one of. */
export function unmix(mixed: bigint): bigint {
  const second = (unshift(mixed, 32n) * inverse(k1)) & word;
  const first = (unshift(second, 29n) * inverse(k3)) & word;
  return unshift(first, 32n);
}

/** Hash of whole words of 8 bytes. */
export function hashWords(bytes: Uint8Array, seed: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let hash = seed;
  for (let at = 0; at < bytes.length; at += 8) {
    const next = view.getBigUint64(at, true);
    hash = ((rotate(hash, 23n) ^ rotate((next * k1) & word, 31n)) * k2) & word;
    hash ^= hash >> 29n;
  }
  return mix(hash ^ BigInt(bytes.length));
}

/** What a table with this seed makes of a key; `seed` is the low half of the instance's. */
function hashOf(key: Uint8Array, seed: number): bigint {
  return hashWords(key, mix(BigInt(seed)));
}

/** Number of the key's own bucket. */
export function bucketOf(
  key: Uint8Array,
  { seed, buckets }: { seed: number; buckets: number },
): number {
  return Number(hashOf(key, seed) % BigInt(buckets));
}

/** What a bucket knows of the key, as assembly/table/tag-index.ts has it. */
export function tagOf(key: Uint8Array, seed: number): number {
  return Number(hashOf(key, seed) >> 48n) | 1;
}
