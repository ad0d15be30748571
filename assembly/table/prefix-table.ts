// Longest-prefix match over 128-bit addresses: one hash table, and a list of the prefix lengths in
// use, tried from the longest down. Prefixes belong to a scope, so that many small sets share one
// table. Keys are PrefixKey.

import { PrefixKey } from "../abi/route";
import { allocate } from "./arena";
import { HashTable, enterKey, findValue, openHashTable, removeKey } from "./hash-table";

const LENGTHS: usize = 129;
/** IPv4 addresses are the prefix ::ffff:0:0/96: nothing shorter speaks about them. */
const SHORTEST4: i32 = 96;
const MAPPED: u32 = 0xffff0000;

/** A table of prefixes. */
@unmanaged
@final
export class PrefixTable {
  hash: HashTable;
  /** u32 for each length: prefixes of that length. */
  counts: usize;
  /** Lengths in use from 65 to 128: bit 128 - length. */
  long: u64;
  /** Lengths in use from 1 to 64: bit 64 - length. */
  short: u64;
}

const probe = memory.data(24, 8);

/** Makes an empty table with values of `valueBytes`. */
export function openPrefixTable(valueBytes: u32, capacity: u32, seed: u64): PrefixTable {
  const table = changetype<PrefixTable>(allocate(offsetof<PrefixTable>()));
  table.hash = openHashTable(offsetof<PrefixKey>(), valueBytes, capacity, seed);
  table.counts = allocate(LENGTHS << 2);
  return table;
}

/** Address of the value of the longest prefix that contains the address, or 0. */
export function findLongest(table: PrefixTable, scope: u32, high: u64, low: u64): usize {
  const key = changetype<PrefixKey>(probe);
  const shortest = isMapped(high, low) ? SHORTEST4 : 0;
  for (
    let length = nextLength(table, 128);
    length >= shortest;
    length = nextLength(table, length - 1)
  ) {
    key.addressHigh = high & maskHigh(length);
    key.addressLow = low & maskLow(length);
    key.scope = scope;
    key.lengthBits = length;
    const value = findValue(table.hash, probe);
    if (value != 0) return value;
  }
  return 0;
}

/** True when the length is within 128 and no bit beyond it is set. */
export function isPrefix(key: PrefixKey): bool {
  if (key.lengthBits > 128) return false;
  const length = <i32>key.lengthBits;
  return (key.addressHigh & ~maskHigh(length)) == 0 && (key.addressLow & ~maskLow(length)) == 0;
}

/** As `enterKey`. */
export function enterPrefix(table: PrefixTable, key: usize): usize {
  const before = table.hash.slots.used;
  const value = enterKey(table.hash, key);
  if (table.hash.slots.used > before) countLength(table, key, 1);
  return value;
}

/** As `removeKey`. */
export function removePrefix(table: PrefixTable, key: usize): bool {
  if (!removeKey(table.hash, key)) return false;
  countLength(table, key, -1);
  return true;
}

/** The longest length in use that is not above `most`, or -1. */
function nextLength(table: PrefixTable, most: i32): i32 {
  if (most > 64) {
    const left = table.long >> (128 - most);
    if (left != 0) return most - <i32>ctz(left);
    most = 64;
  }
  if (most > 0) {
    const left = table.short >> (64 - most);
    if (left != 0) return most - <i32>ctz(left);
  }
  return most >= 0 && load<u32>(table.counts) != 0 ? 0 : -1;
}

/** Counts a prefix in or out, and notes whether its length is in use. */
function countLength(table: PrefixTable, key: usize, change: i32): void {
  const length = changetype<PrefixKey>(key).lengthBits;
  const at = table.counts + ((<usize>length) << 2);
  const count = load<u32>(at) + change;
  store<u32>(at, count);
  if (length > 64) table.long = withBit(table.long, 128 - length, count != 0);
  else if (length > 0) table.short = withBit(table.short, 64 - length, count != 0);
}

function withBit(bits: u64, bit: u32, isSet: bool): u64 {
  const mask = (<u64>1) << bit;
  return isSet ? bits | mask : bits & ~mask;
}

/** True for an IPv4 address in its 16-byte form. */
export function isMapped(high: u64, low: u64): bool {
  return high == 0 && <u32>low == MAPPED;
}

function maskHigh(length: i32): u64 {
  return length >= 64 ? ~0 : leadingBits(length);
}

function maskLow(length: i32): u64 {
  return length <= 64 ? 0 : leadingBits(length - 64);
}

/** The first `count` bits of 8 bytes in wire order; count is 0 to 64. */
function leadingBits(count: i32): u64 {
  return count == 0 ? 0 : bswap<u64>((<u64>~0) << (64 - count));
}
