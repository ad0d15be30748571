// The two checksums of the internet's transports, computed from scratch: the ones' complement sum
// (RFC 1071) and SCTP's CRC32c (RFC 9260, appendix A). Knows byte ranges only, not where headers
// are.

/**
 * Sums 16-bit words in network byte order; `carry` is an earlier sum, an odd last byte counts as a
 * high byte.
 */
export function sumWords(bytes: Uint8Array, start: number, end: number, carry = 0): number {
  let sum = carry;
  for (let at = start; at < end; at += 2) {
    sum += (bytes[at]! << 8) | (at + 1 < end ? bytes[at + 1]! : 0);
  }
  return sum;
}

/**
 * Folds a sum of words to its 16-bit complement: 0 over a range that includes its own correct
 * checksum.
 */
export function foldToChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded & 0xffff);
  return ~folded & 0xffff;
}

const CRC32C_POLYNOMIAL_REVERSED = 0x82f63b78;

const crc32cTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = (remainder >>> 1) ^ (remainder & 1 ? CRC32C_POLYNOMIAL_REVERSED : 0);
  }
  return remainder;
});

/** CRC32c of a range; SCTP stores it little-endian, computed with its own field zero. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ crc32cTable[(crc ^ bytes[at]!) & 0xff]!;
  }
  return ~crc >>> 0;
}
