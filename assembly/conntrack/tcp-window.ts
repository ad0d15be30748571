// Whether a segment can belong to what both sides have said so far, and what it adds to that.
// Facts: Linux nf_conntrack_proto_tcp.c, tcp_in_window; after Guido van Rooij, Real Stateful TCP
// Packet Filtering in IP Filter. A segment belongs if
//
//   1. it begins where the receiver lets its sender send:   sequence <= sender.maxEnd
//   2. it acknowledges nothing that was not sent:           sack <= receiver.end
//   3. it ends at most a window behind what was sent:       end >= sender.end - receiver.maxWindow
//   4. what it acknowledges is not too long ago:            sack >= receiver.end - ACK_WINDOW
//
// where `sack` is the highest number acknowledged, selectively or not. Breach of 1 or 2 is invalid;
// what is only late, 3 or 4, passes without effect.

import { ConfigFlag } from "../abi/config";
import { ConnectionState } from "../abi/connection";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import {
  hasWindowScale,
  highestSack,
  isSackPermitted,
  readSynOptions,
  windowScale,
} from "../wire/tcp-options";
import { ACK, FIN, RST, SYN, Transport } from "../wire/transport";
import { Record } from "./connection-table";
import { Side, SideFlag, lastOf, sideOf } from "./tcp-record";
import { TcpEvent, eventOf } from "./tcp-state";

/** At least so far behind an acknowledgement may be. */
export const ACK_WINDOW: u32 = 66000;
/** So many repetitions count. */
export const REPEATS_MAX: u32 = 3;

/** What windows say about a segment. */
export enum Fit {
  /** It fits. */
  Accepted,
  /** It passes, but changes nothing. */
  Ignored,
  /** It does not belong. */
  Invalid,
}

/** The numbers of one segment, in host order. */
@unmanaged
@final
export class Segment {
  header: Transport;
  sequence: u32;
  acknowledgement: u32;
  /** Behind its last byte; SYN and FIN take one number each. */
  end: u32;
  /** The highest number that it acknowledges, selectively or not. */
  sack: u32;
  /** As written, not scaled. */
  window: u32;
  /** A TcpEvent. */
  event: u32;
  flags: u8;
}

/** The segment that is being worked on. */
export const segment = changetype<Segment>(memory.data(32, 8));

if (offsetof<Segment>() > 32) ERROR("a Segment does not fit");

/** Reads the TCP header of a packet into `segment`. */
export function readSegment(packet: Packet): void {
  const header = changetype<Transport>(packet.transport);
  const flags = packet.tcpFlags;
  const transportBytes = packet.networkBytes - <u32>(packet.transport - packet.network);
  const counted = ((flags & SYN) >> 1) + (flags & FIN);
  segment.header = header;
  segment.flags = flags;
  segment.event = eventOf(flags);
  segment.sequence = header.tcpSequence;
  segment.acknowledgement = header.tcpAcknowledgement;
  segment.window = header.tcpWindow;
  segment.end = segment.sequence + transportBytes - header.tcpHeaderBytes + counted;
}

/** What the first segment of a connection says about its sender; picked up in the middle or not. */
export function beginSide(record: Record, isPickup: bool): void {
  const sender = sideOf(record, 0);
  sender.end = segment.end;
  sender.maxWindow = max(segment.window, 1);
  sender.maxEnd = segment.end;
  if (isPickup) {
    // Its options were not seen: there may be scaling, and selective acknowledgements.
    sender.maxEnd += sender.maxWindow;
    sender.flags = <u8>(SideFlag.SackPermitted | SideFlag.BeLiberal);
    sideOf(record, 1).flags = sender.flags;
  } else {
    readOptions(sender);
  }
}

/**
 * Holds nothing against either side from now on. Linux judges a segment that came in fragments when
 * it is whole; here nobody knows where it ends, nor whether what acknowledges it is in window.
 */
export function stopJudging(record: Record): void {
  sideOf(record, 0).flags |= <u8>SideFlag.BeLiberal;
  sideOf(record, 1).flags |= <u8>SideFlag.BeLiberal;
}

/** Holds `segment` against the windows, and takes over what it says if it fits. */
export function fitWindow(record: Record, direction: u32): Fit {
  const sender = sideOf(record, direction);
  const receiver = sideOf(record, direction ^ 1);
  const isSackAllowed = (receiver.flags & SideFlag.SackPermitted) != 0;
  segment.sack = isSackAllowed
    ? highestSack(segment.header, segment.acknowledgement)
    : segment.acknowledgement;
  if (sender.maxWindow == 0) {
    meetSender(record, direction);
    if ((segment.flags & (SYN | ACK)) == SYN) return Fit.Accepted;
  } else if (isNewSyn(record, sender)) {
    meetSyn(record, direction);
    if (direction == 1 && !(segment.flags & ACK)) return Fit.Accepted;
  }
  if ((segment.flags & (ACK | RST)) != ACK) {
    pretendAcknowledgement(record.state, sender, receiver);
  }
  const fit = judge(sender, receiver);
  if (fit == Fit.Accepted) {
    takeOver(sender, receiver);
    noteRepeat(record, direction);
    return fit;
  }
  // A liberal judge lets it pass, and believes none of its numbers.
  const isLiberal = (sender.flags & SideFlag.BeLiberal) != 0 || isSet(ConfigFlag.BeLiberal);
  return isLiberal ? Fit.Accepted : fit;
}

/** A side's first segment. */
function meetSender(record: Record, direction: u32): void {
  if (segment.flags & SYN) {
    meetSyn(record, direction);
    return;
  }
  // The middle of a connection: this segment is all that is known.
  const sender = sideOf(record, direction);
  const receiver = sideOf(record, direction ^ 1);
  sender.end = segment.end;
  sender.maxWindow = max(segment.window, 1);
  sender.maxEnd = segment.end + sender.maxWindow;
  if (receiver.maxWindow == 0) {
    receiver.end = segment.sack;
    receiver.maxEnd = segment.sack;
  } else if (segment.sack == receiver.end + 1) {
    // Probably the answer to a keep-alive.
    receiver.end++;
  }
}

/** RFC 9293, 3.4.1: a connection may begin again with any number beyond those used before. */
function isNewSyn(record: Record, sender: Side): bool {
  if ((segment.flags & SYN) == 0 || !isAfter(segment.end, sender.end)) return false;
  return record.state == ConnectionState.SynSent || record.state == ConnectionState.SynReceived;
}

function meetSyn(record: Record, direction: u32): void {
  const sender = sideOf(record, direction);
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = max(segment.window, 1);
  readOptions(sender);
  if (direction == 0) return;
  // RFC 7323, 1.3: windows are scaled only if both sides offered it.
  const receiver = sideOf(record, 0);
  if (sender.flags & receiver.flags & SideFlag.WindowScale) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/** Takes over the options of a SYN; without any, what is known stays. */
function readOptions(side: Side): void {
  if (!segment.header.hasTcpOptions) return;
  readSynOptions(segment.header);
  side.scale = windowScale;
  side.flags &= <u8>SideFlag.BeLiberal;
  if (hasWindowScale) side.flags |= <u8>SideFlag.WindowScale;
  if (isSackPermitted) side.flags |= <u8>SideFlag.SackPermitted;
}

/** Where a segment acknowledges nothing, it is read as if it acknowledged everything. */
function pretendAcknowledgement(state: u8, sender: Side, receiver: Side): void {
  const isAck = (segment.flags & ACK) != 0;
  // Some stacks set the flag in a RST, and leave the number 0.
  const isEmptyReset = (segment.flags & RST) != 0 && segment.acknowledgement == 0;
  if (!isAck || isEmptyReset) {
    segment.acknowledgement = receiver.end;
    segment.sack = receiver.end;
  }
  const isRefusal = (segment.flags & RST) != 0 && state == ConnectionState.SynSent;
  if (isRefusal && segment.sequence == 0) {
    segment.sequence = sender.end;
    segment.end = sender.end;
  }
}

/** The four conditions, in the order of the list at the top; 1 with the grace of a window. */
function judge(sender: Side, receiver: Side): Fit {
  const ackFloor = receiver.end - max(sender.maxWindow, ACK_WINDOW) - 1;
  const isRecent = isAfter(segment.end, sender.end - receiver.maxWindow - 1);
  const isSent = isBefore(segment.sack, receiver.end + 1);
  if (!isBefore(segment.sequence, sender.maxEnd + 1)) {
    // More than the window of a receiver that was not heard, which is 0.
    const overshoot = segment.end - sender.maxEnd + 1;
    const isNear = isRecent && overshoot <= receiver.maxWindow;
    if (!isNear || !isSent || !isAfter(segment.sack, ackFloor)) return Fit.Invalid;
    // Some stacks send more than they may. The receiver may take it, and acknowledge it.
    sender.end = segment.end;
    sender.flags |= <u8>SideFlag.Unacknowledged;
    return Fit.Ignored;
  }
  if (!isSent) return Fit.Invalid;
  if (receiver.maxWindow != 0 && !isRecent) return Fit.Ignored;
  return isAfter(segment.sack, ackFloor) ? Fit.Accepted : Fit.Ignored;
}

/** What the segment says about both sides. */
function takeOver(sender: Side, receiver: Side): void {
  const scale = segment.flags & SYN ? 0 : sender.scale;
  const window = segment.window << scale;
  const sack = segment.sack;
  sender.maxWindow = max(sender.maxWindow, window + (sack - segment.acknowledgement));
  noteSent(sender, receiver, segment.end);
  if (segment.flags & ACK) noteMaxAck(sender, segment.acknowledgement);
  if (isAfter(sack + window, receiver.maxEnd - 1)) receiver.maxEnd = sack + max(window, 1);
  if (segment.acknowledgement == receiver.end) receiver.flags &= ~(<u8>SideFlag.Unacknowledged);
}

/** The sender has sent up to `end`. */
export function noteSent(sender: Side, receiver: Side, end: u32): void {
  if (isAfter(end, sender.end)) {
    sender.end = end;
    sender.flags |= <u8>SideFlag.Unacknowledged;
  }
  if (receiver.maxWindow != 0 && isAfter(end, sender.maxEnd)) {
    receiver.maxWindow += end - sender.maxEnd;
  }
}

/** The sender has acknowledged so much. */
export function noteMaxAck(sender: Side, number: u32): void {
  const isFirst = !(sender.flags & SideFlag.HasMaxAck);
  if (isFirst || isAfter(number, sender.maxAck)) sender.maxAck = number;
  sender.flags |= <u8>SideFlag.HasMaxAck;
}

/** Counts an ACK that comes again as it was: what it answers is being sent again. */
function noteRepeat(record: Record, direction: u32): void {
  if (segment.event != TcpEvent.Ack) return;
  const last = lastOf(record);
  const length = <u16>(segment.end - segment.sequence);
  const isRepeated =
    last.direction == direction &&
    last.end == segment.end &&
    last.length == length &&
    last.acknowledgement == segment.acknowledgement &&
    last.window == segment.window;
  if (isRepeated) {
    last.repeats = min(last.repeats + 1, REPEATS_MAX);
    return;
  }
  last.end = segment.end;
  last.length = length;
  last.acknowledgement = segment.acknowledgement;
  last.window = <u16>segment.window;
  last.repeats = 0;
}

/** Whether a sequence number is behind another. */
export function isAfter(number: u32, other: u32): bool {
  return isBefore(other, number);
}

/**
 * Whether a sequence number is ahead of another; they wrap round (RFC 9293, 3.4). Opposite ones are
 * ahead of each other, as in Linux.
 */
export function isBefore(number: u32, other: u32): bool {
  return <i32>(number - other) < 0;
}
