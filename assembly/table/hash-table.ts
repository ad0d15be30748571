// Hash table of fixed capacity: keys of whole words to values, entries in one array. An entry is
// its key followed by its value.

import { allocate } from "./arena";
import { hashWords } from "./hash";
import { Slots, freeSlot, nextTaken, openSlots, takeSlot } from "./slots";
import { TagIndex, addReference, findReference, openTagIndex, removeReference } from "./tag-index";
import { clearWords, copyWords } from "./words";

/** A table; every entry lies at `entries + number * (keyBytes + valueBytes)`. */
@unmanaged
@final
export class HashTable {
  index: TagIndex;
  slots: Slots;
  entries: usize;
  keyBytes: u32;
  valueBytes: u32;
  seed: u64;
}

/** Makes an empty table. Key and value sizes are multiples of 8. */
export function openHashTable(keyBytes: u32, valueBytes: u32, capacity: u32, seed: u64): HashTable {
  assert(((keyBytes | valueBytes) & 7) == 0, "keys and values are whole words");
  const table = changetype<HashTable>(allocate(offsetof<HashTable>()));
  const stride = keyBytes + valueBytes;
  table.entries = allocate((<u64>capacity + 1) * stride);
  table.index = openTagIndex(capacity, table.entries, stride, keyBytes);
  table.slots = openSlots(capacity);
  table.keyBytes = keyBytes;
  table.valueBytes = valueBytes;
  table.seed = seed;
  return table;
}

/** Address of the value under this key, or 0. */
export function findValue(table: HashTable, key: usize): usize {
  const number = findReference(table.index, key, hashOf(table, key));
  return number == 0 ? 0 : entryAt(table, number) + table.keyBytes;
}

/**
 * Address of the value under this key, entered with a zeroed value if it was not there; 0 when the
 * table is full.
 */
export function enterKey(table: HashTable, key: usize): usize {
  const hash = hashOf(table, key);
  let number = findReference(table.index, key, hash);
  if (number == 0) {
    number = takeSlot(table.slots);
    if (number == 0) return 0;
    const entry = entryAt(table, number);
    copyWords(entry, key, table.keyBytes);
    clearWords(entry + table.keyBytes, table.valueBytes);
    addReference(table.index, hash, number);
  }
  return entryAt(table, number) + table.keyBytes;
}

/** Takes out the entry under this key; false if there is none. */
export function removeKey(table: HashTable, key: usize): bool {
  const hash = hashOf(table, key);
  const number = findReference(table.index, key, hash);
  if (number == 0) return false;
  removeReference(table.index, hash, number);
  freeSlot(table.slots, number);
  return true;
}

/** Number of the first entry after entry `cursor` (0 = the beginning), or 0 at the end. */
export function nextEntry(table: HashTable, cursor: u32): u32 {
  return nextTaken(table.slots, cursor);
}

/** Address of an entry: its key, then its value. */
export function entryAt(table: HashTable, number: u32): usize {
  return table.entries + <usize>number * (table.keyBytes + table.valueBytes);
}

function hashOf(table: HashTable, key: usize): u64 {
  return hashWords(key, table.keyBytes, table.seed);
}
