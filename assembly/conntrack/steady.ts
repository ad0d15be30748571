// The packets that only move a connection on: what `advance` does about them, without asking what
// else they could be. For everything else `advance` has the say.

import { ConnectionFlag, ConnectionState, Timeout } from "../abi/connection";
import { Packet } from "../packet/packet";
import { isTimestampOnly } from "../wire/tcp-options";
import { TCP, TCP_BYTES, Transport } from "../wire/transport";
import { ConnectionTable, Record, countPacketOf, keepUntil } from "./connection-table";
import { lifetimeMs } from "./lifetime";
import { tcpLifetimeMs } from "./tcp";
import { SideFlag, lastOf, sideOf } from "./tcp-record";
import { TcpEvent } from "./tcp-state";
import { ACK_WINDOW, REPEATS_MAX, isAfter, isBefore, noteMaxAck, noteSent } from "./tcp-window";
import { isStream } from "./track";

/** Of a TCP connection that is open, and of which nothing is doubtful. */
const OPEN: u32 = ConnectionFlag.SeenReply | ConnectionFlag.Assured;

/**
 * Moves a connection on by a packet that was glanced at, if it changes nothing but numbers. False,
 * and nothing has changed, if there is more to it.
 */
export function goOn(table: ConnectionTable, record: Record, direction: u32, packet: Packet): bool {
  let lifeMs: u64 = 0;
  if (packet.protocol == TCP) {
    if (record.state != ConnectionState.Established || (record.flags & OPEN) != OPEN) return false;
    if (!goOnTcp(record, direction, packet)) return false;
    lifeMs = tcpLifetimeMs(record);
  } else {
    if (record.state != ConnectionState.Replied) return false;
    lifeMs = goOnUdp(record, packet);
  }
  keepUntil(table, record, packet.timeMs + lifeMs);
  countPacketOf(record, direction, packet.networkBytes);
  return true;
}

function goOnUdp(record: Record, packet: Packet): u64 {
  if (!isStream(record, packet)) return lifetimeMs(Timeout.Udp);
  record.flags |= <u8>ConnectionFlag.Assured;
  return lifetimeMs(Timeout.UdpStream);
}

/**
 * Takes over what an ACK says if `fitWindow` would accept it. False for one that does not fit, or
 * acknowledges selectively.
 */
function goOnTcp(record: Record, direction: u32, packet: Packet): bool {
  const header = changetype<Transport>(packet.transport);
  const headerBytes = header.tcpHeaderBytes;
  if (headerBytes != TCP_BYTES && !isTimestampOnly(header)) return false;
  const sender = sideOf(record, direction);
  const receiver = sideOf(record, direction ^ 1);
  if (sender.maxWindow == 0) return false;
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
  noteAck(record, direction, header, end);
  noteSent(sender, receiver, end);
  noteMaxAck(sender, acknowledgement);
  const window = (<u32>header.tcpWindow) << sender.scale;
  const reach = acknowledgement + window;
  sender.maxWindow = max(sender.maxWindow, window);
  if (isAfter(reach, receiver.maxEnd - 1)) receiver.maxEnd = acknowledgement + max(window, 1);
  if (acknowledgement == receiver.end) receiver.flags &= ~(<u8>SideFlag.Unacknowledged);
  return true;
}

/** Remembers it as the last segment, and counts it if it is the one before once more. */
function noteAck(record: Record, direction: u32, header: Transport, end: u32): void {
  const last = lastOf(record);
  const acknowledgement = header.tcpAcknowledgement;
  const lengthBytes = <u16>(end - header.tcpSequence);
  const window = header.tcpWindow;
  const isSame =
    last.acknowledgement == acknowledgement &&
    last.end == end &&
    last.window == window &&
    last.length == lengthBytes;
  if (isSame && last.direction == direction) {
    last.repeats = min(last.repeats + 1, REPEATS_MAX);
    last.note(TcpEvent.Ack, direction);
    return;
  }
  last.noteNew(TcpEvent.Ack, direction);
  last.end = end;
  last.length = lengthBytes;
  last.acknowledgement = acknowledgement;
  last.window = window;
}
