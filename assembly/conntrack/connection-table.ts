// Connections of one family: two tuples each, created and removed together, found by either. The
// entry is the flow cache: what an established packet needs is in its half.
//
//   entry: what is read together lies together, from the beginning of a cache line on
//   ┌ 0 ─────────────┬ 32 or 64 ───┬ 64 or 128 ───────────┐
//   │ original half  │ reply half  │ record of both       │
//   └────────────────┴─────────────┴──────────────────────┘
//   half, 32 bytes (IPv4) or 64 (IPv6); reference = connection x 2 + direction
//   ┌ 0 ──────────────────┬ key ────────────────────────────────────────────┐
//   │ key: FlowKey4 or 6  │ HalfState: checksum differences, route, effects │
//   └─────────────────────┴─────────────────────────────────────────────────┘
//   record, 128 bytes; all that is decided by is in its first line
//   ┌ 0 ──────────────────────────────────┬ 16 ───────────────────────────────────┐ 64
//   │ expiry, service, state, flags, last │ what its protocol remembers, 48 bytes │
//   ├ 64 ─────────────────────────────────┼ 80 ───────────────────────────────────┤ 128
//   │ creation, policy revision, load     │ packets and bytes of each direction   │
//   └─────────────────────────────────────┴───────────────────────────────────────┘

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag } from "../abi/connection";
import { Effect } from "../abi/packet-descriptor";
import { counters } from "../packet/counters";
import { HalfState } from "../packet/half-state";
import { allocate } from "../table/arena";
import { hashWords } from "../table/hash";
import {
  Slots,
  freeSlot,
  isTaken,
  nextTaken,
  openSlots,
  slotAfter,
  takeSlot,
} from "../table/slots";
import {
  TagIndex,
  addReference,
  findReference,
  homeOf,
  keyAt,
  nextInChain,
  openTagIndex,
  pairKeys,
  referenceInChain,
  removeReference,
} from "../table/tag-index";
import { clearWords, copyWords, equalWords } from "../table/words";
import { uncountConnection } from "../packet/loads";
import { isSet } from "../packet/settings";
import { keyBytes } from "../packet/tuple";
import { isActive } from "./activity";

const NEVER: u64 = ~0;
/** In place of a key's last byte, which is zero: no packet has such a key. */
const NO_KEY: u8 = 1;
/** Buckets of the neighbourhood that are looked at for room, about four tuples in each. */
const NEIGHBOURS: u32 = 8;

/** What both directions share. Index 0 is the original direction, 1 the reply. */
@unmanaged
@final
export class Record {
  expiresAtMs: u64;
  service: u32;
  /** A ConnectionState. */
  state: u8;
  /** ConnectionFlag bits. */
  flags: u8;
  /** TCP: what the last segment was, see tcp-record.ts. */
  last: u16;
  /** TcpRecord or SctpRecord; nothing for other protocols. */
  protocol0: v128;
  protocol1: v128;
  protocol2: v128;

  createdAtMs: u64;
  policyRevision: u32;
  /** What packet/loads knows it by; 0 = it is not counted there. */
  load: u32;
  originalPackets: u64;
  originalBytes: u64;
  replyPackets: u64;
  replyBytes: u64;
  zero0: u64;
  zero1: u64;
}

if (offsetof<HalfState>() % 8 != 0 || offsetof<Record>() != 128) {
  ERROR("halves are cleared by whole words, records are two cache lines");
}
/** Bytes that a record has for what its protocol remembers. */
export const PROTOCOL_BYTES: usize =
  offsetof<Record>("createdAtMs") - offsetof<Record>("protocol0");

if (offsetof<Record>("createdAtMs") != 64) ERROR("the second line of a record begins elsewhere");

/** The connections of one family. */
@unmanaged
@final
export class ConnectionTable {
  index: TagIndex;
  slots: Slots;
  /** Of each connection both halves, and behind them its record. */
  entries: usize;
  family: u32;
  keyBytes: u32;
  strideBytes: u32;
  /** Where the record is in an entry. */
  recordAt: u32;
  /** Where the next sweep goes on. */
  cursor: u32;
  seed: u64;
  /** No connection ends before this. */
  earliestMs: u64;
}

/** Makes an empty table. */
export function openConnections(family: u32, capacity: u32, seed: u64): ConnectionTable {
  const table = changetype<ConnectionTable>(allocate(offsetof<ConnectionTable>()));
  table.family = family;
  table.keyBytes = keyBytes(family);
  const halfBytes: u32 = family == 4 ? 32 : 64;
  table.recordAt = 2 * halfBytes;
  table.strideBytes = table.recordAt + offsetof<Record>();
  table.entries = allocate((<u64>capacity + 1) * table.strideBytes);
  table.index = openTagIndex(capacity * 2, table.entries, table.strideBytes, table.keyBytes);
  pairKeys(table.index, halfBytes);
  table.slots = openSlots(capacity);
  table.seed = seed;
  table.earliestMs = NEVER;
  return table;
}

/**
 * Reference of the live half with this key, or 0. An entry whose time is over is taken out and
 * counts as absent, unless entries wait for the sweep.
 */
export function findHalf(table: ConnectionTable, key: usize, nowMs: u64): u32 {
  return findHashed(table, key, hashKey(table, key), nowMs);
}

/** The same, of a key whose hash is known. */
export function findHashed(table: ConnectionTable, key: usize, hash: u64, nowMs: u64): u32 {
  const half = findReference(table.index, key, hash);
  return half == 0 ? 0 : liveHalf(table, half, nowMs);
}

/** The half if its time is not over, or else as `findHalf` has it. */
export function liveHalf(table: ConnectionTable, half: u32, nowMs: u64): u32 {
  if (recordOf(table, half).expiresAtMs > nowMs) return half;
  if (isSet(ConfigFlag.ExpireBySweep)) return half;
  removeConnection(table, half >> 1);
  counters.connectionsExpired++;
  return 0;
}

/** True when this half, which may have been taken out since it was found, has this key. */
export function isHalfOf(table: ConnectionTable, half: u32, key: usize): bool {
  return equalWords(keyOf(table, half), key, table.keyBytes);
}

/** True when a connection has this key, its time over or not. */
export function hasHalf(table: ConnectionTable, key: usize): bool {
  return findReference(table.index, key, hashKey(table, key)) != 0;
}

/**
 * Enters both tuples and gives back the original half, or 0 when there is no room: every connection
 * is live, and none in the neighbourhood is unassured. Neither key may be in the table.
 */
export function createConnection(
  table: ConnectionTable,
  original: usize,
  reply: usize,
  nowMs: u64,
): u32 {
  const hash = hashKey(table, original);
  let connection = takeSlot(table.slots);
  if (connection == 0 && makeRoom(table, hash, nowMs)) connection = takeSlot(table.slots);
  if (connection == 0) return 0;
  const half = connection << 1;
  clearWords(changetype<usize>(recordOf(table, half)), offsetof<Record>());
  enterHalf(table, half, original, hash);
  enterHalf(table, half | 1, reply, hashKey(table, reply));
  recordOf(table, half).createdAtMs = nowMs;
  counters.connectionsCreated++;
  return half;
}

/** Lets a connection live until `endMs`. */
export function keepUntil(table: ConnectionTable, record: Record, endMs: u64): void {
  record.expiresAtMs = endMs;
  table.earliestMs = min(table.earliestMs, endMs);
}

/** Counts a packet of a direction. */
export function countPacketOf(record: Record, direction: u32, bytes: u32): void {
  if (direction == 1) {
    record.replyPackets++;
    record.replyBytes += bytes;
  } else {
    record.originalPackets++;
    record.originalBytes += bytes;
  }
}

/** Takes out both tuples: the only way in which a connection ends. */
export function removeConnection(table: ConnectionTable, connection: u32): void {
  const record = recordOf(table, connection << 1);
  if (record.load != 0) uncountConnection(record.load, isActive(record.state));
  for (let half = connection << 1; half <= ((connection << 1) | 1); half++) {
    removeReference(table.index, hashKey(table, keyOf(table, half)), half);
    store<u8>(keyOf(table, half) + table.keyBytes - 1, NO_KEY);
  }
  freeSlot(table.slots, connection);
}

/** Takes out every connection whose time is over; false if there was none. */
export function removeEnded(table: ConnectionTable, nowMs: u64): bool {
  return table.earliestMs <= nowMs && sweepAll(table, nowMs);
}

/**
 * Looks at the next `limit` slots, taken or free, and takes out the connections whose time is over;
 * returns how many. Over and over, it comes by every slot once in capacity / limit calls.
 */
export function sweepConnections(table: ConnectionTable, nowMs: u64, limit: u32): u32 {
  let expired: u32 = 0;
  for (let left = min(limit, table.slots.fresh - 1); left > 0; left--) {
    table.cursor = slotAfter(table.slots, table.cursor);
    if (!isTaken(table.slots, table.cursor)) continue;
    if (recordOf(table, table.cursor << 1).expiresAtMs > nowMs) continue;
    removeConnection(table, table.cursor);
    expired++;
  }
  counters.connectionsExpired += expired;
  return expired;
}

/** Address of a half's key. */
export function keyOf(table: ConnectionTable, half: u32): usize {
  return keyAt(table.index, half);
}

/** The state of a half. */
export function halfState(table: ConnectionTable, half: u32): HalfState {
  return stateBehind(table, keyOf(table, half));
}

/** The state of the half with the key at this address. */
export function stateBehind(table: ConnectionTable, key: usize): HalfState {
  return changetype<HalfState>(key + table.keyBytes);
}

/** Reads a word of each line of a connection, so that it is near when it is wanted. */
export function readLines(table: ConnectionTable, half: u32): u32 {
  const record = recordOf(table, half);
  return load<u8>(keyOf(table, half)) ^ record.state ^ (<u32>record.replyPackets);
}

/** The record of a half's connection. */
export function recordOf(table: ConnectionTable, half: u32): Record {
  const entry = table.entries + ((<usize>half) >> 1) * table.strideBytes;
  return changetype<Record>(entry + table.recordAt);
}

function enterHalf(table: ConnectionTable, half: u32, key: usize, hash: u64): void {
  copyWords(keyOf(table, half), key, table.keyBytes);
  const state = halfState(table, half);
  clearWords(changetype<usize>(state), offsetof<HalfState>());
  if (half & 1) state.effects = <u8>Effect.ReplyDirection;
  addReference(table.index, hash, half);
}

/**
 * Takes out every connection whose time is over, else gives up the oldest unassured one of the
 * neighbourhood: the tuples that belong to the same bucket as the new one, or to the next ones
 * (Linux nf_conntrack_core.c early_drop). Who is a neighbour follows from the live tuples alone,
 * not from what was there before, so a sweep changes nothing here.
 */
function makeRoom(table: ConnectionTable, hash: u64, nowMs: u64): bool {
  if (removeEnded(table, nowMs)) return true;
  const home = homeOf(table.index, hash);
  let oldest: u32 = 0;
  let looked: u32 = 0;
  while (oldest == 0 && looked < NEIGHBOURS) {
    const bucket = (home + looked) & table.index.mask;
    oldest = oldestUnassured(table, bucket);
    looked++;
  }
  if (oldest == 0) return false;
  removeConnection(table, oldest >> 1);
  counters.connectionsEvicted++;
  return true;
}

/** The oldest unassured connection with a tuple that belongs to a bucket, as a half; 0 = none. */
function oldestUnassured(table: ConnectionTable, bucket: u32): u32 {
  const index = table.index;
  let oldest: u32 = 0;
  let cursor = nextInChain(index, bucket, 0);
  for (; cursor != 0; cursor = nextInChain(index, bucket, cursor)) {
    const half = referenceInChain(index, bucket, cursor);
    if (recordOf(table, half).flags & ConnectionFlag.Assured) continue;
    if (homeOf(index, hashKey(table, keyOf(table, half))) != bucket) continue;
    if (oldest == 0 || isOlder(table, half, oldest)) oldest = half;
  }
  return oldest;
}

/** Of two that are equally old either may be called the older one, but always the same. */
function isOlder(table: ConnectionTable, half: u32, other: u32): bool {
  const a = recordOf(table, half).createdAtMs;
  const b = recordOf(table, other).createdAtMs;
  if (a != b) return a < b;
  return hashKey(table, keyOf(table, half & ~1)) < hashKey(table, keyOf(table, other & ~1));
}

/**
 * Takes out all that have ended, and finds out anew when the next one will; false if there was
 * none.
 */
function sweepAll(table: ConnectionTable, nowMs: u64): bool {
  const before = table.slots.used;
  let earliestMs = NEVER;
  for (
    let number = nextTaken(table.slots, 0);
    number != 0;
    number = nextTaken(table.slots, number)
  ) {
    const endMs = recordOf(table, number << 1).expiresAtMs;
    if (endMs > nowMs) earliestMs = min(earliestMs, endMs);
    else removeConnection(table, number);
  }
  table.earliestMs = earliestMs;
  counters.connectionsExpired += before - table.slots.used;
  return table.slots.used < before;
}

export function hashKey(table: ConnectionTable, key: usize): u64 {
  return hashWords(key, table.keyBytes, table.seed);
}
