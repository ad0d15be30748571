// Connections of one family: two tuples each, created and removed together, found by either. The
// entry is the flow cache: what an established packet needs is in its half.
//
//   half, 32 bytes (IPv4) or 64 (IPv6); reference = connection x 2 + direction
//   ┌ 0 ──────────────────┬ key ───────────────────────────────────────────────┐
//   │ key: FlowKey4 or 6  │ HalfState: checksum differences, port it leaves by │
//   └─────────────────────┴────────────────────────────────────────────────────┘
//   record, 64 bytes, one for both halves: state, expiry, counts

import { ConnectionFlag } from "../abi/connection";
import { counters } from "../packet/counters";
import { allocate } from "../table/arena";
import { hashWords } from "../table/hash";
import { Slots, freeSlot, nextTaken, openSlots, takeSlot } from "../table/slots";
import {
  TagIndex,
  addReference,
  findReference,
  neighbour,
  openTagIndex,
  removeReference,
} from "../table/tag-index";
import { clearWords, copyWords } from "../table/words";
import { uncountConnection } from "../packet/loads";
import { addressBytes, keyBytes } from "../packet/tuple";
import { isActive } from "./activity";

const NEVER: u64 = ~0;
/** Slots of the neighbourhood that are looked at for room. */
const NEIGHBOURS: u32 = 8;

/** One direction's part of the flow cache, behind the key. */
@unmanaged
@final
export class HalfState {
  /** What to add to the IPv4 header checksum, for the addresses. */
  networkDelta: u16;
  /** What to add to the transport checksum. */
  transportDelta: u16;
  /** Port this direction leaves by. */
  outPort: u16;
  /** Port it came in by. */
  inPort: u16;
  /** Config.routeRevision under which it was routed; 0 = never yet. */
  routeRevision: u32;
  /** Effect bits: what this direction translates. */
  effects: u8;
  zero0: u8;
  zero1: u16;
}

/** What both directions share. Index 0 is the original direction, 1 the reply. */
@unmanaged
@final
export class Record {
  expiresAtMs: u64;
  createdAtMs: u64;
  originalPackets: u64;
  replyPackets: u64;
  originalBytes: u64;
  replyBytes: u64;
  service: u32;
  policyRevision: u32;
  /** A ConnectionState. */
  state: u8;
  /** ConnectionFlag bits. */
  flags: u8;
  zero0: u16;
  /** What packet/loads knows it by; 0 = it is not counted there. */
  load: u32;
}

if (offsetof<HalfState>() % 8 != 0 || offsetof<Record>() % 8 != 0) {
  ERROR("halves and records are cleared by whole words");
}

/** The connections of one family. */
@unmanaged
@final
export class ConnectionTable {
  index: TagIndex;
  slots: Slots;
  halves: usize;
  records: usize;
  family: u32;
  keyBytes: u32;
  strideBytes: u32;
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
  table.strideBytes = family == 4 ? 32 : 64;
  table.halves = allocate((<u64>capacity + 1) * 2 * table.strideBytes);
  table.records = allocate((<u64>capacity + 1) * offsetof<Record>());
  table.index = openTagIndex(capacity * 2, table.halves, table.strideBytes, table.keyBytes);
  table.slots = openSlots(capacity);
  table.seed = seed;
  table.earliestMs = NEVER;
  return table;
}

/**
 * Reference of the live half with this key, or 0. An entry whose time is over is taken out and
 * counts as absent.
 */
export function findHalf(table: ConnectionTable, key: usize, nowMs: u64): u32 {
  const half = findReference(table.index, key, hashKey(table, key));
  if (half == 0 || recordOf(table, half).expiresAtMs > nowMs) return half;
  removeConnection(table, half >> 1);
  counters.connectionsExpired++;
  return 0;
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
export function keepUntil(table: ConnectionTable, half: u32, endMs: u64): void {
  recordOf(table, half).expiresAtMs = endMs;
  table.earliestMs = min(table.earliestMs, endMs);
}

/** Takes out both tuples: the only way in which a connection ends. */
export function removeConnection(table: ConnectionTable, connection: u32): void {
  const record = recordOf(table, connection << 1);
  if (record.load != 0) {
    uncountConnection(record.load, isActive(protocolOf(table, connection << 1), record.state));
  }
  for (let half = connection << 1; half <= ((connection << 1) | 1); half++) {
    removeReference(table.index, hashKey(table, keyOf(table, half)), half);
  }
  freeSlot(table.slots, connection);
}

/** Takes out every connection whose time is over; false if there was none. */
export function removeEnded(table: ConnectionTable, nowMs: u64): bool {
  return table.earliestMs <= nowMs && sweepAll(table, nowMs);
}

/** Looks at up to `limit` connections and takes out those whose time is over; returns how many. */
export function sweepConnections(table: ConnectionTable, nowMs: u64, limit: u32): u32 {
  let expired: u32 = 0;
  for (let looked: u32 = 0; looked < limit; looked++) {
    table.cursor = nextTaken(table.slots, table.cursor);
    if (table.cursor == 0) break;
    if (recordOf(table, table.cursor << 1).expiresAtMs > nowMs) continue;
    removeConnection(table, table.cursor);
    expired++;
  }
  counters.connectionsExpired += expired;
  return expired;
}

/** Address of a half's key. */
export function keyOf(table: ConnectionTable, half: u32): usize {
  return table.halves + <usize>half * table.strideBytes;
}

/** The state behind a half's key. */
export function halfState(table: ConnectionTable, half: u32): HalfState {
  return changetype<HalfState>(keyOf(table, half) + table.keyBytes);
}

/** The record of a half's connection. */
export function recordOf(table: ConnectionTable, half: u32): Record {
  return changetype<Record>(table.records + <usize>(half >> 1) * offsetof<Record>());
}

function protocolOf(table: ConnectionTable, half: u32): u8 {
  return load<u8>(keyOf(table, half) + addressBytes(table.family), 4);
}

function enterHalf(table: ConnectionTable, half: u32, key: usize, hash: u64): void {
  copyWords(keyOf(table, half), key, table.keyBytes);
  clearWords(changetype<usize>(halfState(table, half)), offsetof<HalfState>());
  addReference(table.index, hash, half);
}

/**
 * Takes out every connection whose time is over, else gives up an unassured one of the
 * neighbourhood.
 */
function makeRoom(table: ConnectionTable, hash: u64, nowMs: u64): bool {
  if (removeEnded(table, nowMs)) return true;
  for (let slot: u32 = 0; slot < NEIGHBOURS; slot++) {
    const half = neighbour(table.index, hash, slot);
    if (half == 0 || recordOf(table, half).flags & ConnectionFlag.Assured) continue;
    removeConnection(table, half >> 1);
    counters.connectionsEvicted++;
    return true;
  }
  return false;
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

function hashKey(table: ConnectionTable, key: usize): u64 {
  return hashWords(key, table.keyBytes, table.seed);
}
