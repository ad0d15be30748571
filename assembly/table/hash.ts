// Hash of a key made of whole 8-byte words: three multiplications a word, seeded, so that chosen
// keys cost no more than random ones. The low bits choose a bucket, the high 16 are its tag.

const K1: u64 = 0x9e3779b97f4a7c15;
const K2: u64 = 0xd6e8feb86659fd93;
const K3: u64 = 0xc2b2ae3d27d4eb4f;

/** 64-bit hash of `bytes` (a multiple of 8) at `key`. */
export function hashWords(key: usize, bytes: usize, seed: u64): u64 {
  let hash = seed;
  for (let end = key + bytes; key < end; key += 8) {
    hash = (rotl(hash, 23) ^ rotl(load<u64>(key) * K1, 31)) * K2;
    hash ^= hash >> 29;
  }
  return mix(hash ^ bytes);
}

/** Spreads every bit of `value` over the whole word. */
export function mix(value: u64): u64 {
  value = (value ^ (value >> 32)) * K3;
  value = (value ^ (value >> 29)) * K1;
  return value ^ (value >> 32);
}

/** Maps a hash to 0 … count - 1, evenly (Lemire's multiply-shift); count must not be 0. */
export function reduce(hash: u64, count: u32): u32 {
  return <u32>(((hash >> 32) * <u64>count) >> 32);
}
