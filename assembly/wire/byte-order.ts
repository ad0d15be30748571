// Numbers on a wire are big-endian, memory is little-endian. The dataplane keeps wire order
// wherever it only compares and copies, and swaps where it counts.

/** Wire order to a number, and a number to wire order. */
export function swap16(value: u16): u16 {
  return (value << 8) | (value >> 8);
}

/** Wire order to a number, and a number to wire order. */
export function swap32(value: u32): u32 {
  return (rotl(value, 8) & 0x00ff00ff) | (rotr(value, 8) & 0xff00ff00);
}
