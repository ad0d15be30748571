// What two ends of a TCP connection have said so far, and whether a segment can be true beside it.
// Source: Linux 6.x nf_conntrack_proto_tcp.c tcp_in_window; RFC 9293, 7323, 2018.

import type { PacketFields } from '../../host/net/packet.ts';
import { DEFAULT_WINDOW, TcpFlag } from '../../host/net/packet.ts';
import { highestSack, readOffer, type Offer } from './tcp-options.ts';
import type { Direction, Segment, TcpState } from './tcp-states.ts';
import { segmentOf } from './tcp-states.ts';

/** One end of a connection, as far as it was heard. */
export interface End {
  /** It has sent something. */
  isHeard: boolean;
  /** The number behind the last that it has used. */
  sent: number;
  /** The number beyond which the other end would not take anything. */
  limit: number;
  /** The most that it was ready to take itself. */
  window: number;
  /** The highest number that it has acknowledged. */
  acknowledged: number | null;
  shift: number;
  offersShift: boolean;
  offersSack: boolean;
  /** The connection was picked up in the middle. */
  isTrusted: boolean;
  /** It sent the first FIN. */
  closedFirst: boolean;
  hasUnacknowledged: boolean;
}

/** The segment that was noted last. */
export interface Note {
  kind: Segment | 'none';
  direction: Direction;
  sequence: number;
  end: number;
  acknowledgement: number;
  window: number;
}

export interface TcpMemory {
  ends: Record<Direction, End>;
  note: Note;
  /** How often the noted ACK came again. */
  repeats: number;
  /** What the SYN offered that was let pass last. */
  ignoredOffer: Offer;
  /** An ACK may answer that SYN instead of a FIN. */
  mayBeChallenged: boolean;
  isSimultaneous: boolean;
  /** The segment just heard was out of step, and both ends say that it is over. */
  isGivenUp: boolean;
}

/** A segment's numbers. */
export interface Numbers {
  readonly kind: Segment;
  readonly direction: Direction;
  readonly hasAck: boolean;
  readonly hasSyn: boolean;
  readonly offer: Offer | null;
  readonly writtenWindow: number;
  sequence: number;
  end: number;
  acknowledgement: number;
  /** The highest number acknowledged, if the other end understands selective ones. */
  sack: number;
}

const LEAST_ACK_WINDOW = 66_000;
export const noOffer: Offer = { shift: 0, offersShift: false, offersSack: false };

export const unsigned = (number: number) => number >>> 0;
/** The sequence space is a circle; of two opposite numbers each is beyond the other. */
export const isBeyond = (a: number, b: number) => ((b - a) | 0) < 0;

export function silentEnd(): End {
  return {
    isHeard: false,
    sent: 0,
    limit: 0,
    window: 0,
    acknowledged: null,
    shift: 0,
    offersShift: false,
    offersSack: false,
    isTrusted: false,
    closedFirst: false,
    hasUnacknowledged: false,
  };
}

export function numbersOf(packet: PacketFields, direction: Direction, other: End): Numbers {
  const { tcpFlags = 0, sequence = 0, acknowledgement = 0, payload, tcpOptions } = packet;
  const has = (flag: number) => (tcpFlags & flag) !== 0;
  const length = (payload?.length ?? 0) + Number(has(TcpFlag.Syn)) + Number(has(TcpFlag.Fin));
  const options = tcpOptions ?? new Uint8Array(0);
  return {
    kind: segmentOf(tcpFlags),
    direction,
    hasAck: has(TcpFlag.Ack),
    hasSyn: has(TcpFlag.Syn),
    offer: options.length === 0 ? null : readOffer(options),
    writtenWindow: packet.window ?? DEFAULT_WINDOW,
    sequence,
    end: unsigned(sequence + length),
    acknowledgement,
    sack: other.offersSack ? highestSack(options, acknowledgement) : acknowledgement,
  };
}

export function opposite(direction: Direction): Direction {
  return direction === 'original' ? 'reply' : 'original';
}

export const emptyNote: Note = {
  kind: 'none',
  direction: 'original',
  sequence: 0,
  end: 0,
  acknowledgement: 0,
  window: 0,
};

/** Whether the numbers can be true; if so, they are believed. */
export function listen(
  { state, tcp }: { readonly state: TcpState; readonly tcp: TcpMemory },
  numbers: Numbers,
  isLiberal: boolean,
): 'valid' | 'ignored' | 'invalid' {
  const me = tcp.ends[numbers.direction];
  const other = tcp.ends[opposite(numbers.direction)];
  const isOpening = state === 'syn-sent' || state === 'syn-received';
  if (!me.isHeard) {
    if (numbers.hasSyn) introduce(tcp, numbers);
    else guess(me, other, numbers);
    if (numbers.kind === 'syn') return 'valid';
  } else if (numbers.hasSyn && isOpening && isBeyond(numbers.end, me.sent)) {
    introduce(tcp, numbers);
    if (numbers.kind === 'syn' && numbers.direction === 'reply') return 'valid';
  }
  readSilence(state, numbers, me, other);
  const fit = fitOf(numbers, me, other);
  if (fit === 'valid') believe(tcp, numbers);
  return isLiberal || me.isTrusted ? 'valid' : fit;
}

/** A SYN says where its end begins, and what it can. */
function introduce({ ends }: TcpMemory, { direction, end, writtenWindow, offer }: Numbers): void {
  const me = ends[direction];
  Object.assign(me, { isHeard: true, sent: end, limit: end, window: Math.max(1, writtenWindow) });
  if (offer !== null) {
    Object.assign(me, offer, { acknowledged: null, closedFirst: false, hasUnacknowledged: false });
  }
  if (direction === 'reply' && !(ends.original.offersShift && me.offersShift)) {
    ends.original.shift = 0;
    me.shift = 0;
  }
}

/** The first word of an end whose beginning was not heard. */
function guess(me: End, other: End, { end, sack, writtenWindow }: Numbers): void {
  const window = Math.max(1, writtenWindow * 2 ** me.shift);
  Object.assign(me, { isHeard: true, sent: end, window, limit: unsigned(end + window) });
  if (!other.isHeard) Object.assign(other, { sent: sack, limit: sack });
  else if (sack === unsigned(other.sent + 1)) other.sent = sack;
}

/** What a segment leaves out is read as if it agreed. */
function readSilence(state: TcpState, numbers: Numbers, me: End, other: End): void {
  const isReset = numbers.kind === 'rst';
  if (!numbers.hasAck || (isReset && numbers.acknowledgement === 0)) {
    numbers.acknowledgement = other.sent;
    numbers.sack = other.sent;
  }
  if (isReset && state === 'syn-sent' && numbers.sequence === 0) {
    numbers.sequence = me.sent;
    numbers.end = me.sent;
  }
}

function fitOf(numbers: Numbers, me: End, other: End): 'valid' | 'ignored' | 'invalid' {
  const { sequence, end, sack } = numbers;
  const acknowledgesUnsent = isBeyond(sack, other.sent);
  const oldestAck = other.sent - Math.max(LEAST_ACK_WINDOW, me.window) - 1;
  const isAckRecent = isBeyond(sack, oldestAck);
  const isRecent = !other.isHeard || isBeyond(end, me.sent - other.window - 1);
  if (isBeyond(sequence, me.limit)) {
    const excess = unsigned(end - me.limit + 1);
    const isExcused = other.isHeard && isRecent && excess <= other.window;
    if (acknowledgesUnsent || !isAckRecent || !isExcused) return 'invalid';
    me.sent = end;
    me.hasUnacknowledged = true;
    return 'ignored';
  }
  if (acknowledgesUnsent) return 'invalid';
  return isRecent && isAckRecent ? 'valid' : 'ignored';
}

function believe(tcp: TcpMemory, numbers: Numbers): void {
  const { direction, kind, sequence, end, sack, acknowledgement, writtenWindow } = numbers;
  const me = tcp.ends[direction];
  const other = tcp.ends[opposite(direction)];
  const window = unsigned(numbers.hasSyn ? writtenWindow : writtenWindow << me.shift);
  me.window = Math.max(me.window, unsigned(window + unsigned(sack - acknowledgement)));
  if (isBeyond(end, me.sent)) {
    me.sent = end;
    me.hasUnacknowledged = true;
  }
  if (numbers.hasAck) {
    const isHighest = me.acknowledged === null || isBeyond(acknowledgement, me.acknowledged);
    if (isHighest) me.acknowledged = acknowledgement;
  }
  if (other.isHeard && isBeyond(end, me.limit)) {
    other.window = unsigned(other.window + (end - me.limit));
  }
  if (isBeyond(sack + window, other.limit - 1)) {
    other.limit = unsigned(sack + Math.max(1, window));
  }
  if (acknowledgement === other.sent) other.hasUnacknowledged = false;
  if (kind !== 'ack') return;
  const now: Note = {
    kind: tcp.note.kind,
    direction,
    sequence,
    end,
    acknowledgement,
    window: writtenWindow,
  };
  const isSame = JSON.stringify(now) === JSON.stringify(tcp.note);
  tcp.repeats = isSame ? tcp.repeats + 1 : 0;
  tcp.note = now;
}
