// Connection tracking: which connection a packet belongs to, and what it does to that connection's
// state.

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag, ConnectionState, Timeout } from "../abi/connection";
import { FlowKey6 } from "../abi/flow-key";
import { Decision } from "../packet/decision";
import { countConnection, moveConnection } from "../packet/loads";
import { isSet } from "../packet/settings";
import { Packet } from "../packet/packet";
import { writeInverse, writeTuple } from "../packet/tuple";
import { IcmpKind } from "../wire/icmp";
import { TCP, UDP } from "../wire/transport";
import {
  ConnectionTable,
  Record,
  findHalf,
  keepUntil,
  openConnections,
  recordOf,
} from "./connection-table";
import { isActive } from "./activity";
import { lifetimeMs, timeoutOf } from "./lifetime";
import { areFlagsSane } from "./tcp-flags";
import { IGNORED, INVALID, nextTcpState } from "./tcp-state";

/**
 * A UDP connection that is answered and older than this is a stream (Linux
 * nf_conntrack_proto_udp.c).
 */
const UDP_STREAM_AGE_MS: u64 = 2000;

/** What a packet means to its connection. */
export enum Progress {
  /** It belongs to it. */
  Valid,
  /** It passes, but neither moves the connection nor keeps it alive. */
  Ignored,
  /** It does not, and nothing changed. */
  Invalid,
  /** It begins the connection anew: the old one is to be forgotten. */
  Reopens,
}

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
  writeTuple(tuple, packet);
  return findHalf(connectionsOf(packet.family), tuple, packet.timeMs);
}

/**
 * The half whose direction an ICMP error travels in: opposite to the packet it quotes. 0 if that
 * one is unknown, or the error goes to somebody who did not send it (Linux
 * nf_conntrack_inet_error).
 */
export function findRelated(packet: Packet, quote: Packet): u32 {
  const goesBack =
    packet.destinationHigh == quote.sourceHigh && packet.destinationLow == quote.sourceLow;
  if (quote.isLaterFragment || !goesBack) return 0;
  writeTuple(quotedTuple, quote);
  writeInverse(tuple, quotedTuple, packet.family);
  return findHalf(connectionsOf(packet.family), tuple, packet.timeMs);
}

/** The state in which this packet opens a connection, or INVALID if it cannot. */
export function openingState(packet: Packet): u8 {
  if (packet.protocol == TCP && !packet.isLaterFragment) {
    if (!areFlagsSane(packet.tcpFlags)) return INVALID;
    const state = nextTcpState(<u8>ConnectionState.None, 0, packet.tcpFlags);
    const isPickup = state == ConnectionState.Established;
    return isPickup && !isSet(ConfigFlag.LoosePickup) ? INVALID : state;
  }
  const isAnswer = packet.icmpKind == IcmpKind.Answer;
  return isAnswer ? INVALID : <u8>ConnectionState.Unreplied;
}

/** Moves the connection on, unless the packet is invalid or reopens it, and counts the packet. */
export function advance(table: ConnectionTable, half: u32, packet: Packet): Progress {
  const record = recordOf(table, half);
  const direction = half & 1;
  const before = record.state;
  const isSegment = packet.protocol == TCP && !packet.isLaterFragment;
  const progress = isSegment ? advanceTcp(record, direction, packet.tcpFlags) : Progress.Valid;
  if (progress == Progress.Invalid || progress == Progress.Reopens) return progress;
  if (direction == 1) {
    record.flags |= <u8>ConnectionFlag.SeenReply;
    if (before == ConnectionState.Unreplied) record.state = <u8>ConnectionState.Replied;
  }
  if (progress == Progress.Ignored) return progress;
  assure(record, packet, before);
  refresh(table, half, packet);
  count(record, direction, packet.networkBytes);
  if (record.load != 0 && record.state != before) moveLoad(record, packet.protocol, before);
  return progress;
}

function advanceTcp(record: Record, direction: u32, flags: u8): Progress {
  if (!areFlagsSane(flags)) return Progress.Invalid;
  const next = nextTcpState(record.state, direction, flags);
  if (next == INVALID) return Progress.Invalid;
  if (next == IGNORED) return Progress.Ignored;
  const isOver = record.state == ConnectionState.TimeWait || record.state == ConnectionState.Close;
  if (next == ConnectionState.SynSent && isOver) return Progress.Reopens;
  record.state = next;
  return Progress.Valid;
}

/** Counts a new connection for the front-end and the endpoint it goes to, until it is removed. */
export function countLoad(record: Record, packet: Packet, decision: Decision): void {
  record.load = countConnection(packet, decision, isActive(packet.protocol, record.state));
  if (record.load == 0) return;
  record.flags |= <u8>ConnectionFlag.Counted;
  if (decision.isClientCounted) record.flags |= <u8>ConnectionFlag.ClientCounted;
}

function moveLoad(record: Record, protocol: u8, before: u8): void {
  const isNow = isActive(protocol, record.state);
  if (isNow != isActive(protocol, before)) moveConnection(record.load, isNow);
}

/** Sets the first state of a connection and counts its first packet. */
export function begin(table: ConnectionTable, half: u32, packet: Packet, state: u8): void {
  const record = recordOf(table, half);
  record.state = state;
  refresh(table, half, packet);
  count(record, half & 1, packet.networkBytes);
}

/** TCP: the handshake is complete. Others: answered; UDP: and still going on after two seconds. */
function assure(record: Record, packet: Packet, before: u8): void {
  if (!(record.flags & ConnectionFlag.SeenReply)) return;
  if (packet.protocol == TCP) {
    const wasOpen = before == ConnectionState.SynReceived || before == ConnectionState.Established;
    if (!wasOpen || record.state != ConnectionState.Established) return;
  } else if (packet.protocol == UDP && !isStream(record, packet)) {
    return;
  }
  record.flags |= <u8>ConnectionFlag.Assured;
}

function refresh(table: ConnectionTable, half: u32, packet: Packet): void {
  const record = recordOf(table, half);
  let timeout = timeoutOf(packet.protocol, record.state);
  if (timeout == Timeout.UdpStream && !isStream(record, packet)) timeout = Timeout.Udp;
  keepUntil(table, half, packet.timeMs + lifetimeMs(timeout));
}

function isStream(record: Record, packet: Packet): bool {
  return packet.timeMs > record.createdAtMs + UDP_STREAM_AGE_MS;
}

function count(record: Record, direction: u32, bytes: u32): void {
  if (direction == 0) {
    record.originalPackets++;
    record.originalBytes += bytes;
  } else {
    record.replyPackets++;
    record.replyBytes += bytes;
  }
}
