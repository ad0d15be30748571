// Connection tracking: which connection a packet belongs to, and what it does to that connection's
// state.

import { ConnectionFlag, ConnectionState, Timeout } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { Decision } from "../packet/decision";
import { countConnection, moveConnection } from "../packet/loads";
import { Packet } from "../packet/packet";
import { writeInverse, writeTuple } from "../packet/tuple";
import { clearWords } from "../table/words";
import { IcmpKind, isIcmp, isQuery } from "../wire/icmp";
import { NO_NEXT_HEADER } from "../wire/ipv6";
import { SCTP, TCP, UDP } from "../wire/transport";
import { isActive } from "./activity";
import {
  ConnectionTable,
  Record,
  countPacketOf,
  findHalf,
  findHashed,
  hashKey,
  isHalfOf,
  keepUntil,
  liveHalf,
  openConnections,
  recordOf,
} from "./connection-table";
import { lifetimeMs } from "./lifetime";
import { Progress } from "./progress";
import { advanceSctp, openSctp } from "./sctp";
import { advanceTcp, openTcp, tcpLifetimeMs } from "./tcp";
import { INVALID } from "./tcp-state";

/**
 * A UDP connection that is answered and older than this is a stream (Linux
 * nf_conntrack_proto_udp.c).
 */
const UDP_STREAM_AGE_MS: u64 = 2000;

/** The record of the connection that the current packet opens, after `openingState`. */
const opening = changetype<Record>(memory.data(offsetof<Record>(), 16));

let connections4 = changetype<ConnectionTable>(0);
let connections6 = changetype<ConnectionTable>(0);

/** The current packet's tuple, in its family's width, after `findConnection`. */
export const tuple: usize = memory.data(offsetof<FlowKey6>(), 8);

const quotedTuple: usize = memory.data(offsetof<FlowKey6>(), 8);

/** Makes both connection tables. */
export function openTracking(capacity4: u32, capacity6: u32, seed: u64): void {
  connections4 = openConnections(4, capacity4, seed);
  connections6 = openConnections(6, capacity6, seed);
}

/** The connections of a family. */
export function connectionsOf(family: u32): ConnectionTable {
  return family == 4 ? connections4 : connections6;
}

/** The half whose direction the packet travels in, or 0. */
export function findConnection(packet: Packet): u32 {
  const table = connectionsOf(packet.family);
  writeTuple(tuple, packet);
  if (packet.half != 0 && isHalfOf(table, packet.half, tuple)) {
    return liveHalf(table, packet.half, packet.timeMs);
  }
  const hash = packet.hash == 0 ? hashKey(table, tuple) : packet.hash;
  return findHashed(table, tuple, hash, packet.timeMs);
}

/**
 * The half whose direction an ICMP error travels in: opposite to the packet it quotes. 0 if that
 * one is unknown, or has no opposite, or the error goes to somebody who did not send it (Linux
 * nf_conntrack_inet_error).
 */
export function findRelated(packet: Packet, quote: Packet): u32 {
  const goesBack =
    packet.destinationHigh == quote.sourceHigh && packet.destinationLow == quote.sourceLow;
  const hasOpposite = !isIcmp(quote.protocol) || isQuery(quote.icmpKind);
  if (quote.isLaterFragment || !hasOpposite || !goesBack) return 0;
  writeTuple(quotedTuple, quote);
  writeInverse(tuple, quotedTuple, packet.family);
  return findHalf(connectionsOf(packet.family), tuple, packet.timeMs);
}

/** The state in which this packet opens a connection, or INVALID if it cannot. */
export function openingState(packet: Packet): u8 {
  clearWords(changetype<usize>(opening), offsetof<Record>());
  opening.state = <u8>ConnectionState.Unreplied;
  const protocol = packet.protocol;
  let isOpening = true;
  if (protocol == TCP) isOpening = openTcp(opening, packet);
  else if (protocol == SCTP) isOpening = openSctp(opening, packet);
  else if (isIcmp(protocol)) isOpening = packet.icmpKind == IcmpKind.Request;
  else if (protocol == NO_NEXT_HEADER) isOpening = packet.family == 4;
  return isOpening ? opening.state : INVALID;
}

/** Moves the connection on, unless the packet is invalid or reopens it, and counts the packet. */
export function advance(table: ConnectionTable, half: u32, packet: Packet): Progress {
  const record = recordOf(table, half);
  const direction = half & 1;
  const before = record.state;
  const progress = advanceState(record, direction, packet);
  if (record.load != 0 && record.state != before) moveLoad(record, before);
  if (progress == Progress.Valid) {
    keepUntil(table, record, packet.timeMs + lifeMs(record, packet));
    countPacketOf(record, direction, packet.networkBytes);
  } else if (progress == Progress.Invalid) {
    // Its life may have been cut short.
    keepUntil(table, record, record.expiresAtMs);
  }
  const isHeard = progress == Progress.Valid || progress == Progress.Ignored;
  if (direction == 1 && isHeard) record.flags |= <u8>ConnectionFlag.SeenReply;
  return progress;
}

function advanceState(record: Record, direction: u32, packet: Packet): Progress {
  if (!packet.isLaterFragment) {
    if (packet.protocol == TCP) return advanceTcp(record, direction, packet);
    if (packet.protocol == SCTP) return advanceSctp(record, direction, packet);
  }
  const isAnswer = direction == 1 && record.state == ConnectionState.Unreplied;
  if (isAnswer) record.state = <u8>ConnectionState.Replied;
  if (packet.protocol == UDP && isStream(record, packet)) {
    record.flags |= <u8>ConnectionFlag.Assured;
  }
  return Progress.Valid;
}

/** Counts a new connection for the front-end and the endpoint it goes to, until it is removed. */
export function countLoad(record: Record, packet: Packet, decision: Decision): void {
  record.load = countConnection(packet, decision, isActive(record.state));
  if (record.load == 0) return;
  record.flags |= <u8>ConnectionFlag.Counted;
  if (decision.isClientCounted) record.flags |= <u8>ConnectionFlag.ClientCounted;
}

function moveLoad(record: Record, before: u8): void {
  const isNow = isActive(record.state);
  if (isNow != isActive(before)) moveConnection(record.load, isNow);
}

/** Gives a new connection, by its original half, what `openingState` found; counts its packet. */
export function begin(table: ConnectionTable, half: u32, packet: Packet): void {
  const record = recordOf(table, half);
  record.state = opening.state;
  record.last = opening.last;
  record.protocol0 = opening.protocol0;
  record.protocol1 = opening.protocol1;
  record.protocol2 = opening.protocol2;
  keepUntil(table, record, packet.timeMs + lifeMs(record, packet));
  countPacketOf(record, 0, packet.networkBytes);
}

/** How long a connection lives after a valid packet. */
function lifeMs(record: Record, packet: Packet): u64 {
  const protocol = packet.protocol;
  if (protocol == TCP) return tcpLifetimeMs(record);
  if (protocol == UDP) {
    return lifetimeMs(isStream(record, packet) ? Timeout.UdpStream : Timeout.Udp);
  }
  if (protocol == SCTP) {
    return lifetimeMs(Timeout.SctpClosed + record.state - ConnectionState.SctpClosed);
  }
  return lifetimeMs(isIcmp(protocol) ? Timeout.Icmp : Timeout.Other);
}

/** Answered before this packet, and still going on after two seconds. */
export function isStream(record: Record, packet: Packet): bool {
  const isAnswered = (record.flags & ConnectionFlag.SeenReply) != 0;
  return isAnswered && packet.timeMs > record.createdAtMs + UDP_STREAM_AGE_MS;
}
