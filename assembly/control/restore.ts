// Enters what another instance knew: the entries of maps `connections`, `fragments` and `loads`.
// What follows from the tuples is worked out anew, so a snapshot holds none of it.

import { Connection, ConnectionFlag } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { Fragment, FragmentFlag } from "../abi/fragment";
import { MapStatus } from "../abi/map";
import { Load, LoadKey } from "../abi/service";
import {
  ConnectionTable,
  PROTOCOL_BYTES,
  Record,
  createConnection,
  halfState,
  hasHalf,
  keepUntil,
  keyOf,
  recordOf,
} from "../conntrack/connection-table";
import { countLoad } from "../conntrack/track";
import { restoreDatagram } from "../fragment/fragments";
import { fillTranslation } from "../nat/translation";
import { decision, openDecision } from "../packet/decision";
import { flagLoad } from "../packet/loads";
import { Packet, clearPacket, single } from "../packet/packet";
import { writeInverse, writeTableKey } from "../packet/tuple";
import { keyArea, valueArea } from "./areas";
import { tableOfKey } from "./connection-map";

const original: usize = memory.data(offsetof<FlowKey6>(), 8);
const reply: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Enters the connection at `keyArea` and `valueArea`. Nobody is given up for it. */
export function restoreConnection(): MapStatus {
  const table = tableOfKey();
  const key = changetype<FlowKey6>(keyArea);
  const value = changetype<Connection>(valueArea);
  writeTableKey(original, key, table.family);
  // A Connection begins with the reply tuple, laid out like a key up to the ports.
  // What comes behind follows from the original direction, like the type of an ICMP answer.
  const behindPorts = table.keyBytes - sizeof<u32>();
  writeInverse(reply, original, table.family);
  const kind = load<u32>(reply + behindPorts);
  writeTableKey(reply, changetype<FlowKey6>(valueArea), table.family);
  store<u32>(reply + behindPorts, kind);
  if (hasHalf(table, original) || hasHalf(table, reply)) return MapStatus.Taken;
  if (table.slots.used == table.slots.capacity) return MapStatus.Full;
  const half = createConnection(table, original, reply, value.createdAtMs);
  fillRecord(table, half, value);
  fillHalf(table, half, value.originalPort);
  fillHalf(table, half | 1, value.replyPort);
  if (value.flags & ConnectionFlag.Counted) recount(table, half, key, value);
  return MapStatus.Ok;
}

/** Restores what a scheduler noted at an endpoint; the counts follow from the connections. */
export function restoreLoad(): MapStatus {
  const key = changetype<LoadKey>(keyArea);
  const flags = changetype<Load>(valueArea).flags;
  if (flags == 0 || (key.clientHigh | key.clientLow) != 0) return MapStatus.Ok;
  return flagLoad(keyArea, flags) ? MapStatus.Ok : MapStatus.Full;
}

/**
 * Restores a datagram that later fragments may still come for. Of one whose first fragment had not
 * come, the fragments that waited stayed behind: it begins anew.
 */
export function restoreFragment(): MapStatus {
  const known = changetype<Fragment>(valueArea);
  if (!(known.flags & FragmentFlag.Settled)) return MapStatus.Ok;
  return restoreDatagram(keyArea, known) ? MapStatus.Ok : MapStatus.Full;
}

function fillRecord(table: ConnectionTable, half: u32, value: Connection): void {
  const record = recordOf(table, half);
  record.originalPackets = value.originalPackets;
  record.originalBytes = value.originalBytes;
  record.replyPackets = value.replyPackets;
  record.replyBytes = value.replyBytes;
  record.service = value.service;
  // It was admitted under the policies of another instance, whose revisions mean nothing here.
  record.policyRevision = 0;
  record.state = value.state;
  record.last = value.last;
  const remembered = changetype<usize>(record) + offsetof<Record>("protocol0");
  memory.copy(remembered, valueArea + offsetof<Connection>("protocol0"), PROTOCOL_BYTES);
  record.flags = value.flags & ~(<u8>(ConnectionFlag.Counted | ConnectionFlag.ClientCounted));
  keepUntil(table, record, value.expiresAtMs);
}

function fillHalf(table: ConnectionTable, half: u32, outPort: u16): void {
  const state = halfState(table, half);
  fillTranslation(state, table.family, keyOf(table, half), keyOf(table, half ^ 1));
  // Shown only: a direction that no route was looked up for is routed with its next packet.
  state.outPort = outPort;
}

/** Counts the connection as its first packet did. */
function recount(table: ConnectionTable, half: u32, key: FlowKey6, value: Connection): void {
  clearPacket(single);
  dial(single, key);
  openDecision(single, 0);
  decision.destinationHigh = value.replySourceHigh;
  decision.destinationLow = value.replySourceLow;
  decision.destinationPort = value.replySourcePort;
  decision.isClientCounted = (value.flags & ConnectionFlag.ClientCounted) != 0;
  countLoad(recordOf(table, half), single, decision);
}

/** Gives a packet the tuple of a key. */
function dial(packet: Packet, key: FlowKey6): void {
  packet.sourceHigh = key.sourceHigh;
  packet.sourceLow = key.sourceLow;
  packet.destinationHigh = key.destinationHigh;
  packet.destinationLow = key.destinationLow;
  packet.sourcePort = key.sourcePort;
  packet.destinationPort = key.destinationPort;
  packet.protocol = key.protocol;
}
