// Hash table whose entries end by themselves. A value begins with the time it ends at; an entry
// whose time is over is absent, whether or not a sweep has been there.

import { allocate } from "./arena";
import {
  HashTable,
  enterKey,
  entryAt,
  findValue,
  nextEntry,
  openHashTable,
  removeKey,
} from "./hash-table";
import { isTaken, slotAfter } from "./slots";

const NEVER: u64 = ~0;

/** A table. */
@unmanaged
@final
export class ExpiringTable {
  hash: HashTable;
  /** No entry ends before this. */
  earliestMs: u64;
  /** Where the next sweep goes on. */
  cursor: u32;
}

/** Makes an empty table; `valueBytes` count the time at the front. */
export function openExpiringTable(
  keyBytes: u32,
  valueBytes: u32,
  capacity: u32,
  seed: u64,
): ExpiringTable {
  const table = changetype<ExpiringTable>(allocate(offsetof<ExpiringTable>()));
  table.hash = openHashTable(keyBytes, valueBytes, capacity, seed);
  table.earliestMs = NEVER;
  return table;
}

/** Address of the live value under this key, or 0. */
export function findLive(table: ExpiringTable, key: usize, nowMs: u64): usize {
  const value = findValue(table.hash, key);
  return value != 0 && load<u64>(value) > nowMs ? value : 0;
}

/**
 * Address of the value under this key, to end at `endMs`; 0 when the table is full of live entries.
 */
export function enterLive(table: ExpiringTable, key: usize, nowMs: u64, endMs: u64): usize {
  let value = enterKey(table.hash, key);
  if (value == 0 && table.earliestMs <= nowMs) {
    sweepAll(table, nowMs);
    value = enterKey(table.hash, key);
  }
  if (value == 0) return 0;
  store<u64>(value, endMs);
  table.earliestMs = min(table.earliestMs, endMs);
  return value;
}

/**
 * Looks at the next `limit` slots, taken or free, and takes out the entries that have ended;
 * returns how many.
 */
export function sweepTable(table: ExpiringTable, nowMs: u64, limit: u32): u32 {
  const slots = table.hash.slots;
  let ended: u32 = 0;
  for (let left = min(limit, slots.fresh - 1); left > 0; left--) {
    table.cursor = slotAfter(slots, table.cursor);
    if (!isTaken(slots, table.cursor)) continue;
    const entry = entryAt(table.hash, table.cursor);
    if (load<u64>(entry + table.hash.keyBytes) > nowMs) continue;
    removeKey(table.hash, entry);
    ended++;
  }
  return ended;
}

/** Takes out all that have ended, and finds out anew when the next one will. */
function sweepAll(table: ExpiringTable, nowMs: u64): void {
  let earliestMs = NEVER;
  for (let number = nextEntry(table.hash, 0); number != 0; number = nextEntry(table.hash, number)) {
    const entry = entryAt(table.hash, number);
    const endMs = load<u64>(entry + table.hash.keyBytes);
    if (endMs > nowMs) earliestMs = min(earliestMs, endMs);
    else removeKey(table.hash, entry);
  }
  table.earliestMs = earliestMs;
}
