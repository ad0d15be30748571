// Array of values under the numbers 0 to capacity - 1. A value of zeroes is an absent one.

import { allocate } from "./arena";

/** An array. */
@unmanaged
@final
export class ArrayTable {
  values: usize;
  valueBytes: u32;
  capacity: u32;
}

/** Makes an array of zeroed values. */
export function openArrayTable(valueBytes: u32, capacity: u32): ArrayTable {
  const table = changetype<ArrayTable>(allocate(offsetof<ArrayTable>()));
  table.values = allocate(<u64>capacity * valueBytes);
  table.valueBytes = valueBytes;
  table.capacity = capacity;
  return table;
}

/** Address of a value; 0 when the number is outside the array. */
export function findElement(table: ArrayTable, number: u32): usize {
  return number < table.capacity ? table.values + <usize>number * table.valueBytes : 0;
}

/** True when some byte of the value is not zero. */
export function isPresent(table: ArrayTable, number: u32): bool {
  let bits: u64 = 0;
  const value = findElement(table, number);
  for (let at: u32 = 0; at < table.valueBytes; at += 8) bits |= load<u64>(value + at);
  return bits != 0;
}
