// The states of TCP as prose: what either side may send in each. Source: Linux
// nf_conntrack_proto_tcp.c, told without its table.

import { TcpFlag } from '../../host/net/packet.ts';

export type Direction = 'original' | 'reply';

export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'close'
  | 'syn-sent-2';

export type Segment = 'syn' | 'syn-ack' | 'fin' | 'ack' | 'rst' | 'insane';

/** What the states alone say about a segment. */
export type Step = TcpState | 'ignored' | 'invalid' | 'reopens';

/** The state after a segment. */
export function stateAfter(state: TcpState, direction: Direction, segment: Segment): Step {
  if (segment === 'insane') return 'invalid';
  return direction === 'original' ? fromOriginator(segment, state) : fromReplier(segment, state);
}

/** One side has closed at least, or all is over. */
export function isClosing(state: TcpState): boolean {
  return ['fin-wait', 'close-wait', 'last-ack', 'time-wait', 'close'].includes(state);
}

/**
 * PSH, URG, ECE and CWR do not count, but only sane combinations of the rest are TCP
 * (tcp_valid_flags).
 */
export function segmentOf(tcpFlags: number): Segment {
  const { Fin, Syn, Rst, Ack } = TcpFlag;
  const URG = 32;
  switch (tcpFlags & (Fin | Syn | Rst | Ack | URG)) {
    case Syn:
    case Syn | URG:
      return 'syn';
    case Syn | Ack:
      return 'syn-ack';
    case Rst:
    case Rst | Ack:
      return 'rst';
    case Fin | Ack:
    case Fin | Ack | URG:
      return 'fin';
    case Ack:
    case Ack | URG:
      return 'ack';
    default:
      return 'insane';
  }
}

/** What either side may do once the handshake has been answered. */
function fromEitherSide(segment: Segment, state: TcpState): Step {
  if (segment === 'rst') return 'close';
  if (state === 'time-wait' || state === 'close') return state;
  const hasFin = state === 'fin-wait' || state === 'close-wait' || state === 'last-ack';
  if (segment === 'fin') return hasFin ? 'last-ack' : 'fin-wait';
  if (state === 'last-ack') return 'time-wait';
  return hasFin ? 'close-wait' : state;
}

function isOpening(state: TcpState): boolean {
  return state === 'syn-sent' || state === 'syn-sent-2';
}

function fromOriginator(segment: Segment, state: TcpState): Step {
  switch (segment) {
    case 'syn':
      if (state === 'time-wait' || state === 'close') return 'reopens';
      return isOpening(state) ? state : 'ignored';
    case 'syn-ack':
      // Only a simultaneous open is answered from this side.
      return state === 'syn-sent-2' || state === 'syn-received' ? 'syn-received' : 'invalid';
    case 'fin':
    case 'ack':
      if (isOpening(state)) return 'invalid';
      if (segment === 'ack' && state === 'syn-received') return 'established';
  }
  return fromEitherSide(segment, state);
}

function fromReplier(segment: Segment, state: TcpState): Step {
  switch (segment) {
    case 'syn':
      if (isOpening(state)) return 'syn-sent-2';
      return state === 'time-wait' ? 'reopens' : 'invalid';
    case 'syn-ack':
      return isOpening(state) ? 'syn-received' : 'ignored';
    case 'fin':
    case 'ack':
      if (isOpening(state)) return segment === 'fin' ? 'invalid' : 'ignored';
  }
  return fromEitherSide(segment, state);
}
