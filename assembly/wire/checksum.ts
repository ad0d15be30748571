// The Internet checksum (RFC 1071) and its update in place (RFC 1624, eqn. 3). Sums are over 16-bit
// words in memory order: the checksum does not mind the byte order as long as it is one and the
// same.

/** Folds a sum of 16-bit words to 16 bits; it must be below 2^48, which no packet comes near. */
export function fold(sum: u64): u32 {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  return <u32>((sum & 0xffff) + (sum >> 16));
}

/** Folded sum of the words at `at`; an odd last byte counts as if a zero byte followed it. */
export function sumBytes(at: usize, bytes: usize): u32 {
  let sum: u64 = 0;
  const end = at + bytes;
  // Two words at a time: what the upper one carries is folded back.
  for (; at + 4 <= end; at += 4) sum += load<u32>(at);
  if (at + 2 <= end) {
    sum += load<u16>(at);
    at += 2;
  }
  if (at < end) sum += load<u8>(at);
  return fold(sum);
}

/**
 * What to add when words that sum to `from` become words that sum to `to`; 0 when nothing changes.
 */
export function difference(from: u32, to: u32): u32 {
  const delta = fold(<u64>to + (from ^ 0xffff));
  return delta == 0xffff ? 0 : delta;
}

/** Two differences one after the other. */
export function addDifferences(a: u32, b: u32): u32 {
  const delta = fold(<u64>a + b);
  return delta == 0xffff ? 0 : delta;
}

/** Applies a difference to the checksum field at `at`; a wrong checksum stays wrong by as much. */
export function update(at: usize, delta: u32): void {
  if (delta == 0) return;
  const sum = ((<u32>load<u16>(at)) ^ 0xffff) + delta;
  store<u16>(at, <u16>(((sum & 0xffff) + (sum >> 16)) ^ 0xffff));
}
