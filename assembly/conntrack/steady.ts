// The packets that only move a connection on: what `advance` does about them, without asking what
// else they could be. For everything else `advance` has the say.

import { ConnectionFlag, ConnectionState, Timeout } from "../abi/connection";
import { Packet } from "../packet/packet";
import { isTimestampOnly } from "../wire/tcp-options";
import { TCP, TCP_BYTES, Transport } from "../wire/transport";
import { ConnectionTable, Record, countHalf, keepUntil, recordOf } from "./connection-table";
import { lifetimeMs } from "./lifetime";
import { tcpLifetimeMs } from "./tcp";
import { Side, SideFlag, lastOf, sideOf } from "./tcp-record";
import { TcpEvent } from "./tcp-state";
import { ACK_WINDOW, isAfter, isBefore } from "./tcp-window";
import { isStream } from "./track";

/** Of a TCP connection that is open, and of which nothing is doubtful. */
const OPEN: u32 = ConnectionFlag.SeenReply | ConnectionFlag.Assured;

/**
 * Moves a connection on by a packet that was glanced at, if it changes nothing but numbers. False,
 * and nothing has changed, if there is more to it.
 */
export function goOn(table: ConnectionTable, half: u32, packet: Packet): bool {
  const record = recordOf(table, half);
  let lifeMs: u64;
  if (packet.protocol == TCP) {
    if (record.state != ConnectionState.Established || (record.flags & OPEN) != OPEN) return false;
    if (!goOnTcp(record, half & 1, packet)) return false;
    lifeMs = tcpLifetimeMs(record);
  } else {
    if (record.state != ConnectionState.Replied) return false;
    lifeMs = goOnUdp(record, packet);
  }
  keepUntil(table, half, packet.timeMs + lifeMs);
  countHalf(table, half, packet.networkBytes);
  return true;
}

function goOnUdp(record: Record, packet: Packet): u64 {
  if (!isStream(record, packet)) return lifetimeMs(Timeout.Udp);
  record.flags |= <u8>ConnectionFlag.Assured;
  return lifetimeMs(Timeout.UdpStream);
}

/**
 * Takes over what an ACK says if `fitWindow` would accept it. False for one that does not fit, came
 * before, or acknowledges selectively.
 */
function goOnTcp(record: Record, direction: u32, packet: Packet): bool {
  const header = changetype<Transport>(packet.transport);
  const headerBytes = header.tcpHeaderBytes;
  if (headerBytes != TCP_BYTES && !isTimestampOnly(header)) return false;
  const sender = sideOf(record, direction);
  const receiver = sideOf(record, direction ^ 1);
  if (sender.maxWindow == 0 || receiver.maxWindow == 0) return false;
  const acknowledgement = header.tcpAcknowledgement;
  const ackFloor = receiver.end - max(sender.maxWindow, ACK_WINDOW) - 1;
  if (!isBefore(acknowledgement, receiver.end + 1) || !isAfter(acknowledgement, ackFloor)) {
    return false;
  }
  const sequence = header.tcpSequence;
  const lengthBytes = packet.transportBytes - headerBytes;
  const end = sequence + lengthBytes;
  const floor = sender.end - receiver.maxWindow - 1;
  if (!isBefore(sequence, sender.maxEnd + 1) || !isAfter(end, floor)) return false;
  const written = header.tcpWindow;
  const last = lastOf(record);
  if (last.acknowledgement == acknowledgement && last.end == end && last.window == written) {
    if (last.length == <u16>lengthBytes && last.direction == direction) return false;
  }
  last.noteNew(TcpEvent.Ack, direction);
  last.end = end;
  last.length = <u16>lengthBytes;
  last.acknowledgement = acknowledgement;
  last.window = written;
  noteSent(sender, receiver, end);
  noteAcknowledged(sender, receiver, acknowledgement, (<u32>written) << sender.scale);
  return true;
}

/** The sender has sent up to `end`. */
function noteSent(sender: Side, receiver: Side, end: u32): void {
  if (isAfter(end, sender.end)) {
    sender.end = end;
    sender.flags |= <u8>SideFlag.Unacknowledged;
  }
  if (isAfter(end, sender.maxEnd)) receiver.maxWindow += end - sender.maxEnd;
}

/** It has acknowledged so much, and offers a window beyond that. */
function noteAcknowledged(sender: Side, receiver: Side, number: u32, window: u32): void {
  sender.maxWindow = max(sender.maxWindow, window);
  const isFirst = !(sender.flags & SideFlag.HasMaxAck);
  if (isFirst || isAfter(number, sender.maxAck)) sender.maxAck = number;
  sender.flags |= <u8>SideFlag.HasMaxAck;
  if (isAfter(number + window, receiver.maxEnd - 1)) receiver.maxEnd = number + max(window, 1);
  if (number == receiver.end) receiver.flags &= ~(<u8>SideFlag.Unacknowledged);
}
