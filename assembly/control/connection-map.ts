// Map `connections`: live connections of both families as one map with one key width. Cursors: IPv4
// connections are numbered first, those of IPv6 follow.

import { Connection } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { MapStatus } from "../abi/map";
import {
  ConnectionTable,
  PROTOCOL_BYTES,
  Record,
  halfState,
  keyOf,
  recordOf,
  removeConnection,
} from "../conntrack/connection-table";
import { connectionsOf } from "../conntrack/track";
import { counters } from "../packet/counters";
import { writeHostKey, writeTableKey } from "../packet/tuple";
import { hashWords } from "../table/hash";
import { isMapped } from "../table/prefix-table";
import { nextTaken } from "../table/slots";
import { findReference } from "../table/tag-index";
import { keyArea, valueArea } from "./areas";

const narrowKey: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Looks the original tuple at `keyArea` up. */
export function lookUpConnection(): MapStatus {
  const table = tableOfKey();
  const half = findOriginal(table);
  if (half == 0) return MapStatus.NotFound;
  writeConnection(table, half);
  return MapStatus.Ok;
}

/** Forgets the connection whose original tuple is at `keyArea`. */
export function deleteConnection(): MapStatus {
  const table = tableOfKey();
  const half = findOriginal(table);
  if (half == 0) return MapStatus.NotFound;
  removeConnection(table, half >> 1);
  counters.connectionsRemoved++;
  return MapStatus.Ok;
}

/** Writes the connection after `cursor` to the areas; returns its cursor, or 0 at the end. */
export function nextConnection(cursor: u32): u32 {
  const first = connectionsOf(4);
  const split = first.slots.capacity;
  if (cursor <= split) {
    const connection = cursor == split ? 0 : nextTaken(first.slots, cursor);
    if (connection != 0) return writeEntry(first, connection, connection);
    cursor = split;
  }
  const second = connectionsOf(6);
  const connection = nextTaken(second.slots, cursor - split);
  return connection == 0 ? 0 : writeEntry(second, connection, split + connection);
}

function writeEntry(table: ConnectionTable, connection: u32, cursor: u32): u32 {
  const half = connection << 1;
  writeHostKey(changetype<FlowKey6>(keyArea), keyOf(table, half), table.family);
  writeConnection(table, half);
  return cursor;
}

/** The table of the family that the tuple at `keyArea` is of. */
export function tableOfKey(): ConnectionTable {
  const key = changetype<FlowKey6>(keyArea);
  const is4 = isMapped(key.sourceHigh, key.sourceLow);
  return connectionsOf(is4 ? 4 : 6);
}

/** The original half with the tuple at `keyArea`. */
function findOriginal(table: ConnectionTable): u32 {
  writeTableKey(narrowKey, changetype<FlowKey6>(keyArea), table.family);
  const hash = hashWords(narrowKey, table.keyBytes, table.seed);
  const half = findReference(table.index, narrowKey, hash);
  return half & 1 ? 0 : half;
}

function writeConnection(table: ConnectionTable, half: u32): void {
  const record = recordOf(table, half);
  // A Connection begins with the reply tuple, laid out like a key up to the ports.
  writeHostKey(changetype<FlowKey6>(valueArea), keyOf(table, half | 1), table.family);
  const value = changetype<Connection>(valueArea);
  value.state = record.state;
  value.flags = record.flags;
  value.last = record.last;
  value.expiresAtMs = record.expiresAtMs;
  value.createdAtMs = record.createdAtMs;
  value.originalPackets = record.originalPackets;
  value.originalBytes = record.originalBytes;
  value.replyPackets = record.replyPackets;
  value.replyBytes = record.replyBytes;
  value.service = record.service;
  value.policyRevision = record.policyRevision;
  value.originalPort = halfState(table, half).outPort;
  value.replyPort = halfState(table, half | 1).outPort;
  const remembered = changetype<usize>(record) + offsetof<Record>("protocol0");
  memory.copy(valueArea + offsetof<Connection>("protocol0"), remembered, PROTOCOL_BYTES);
  value.zero0 = 0;
}
