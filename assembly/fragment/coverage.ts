// Which bytes of a datagram are there: one bit for each unit of 8 bytes, since all fragments begin
// on one (RFC 791, section 3.2).

import { allocate } from "../table/arena";

/** Units of the largest datagram. */
export const UNITS_MAX: u32 = 65536 / 8;
/** One bit each. */
const COVERAGE_BYTES: u32 = UNITS_MAX / 8;

let coverages: usize = 0;

/** Makes room for so many datagrams, numbered from 1. */
export function openCoverage(capacity: u32): void {
  coverages = allocate((<u64>capacity + 1) * COVERAGE_BYTES);
}

/** Nothing of datagram `number` is there yet. */
export function clearCoverage(number: u32): void {
  memory.fill(coverages + <usize>number * COVERAGE_BYTES, 0, COVERAGE_BYTES);
}

/**
 * Marks the units from `first` up to, not including, `end` as there; returns how many of them were
 * there before. There is at least one.
 */
export function cover(number: u32, first: u32, end: u32): u32 {
  const bits = coverages + <usize>number * COVERAGE_BYTES;
  const last = end - 1;
  let before: u32 = 0;
  for (let word = first >> 6; word <= last >> 6; word++) {
    let mask = ~(<u64>0);
    if (word == first >> 6) mask <<= first & 63;
    if (word == last >> 6) mask &= ~(<u64>0) >> (63 - (last & 63));
    const at = bits + ((<usize>word) << 3);
    before += <u32>popcnt(load<u64>(at) & mask);
    store<u64>(at, load<u64>(at) | mask);
  }
  return before;
}
