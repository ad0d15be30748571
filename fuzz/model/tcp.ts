// What Linux makes of a segment, told as a story: the state, what was let pass and how it was
// answered, and what both ends have said. Source: Linux 6.x nf_conntrack_proto_tcp.c; RFC 9293,
// 5961. Shares no table and no layout with the dataplane.

import type { PacketFields } from '../../host/net/packet.ts';
import type { Direction, Segment, TcpState } from './tcp-states.ts';
import { isClosing, segmentOf, stateAfter } from './tcp-states.ts';
import type { Numbers, TcpMemory } from './tcp-window.ts';
import {
  emptyNote,
  isBeyond,
  listen,
  noOffer,
  numbersOf,
  opposite,
  silentEnd,
  unsigned,
} from './tcp-window.ts';

export interface TcpConnection {
  state: TcpState;
  isAnswered: boolean;
  isAssured: boolean;
  tcp: TcpMemory;
}

export type Verdict = 'valid' | 'ignored' | 'invalid' | 'reopens' | 'ends';

/** The connection that a segment opens, null if it cannot. */
export function openTcp(packet: PacketFields, mayPickUp: boolean): TcpConnection | null {
  const kind = segmentOf(packet.tcpFlags ?? 0);
  const isSyn = kind === 'syn';
  if (!isSyn && (kind !== 'ack' || !mayPickUp)) return null;
  // The options of a connection that is picked up were not seen: it may do anything.
  const unseen = isSyn ? {} : { offersSack: true, isTrusted: true };
  const reply = { ...silentEnd(), ...unseen };
  const first = numbersOf(packet, 'original', reply);
  const window = Math.max(1, first.writtenWindow);
  const limit = isSyn ? first.end : unsigned(first.end + window);
  const offered = isSyn ? (first.offer ?? noOffer) : unseen;
  const spoken = { isHeard: true, sent: first.end, window, limit };
  const original = { ...silentEnd(), ...spoken, ...offered };
  const tcp: TcpMemory = {
    ends: { original, reply },
    note: emptyNote,
    repeats: 0,
    ignoredOffer: noOffer,
    mayBeChallenged: false,
    isSimultaneous: false,
    isGivenUp: false,
  };
  if (listen({ state: 'established', tcp }, first, false) !== 'valid') return null;
  tcp.note = { ...tcp.note, kind };
  const state = isSyn ? 'syn-sent' : 'established';
  return { state, isAnswered: false, isAssured: false, tcp };
}

/** What a segment does to a connection; changes it where something is learned. */
export function followTcp(
  connection: TcpConnection,
  direction: Direction,
  packet: PacketFields,
  isLiberal: boolean,
): Verdict {
  const { state, tcp } = connection;
  tcp.isGivenUp = false;
  const numbers = numbersOf(packet, direction, tcp.ends[opposite(direction)]);
  if (numbers.kind === 'insane') return 'invalid';
  const next = stateAfter(state, direction, numbers.kind);
  if (next === 'invalid') return 'invalid';
  if (next === 'reopens' && isHisToReopen(connection, direction)) return 'reopens';
  if (next === 'reopens' || next === 'ignored') {
    if (!answersIgnoredSyn(connection, numbers)) return letPass(connection, numbers);
    believeIgnoredSyn(connection, direction);
    return hear(connection, numbers, 'syn-received', isLiberal);
  }
  if (next === 'time-wait' && isChallenge(connection, numbers)) {
    tcp.mayBeChallenged = false;
    return 'ignored';
  }
  if (numbers.kind === 'rst') return hearReset(connection, numbers, isLiberal);
  if (next === 'syn-sent-2') tcp.isSimultaneous = true;
  const completes =
    next === 'syn-received' &&
    direction === 'reply' &&
    numbers.kind === 'ack' &&
    tcp.isSimultaneous;
  return hear(connection, numbers, completes ? 'established' : next, isLiberal);
}

function isHisToReopen({ tcp }: TcpConnection, direction: Direction): boolean {
  const { note, ends } = tcp;
  const wasHisReset = note.kind === 'rst' && note.direction === direction;
  return ends.original.closedFirst || ends.reply.closedFirst || wasHisReset;
}

function answersIgnoredSyn({ tcp: { note } }: TcpConnection, numbers: Numbers): boolean {
  if (numbers.kind !== 'syn-ack' || note.kind !== 'syn') return false;
  return note.direction !== numbers.direction && numbers.acknowledgement === note.end;
}

/** The SYN that was let pass was right after all: both ends start over. */
function believeIgnoredSyn({ tcp }: TcpConnection, direction: Direction): void {
  const { note, ignoredOffer, ends } = tcp;
  tcp.mayBeChallenged = false;
  const window = Math.max(1, note.window);
  const start = { isHeard: true, sent: note.end, limit: note.end, window };
  ends[note.direction] = { ...silentEnd(), ...start, ...ignoredOffer };
  ends[direction] = { ...silentEnd(), isTrusted: ends[direction].isTrusted };
}

/** It may be right or wrong: it is noted, and the answer will tell. */
function letPass({ state, tcp }: TcpConnection, numbers: Numbers): Verdict {
  const { kind, direction, sequence, end, writtenWindow } = numbers;
  tcp.note = { ...tcp.note, kind, direction, sequence, end, window: writtenWindow };
  if (kind === 'syn' && direction === 'original') {
    tcp.ignoredOffer = numbers.offer ?? noOffer;
    tcp.mayBeChallenged = state === 'last-ack';
    tcp.isSimultaneous = false;
  }
  const isHalfOpen = state === 'syn-sent' && kind === 'ack' && direction === 'reply';
  if (isHalfOpen) tcp.note.acknowledgement = numbers.acknowledgement;
  return 'ignored';
}

function isChallenge({ state, tcp }: TcpConnection, { kind, direction }: Numbers): boolean {
  const followsSyn = tcp.note.kind === 'syn' && tcp.note.direction !== direction;
  return state === 'last-ack' && kind === 'ack' && followsSyn && tcp.mayBeChallenged;
}

/** Whether a RST ends the connection, is challenged by its receiver, or is nobody's. */
function hearReset(connection: TcpConnection, numbers: Numbers, isLiberal: boolean): Verdict {
  const { state, tcp, isAssured } = connection;
  const { note } = tcp;
  const { direction, sequence } = numbers;
  if (isClosing(state)) return settle(connection, numbers, 'close');
  const { acknowledged } = tcp.ends[opposite(direction)];
  let next: TcpState = 'close';
  if (acknowledged !== null && note.kind !== 'syn') {
    const isOpen = state === 'established' && isAssured;
    if (sequence === 0 && !isOpen) return hear(connection, numbers, 'close', isLiberal);
    if (isBeyond(acknowledged, sequence)) return 'invalid';
    const isExact = sequence === acknowledged;
    const endsTrain = note.kind === 'ack' && note.direction === direction && sequence === note.end;
    if (!isOpen || isExact || endsTrain) return hear(connection, numbers, 'close', isLiberal);
    next = state;
  }
  if (refusesIgnored(connection, numbers)) return settle(connection, numbers, next);
  return hear(connection, numbers, next, isLiberal);
}

function refusesIgnored(connection: TcpConnection, numbers: Numbers): boolean {
  const { state, isAnswered, isAssured, tcp } = connection;
  const { note } = tcp;
  const aboutSyn = isAnswered && note.kind === 'syn' && note.direction !== numbers.direction;
  const aboutAck = !isAssured && note.kind === 'ack';
  if ((aboutSyn || aboutAck) && numbers.acknowledgement === note.end) return true;
  const followsChallenge = note.kind === 'ack' && note.direction === 'reply';
  return state === 'syn-sent' && followsChallenge && numbers.sequence === note.acknowledgement;
}

/** A segment that has to fit what was said so far. */
function hear(
  connection: TcpConnection,
  numbers: Numbers,
  next: TcpState,
  isLiberal: boolean,
): Verdict {
  const fit = listen(connection, numbers, isLiberal);
  if (fit === 'valid') return settle(connection, numbers, next);
  if (fit === 'invalid' && connection.isAssured) noteDisagreement(connection, numbers);
  return fit;
}

/** Two ends that both say it is over are out of step with what was heard, not with each other. */
function noteDisagreement({ tcp }: TcpConnection, { kind, direction }: Numbers): void {
  const isEnd = (segment: Segment | 'none') => segment === 'fin' || segment === 'rst';
  if (!isEnd(kind)) return;
  const { note } = tcp;
  if (note.direction !== direction && isEnd(note.kind)) tcp.isGivenUp = true;
  else tcp.note = { ...note, kind, direction };
}

function settle(connection: TcpConnection, numbers: Numbers, next: TcpState): Verdict {
  const { state: before, tcp, isAnswered } = connection;
  const { kind, direction } = numbers;
  tcp.note = { ...tcp.note, kind, direction };
  connection.state = next;
  if (next === 'fin-wait' && before !== next) tcp.ends[direction].closedFirst = true;
  if (!isAnswered) {
    if (kind === 'rst') return 'ends';
    return kind === 'syn' && before === 'syn-sent' ? 'ignored' : 'valid';
  }
  const wasOpen = before === 'syn-received' || before === 'established';
  if (wasOpen && next === 'established') connection.isAssured = true;
  return 'valid';
}

/** Numbers of seconds that a connection may live. */
export interface TcpLives extends Readonly<Record<TcpState, number>> {
  readonly retransmitted: number;
  readonly unacknowledged: number;
}

/** How long a connection lives after the segment that was noted last. */
export function tcpLife({ state, isAnswered, tcp }: TcpConnection, lives: TcpLives): number {
  const { note, repeats, ends } = tcp;
  const usual = lives[state];
  const hasUnacknowledged = ends.original.hasUnacknowledged || ends.reply.hasUnacknowledged;
  const life = (() => {
    if (repeats >= 3 && usual > lives.retransmitted) return lives.retransmitted;
    if (note.kind === 'rst') return lives.close;
    if (hasUnacknowledged) return Math.min(usual, lives.unacknowledged);
    return note.window === 0 ? Math.min(usual, lives.retransmitted) : usual;
  })();
  const isPickedUp = state === 'established' && !isAnswered;
  return isPickedUp ? Math.min(life, lives.unacknowledged) : life;
}
