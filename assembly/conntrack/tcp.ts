// A segment's effect on its TCP connection: the state table, what the table cannot know (segments
// that were let pass although they may be wrong, and what they were answered with), the windows,
// and how long the connection lives then. Facts: Linux nf_conntrack_proto_tcp.c,
// nf_conntrack_tcp_packet.

import { ConfigFlag } from "../abi/config";
import { ConnectionFlag, ConnectionState, Timeout } from "../abi/connection";
import { Packet } from "../packet/packet";
import { isSet } from "../packet/settings";
import { hasWindowScale, isSackPermitted, readSynOptions, windowScale } from "../wire/tcp-options";
import { Record } from "./connection-table";
import { lifetimeMs } from "./lifetime";
import { Progress } from "./progress";
import { LastFlag, Side, SideFlag, lastOf, sideOf } from "./tcp-record";
import { IGNORED, INVALID, TcpEvent, nextTcpState } from "./tcp-state";
import {
  Fit,
  REPEATS_MAX,
  beginSide,
  fitWindow,
  isBefore,
  readSegment,
  segment,
  stopJudging,
} from "./tcp-window";

/** A connection that has less than this to live is not shortened by an invalid segment. */
const SHORT_LIFE_MS: u64 = 120_000;

/** Fills the record of a connection that this segment opens; false if it cannot. */
export function openTcp(record: Record, packet: Packet): bool {
  readSegment(packet);
  const state = nextTcpState(<u8>ConnectionState.None, 0, segment.event);
  if (state == INVALID) return false;
  const isPickup = state != ConnectionState.SynSent;
  if (isPickup && !isSet(ConfigFlag.LoosePickup)) return false;
  beginSide(record, isPickup);
  if (packet.isFragment) stopJudging(record);
  // Nothing that came before could put it out of window.
  fitWindow(record, 0);
  lastOf(record).note(segment.event, 0);
  record.state = state;
  return true;
}

/** Moves a connection on by a segment that travels in a direction. */
export function advanceTcp(record: Record, direction: u32, packet: Packet): Progress {
  readSegment(packet);
  if (packet.isFragment) stopJudging(record);
  const before = record.state;
  const next = nextTcpState(before, direction, segment.event);
  if (next == INVALID) return Progress.Invalid;
  const isReopening =
    next == ConnectionState.SynSent &&
    (before == ConnectionState.TimeWait || before == ConnectionState.Close);
  if (isReopening && mayReopen(record, direction)) return Progress.Reopens;
  if (isReopening || next == IGNORED) {
    if (!isAnswerToIgnored(record, direction)) return ignore(record, direction);
    catchUp(record, direction);
    return enterInWindow(record, direction, <u8>ConnectionState.SynReceived, packet.timeMs);
  }
  if (next == ConnectionState.TimeWait && isChallenge(record, direction)) return Progress.Ignored;
  if (segment.event == TcpEvent.Rst) return reset(record, direction, packet.timeMs);
  return enterInWindow(record, direction, simultaneous(record, direction, next), packet.timeMs);
}

/** How long a connection lives after its last segment, which is noted in its record. */
export function tcpLifetimeMs(record: Record): u64 {
  const usual = lifetimeMs(Timeout.TcpNone + record.state);
  const life = min(usual, tightened(record, usual));
  const isPickedUp = record.state == ConnectionState.Established && !isAnswered(record);
  return isPickedUp ? min(life, lifetimeMs(Timeout.TcpUnacknowledged)) : life;
}

/** A shorter life for a connection whose ends do not get on, in the order of Linux. */
function tightened(record: Record, usual: u64): u64 {
  const last = lastOf(record);
  if (last.repeats >= REPEATS_MAX) {
    const retransmitted = lifetimeMs(Timeout.TcpRetransmitted);
    if (usual > retransmitted) return retransmitted;
  }
  if (last.event == TcpEvent.Rst) return lifetimeMs(Timeout.TcpClose);
  if ((sideOf(record, 0).flags | sideOf(record, 1).flags) & SideFlag.Unacknowledged) {
    const unacknowledged = lifetimeMs(Timeout.TcpUnacknowledged);
    if (usual > unacknowledged) return unacknowledged;
  }
  return last.window == 0 ? lifetimeMs(Timeout.TcpRetransmitted) : usual;
}

/** Only the side that closed, or reset, may begin again; from the other it may be an old SYN. */
function mayReopen(record: Record, direction: u32): bool {
  const flags = sideOf(record, 0).flags | sideOf(record, 1).flags;
  const last = lastOf(record);
  const wasReset = last.event == TcpEvent.Rst && last.direction == direction;
  return (flags & SideFlag.CloseInit) != 0 || wasReset;
}

/** A SYN+ACK that answers a SYN which was let pass: both ends are in step, and the entry is not. */
function isAnswerToIgnored(record: Record, direction: u32): bool {
  const last = lastOf(record);
  return (
    segment.event == TcpEvent.SynAck &&
    last.event == TcpEvent.Syn &&
    last.direction != direction &&
    segment.acknowledgement == last.end
  );
}

/** Takes over the connection that the ignored SYN opened, and its answer accepted. */
function catchUp(record: Record, direction: u32): void {
  const last = lastOf(record);
  const opener = sideOf(record, last.direction);
  opener.end = last.end;
  opener.maxEnd = last.end;
  opener.maxWindow = max(<u32>last.window, 1);
  opener.scale = last.scale;
  last.flags &= ~(<u8>LastFlag.ExpectChallenge);
  opener.flags = last.flags & (<u8>(LastFlag.WindowScale | LastFlag.SackPermitted));
  const answering = sideOf(record, direction);
  const liberal = answering.flags & (<u8>SideFlag.BeLiberal);
  memory.fill(changetype<usize>(answering), 0, offsetof<Side>("flags"));
  answering.flags = liberal;
}

/** Notes a segment that may be right or wrong; what it is answered with will tell. */
function ignore(record: Record, direction: u32): Progress {
  const last = lastOf(record);
  last.note(segment.event, direction);
  last.length = <u16>(segment.end - segment.sequence);
  last.end = segment.end;
  last.window = <u16>segment.window;
  if (segment.event == TcpEvent.Syn && direction == 0) {
    readSynOptions(segment.header);
    last.scale = windowScale;
    last.flags = <u8>(
      ((hasWindowScale ? LastFlag.WindowScale : 0) |
        (isSackPermitted ? LastFlag.SackPermitted : 0) |
        (record.state == ConnectionState.LastAck ? LastFlag.ExpectChallenge : 0))
    );
  }
  const isHalfOpen = record.state == ConnectionState.SynSent && direction == 1;
  if (isHalfOpen && segment.event == TcpEvent.Ack) last.acknowledgement = segment.acknowledgement;
  return Progress.Ignored;
}

/** RFC 5961, 4: an ACK that answers a SYN out of place. It acknowledges no FIN. */
function isChallenge(record: Record, direction: u32): bool {
  const last = lastOf(record);
  const isExpected =
    record.state == ConnectionState.LastAck &&
    segment.event == TcpEvent.Ack &&
    last.direction != direction &&
    last.event == TcpEvent.Syn &&
    (last.flags & LastFlag.ExpectChallenge) != 0;
  if (isExpected) last.flags &= ~(<u8>LastFlag.ExpectChallenge);
  return isExpected;
}

/** In a simultaneous open the reply side's ACK completes the handshake. */
function simultaneous(record: Record, direction: u32, next: u8): u8 {
  const last = lastOf(record);
  if (next == ConnectionState.SynSent2) last.flags |= <u8>LastFlag.SimultaneousOpen;
  const isCompleted =
    next == ConnectionState.SynReceived &&
    direction == 1 &&
    segment.event == TcpEvent.Ack &&
    (last.flags & LastFlag.SimultaneousOpen) != 0;
  return isCompleted ? <u8>ConnectionState.Established : next;
}

/**
 * A RST, in the order of Linux:
 *  1. of a connection that is closing anyway: believed;
 *  2. before what its receiver has acknowledged: invalid;
 *  3. of an established connection, beyond that and not right behind its sender's last ACK: in
 *     window at best, so the receiver challenges it (RFC 5961, 3.2), and the state stays;
 *  4. an answer to a segment that was let pass: believed, in window or not;
 *  5. else it has to be in window.
 */
function reset(record: Record, direction: u32, nowMs: u64): Progress {
  const close = <u8>ConnectionState.Close;
  if (isClosing(record.state)) return enter(record, direction, close); // 1
  const last = lastOf(record);
  const peer = sideOf(record, direction ^ 1);
  let next = close;
  if ((peer.flags & SideFlag.HasMaxAck) != 0 && last.event != TcpEvent.Syn) {
    const isEstablished =
      record.state == ConnectionState.Established && hasFlag(record, ConnectionFlag.Assured);
    const isRefusal = segment.sequence == 0 && !isEstablished;
    if (!isRefusal && isBefore(segment.sequence, peer.maxAck)) return Progress.Invalid; // 2
    const isExact = segment.sequence == peer.maxAck || isBehindLast(record, direction);
    if (!isEstablished || isExact) return enterInWindow(record, direction, close, nowMs); // 5
    next = record.state; // 3
  }
  if (answersIgnored(record, direction)) return enter(record, direction, next); // 4
  return enterInWindow(record, direction, next, nowMs); // 5
}

/** States of connections that end soon, and whose ports may be in use again. */
function isClosing(state: i32): bool {
  return state >= ConnectionState.FinWait && state <= ConnectionState.Close;
}

function isBehindLast(record: Record, direction: u32): bool {
  const last = lastOf(record);
  return last.event == TcpEvent.Ack && last.direction == direction && segment.sequence == last.end;
}

/**
 * Whether a RST refuses what was let pass: a SYN, the ACK of a half-open end, or its challenge. A
 * SYN is refused by the other side only (Linux 6.18; earlier ones do not look who refuses it).
 */
function answersIgnored(record: Record, direction: u32): bool {
  const last = lastOf(record);
  const isPeersSyn = last.event == TcpEvent.Syn && last.direction != direction;
  const isSyn = isPeersSyn && isAnswered(record);
  const isAck = last.event == TcpEvent.Ack && !hasFlag(record, ConnectionFlag.Assured);
  if ((isSyn || isAck) && segment.acknowledgement == last.end) return true;
  return (
    record.state == ConnectionState.SynSent &&
    last.event == TcpEvent.Ack &&
    last.direction == 1 &&
    segment.sequence == last.acknowledgement
  );
}

function enterInWindow(record: Record, direction: u32, next: u8, nowMs: u64): Progress {
  const fit = fitWindow(record, direction);
  if (fit == Fit.Accepted) return enter(record, direction, next);
  if (fit == Fit.Ignored) return Progress.Ignored;
  if (hasFlag(record, ConnectionFlag.Assured)) shorten(record, direction, nowMs);
  return Progress.Invalid;
}

/**
 * A connection that both ends say is over, out of step with what was seen of it, does not live on
 * for a day.
 */
function shorten(record: Record, direction: u32, nowMs: u64): void {
  if (!isEnding(segment.event)) return;
  const last = lastOf(record);
  if (last.direction == direction || !isEnding(last.event)) {
    last.note(segment.event, direction);
    return;
  }
  const endMs = nowMs + lifetimeMs(Timeout.TcpUnacknowledged);
  const isLong = record.expiresAtMs >= nowMs + SHORT_LIFE_MS;
  if (isLong && record.expiresAtMs > endMs) record.expiresAtMs = endMs;
}

function isEnding(event: u32): bool {
  return event == TcpEvent.Fin || event == TcpEvent.Rst;
}

/** Enters the state that a segment in window leads to. */
function enter(record: Record, direction: u32, next: u8): Progress {
  const before = record.state;
  lastOf(record).note(segment.event, direction);
  record.state = next;
  if (before != next && next == ConnectionState.FinWait) {
    sideOf(record, direction).flags |= <u8>SideFlag.CloseInit;
  }
  if (isAnswered(record)) {
    const wasOpen = before == ConnectionState.SynReceived || before == ConnectionState.Established;
    if (wasOpen && next == ConnectionState.Established) {
      record.flags |= <u8>ConnectionFlag.Assured;
    }
    return Progress.Valid;
  }
  // Nothing but a refusal was ever said: there is no connection to remember.
  if (segment.event == TcpEvent.Rst) return Progress.Ends;
  // A client that tries again and again does not keep its entry, or whoever has its port next.
  const isRepeated = segment.event == TcpEvent.Syn && before == ConnectionState.SynSent;
  return isRepeated ? Progress.Ignored : Progress.Valid;
}

/** Whether the reply side was heard before this segment. */
function isAnswered(record: Record): bool {
  return hasFlag(record, ConnectionFlag.SeenReply);
}

function hasFlag(record: Record, flag: ConnectionFlag): bool {
  return (record.flags & flag) != 0;
}
