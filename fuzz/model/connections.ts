// Connections as Linux tracks them: two tuples, a state, an expiry. A plain list, searched from the
// front. Source: Linux nf_conntrack_core.c, nf_conntrack_proto_{tcp,udp,icmp}.c; window tracking is
// left out.

import type { PacketFields } from '../../host/net/packet.ts';
import { TcpFlag } from '../../host/net/packet.ts';
import { Ip, isIcmpEcho } from '../../host/net/packet-layout.ts';
import type { ServiceReference } from './services.ts';

/**
 * ICMP echo has its identifier in place of both ports; other protocols without ports have zeros.
 */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
}

export type Direction = 'original' | 'reply';

export interface Connection {
  readonly original: Tuple;
  /** As answers arrive: the inverse of the original after translation. */
  readonly reply: Tuple;
  readonly service: ServiceReference | null;
  /** The Service is not the object any more that it was when the connection began. */
  readonly isServiceChanged: boolean;
  readonly createdAtMs: number;
  state: ConnectionState;
  expiresAtMs: number;
}

export type ConnectionState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'last-ack'
  | 'time-wait'
  | 'close'
  | 'syn-sent-2'
  | 'unreplied'
  | 'replied';

/** Lives in seconds; TCP as kube-proxy sets it, the rest as Linux does. */
const tcpSeconds: Readonly<Partial<Record<ConnectionState, number>>> = {
  'syn-sent': 120,
  'syn-received': 60,
  established: 86400,
  'fin-wait': 120,
  'close-wait': 3600,
  'last-ack': 30,
  'time-wait': 120,
  close: 10,
  'syn-sent-2': 120,
};

export function tupleOf(packet: PacketFields): Tuple {
  const { source, destination, protocol, sourcePort = 0, destinationPort = 0 } = packet;
  const isEcho = packet.icmpType !== undefined && isIcmpEcho(protocol, packet.icmpType);
  const identifier = isEcho ? (packet.icmpIdentifier ?? 0) : null;
  return {
    source,
    destination,
    sourcePort: identifier ?? sourcePort,
    destinationPort: identifier ?? destinationPort,
    protocol,
  };
}

export function invert(tuple: Tuple): Tuple {
  return {
    source: tuple.destination,
    destination: tuple.source,
    sourcePort: tuple.destinationPort,
    destinationPort: tuple.sourcePort,
    protocol: tuple.protocol,
  };
}

export function isSameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.protocol === b.protocol
  );
}

/** The connections that a new one finds: those still live, but not the one that it reopens. */
export function othersLive(
  connections: readonly Connection[],
  opening: Tuple,
  nowMs: number,
): Connection[] {
  return connections.filter(
    (connection) => nowMs < connection.expiresAtMs && !hasTuple(connection, opening),
  );
}

function hasTuple({ original, reply }: Connection, tuple: Tuple): boolean {
  return isSameTuple(original, tuple) || isSameTuple(reply, tuple);
}

const FIRST_MASQUERADE_PORT = 1024;
const LAST_MASQUERADE_PORT = 65535;

/**
 * A reply tuple that no live connection has: `wanted` itself if it may keep its port, else with the
 * preferred port, else with the first free one; null if none is.
 */
export function freeReply(
  live: readonly Connection[],
  wanted: Tuple,
  { isKept, preferredPort }: { isKept: boolean; preferredPort: number | null },
): Tuple | null {
  const isFree = (tuple: Tuple) => !live.some((connection) => hasTuple(connection, tuple));
  if (isKept && isFree(wanted)) return wanted;
  const withPort = (destinationPort: number): Tuple => ({ ...wanted, destinationPort });
  if (preferredPort !== null && preferredPort >= FIRST_MASQUERADE_PORT) {
    if (isFree(withPort(preferredPort))) return withPort(preferredPort);
  }
  for (let port = FIRST_MASQUERADE_PORT; port <= LAST_MASQUERADE_PORT; port++) {
    if (isFree(withPort(port))) return withPort(port);
  }
  return null;
}

export interface Found {
  readonly connection: Connection;
  readonly direction: Direction;
}

/** The live connection that a tuple belongs to. */
export function findConnection(
  connections: readonly Connection[],
  tuple: Tuple,
  nowMs: number,
): Found | null {
  const live = connections.filter(({ expiresAtMs }) => nowMs < expiresAtMs);
  for (const direction of ['original', 'reply'] as const) {
    const connection = live.find((candidate) => isSameTuple(candidate[direction], tuple));
    if (connection !== undefined) return { connection, direction };
  }
  return null;
}

/** The state in which a packet opens a connection; null if it cannot. */
export function openingState(packet: PacketFields): ConnectionState | null {
  const { protocol, icmpType, tcpFlags = 0 } = packet;
  if (protocol === Ip.Tcp) {
    const segment = segmentOf(tcpFlags);
    // A lone ACK picks up a connection that began before anyone watched.
    return segment === 'syn' ? 'syn-sent' : segment === 'ack' ? 'established' : null;
  }
  const isEchoReply =
    (protocol === Ip.Icmp && icmpType === 0) || (protocol === Ip.Icmpv6 && icmpType === 129);
  return isEchoReply ? null : 'unreplied';
}

export type Progress = ConnectionState | 'ignored' | 'invalid' | 'reopens';

/** What a packet does to its connection. */
export function progressOf({ connection, direction }: Found, packet: PacketFields): Progress {
  const { state } = connection;
  if (packet.protocol !== Ip.Tcp) {
    return direction === 'reply' ? 'replied' : state;
  }
  const segment = segmentOf(packet.tcpFlags ?? 0);
  if (segment === 'insane') return 'invalid';
  const next =
    direction === 'original' ? fromOriginator(segment, state) : fromReplier(segment, state);
  return next === 'syn-sent' && (state === 'time-wait' || state === 'close') ? 'reopens' : next;
}

export type Segment = 'syn' | 'syn-ack' | 'fin' | 'ack' | 'rst' | 'insane';

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
function fromEitherSide(segment: Segment, state: ConnectionState): Progress {
  if (segment === 'rst') return 'close';
  if (state === 'time-wait' || state === 'close') return state;
  const hasFin = state === 'fin-wait' || state === 'close-wait' || state === 'last-ack';
  if (segment === 'fin') return hasFin ? 'last-ack' : 'fin-wait';
  if (state === 'last-ack') return 'time-wait';
  return hasFin ? 'close-wait' : state;
}

function isOpening(state: ConnectionState): boolean {
  return state === 'syn-sent' || state === 'syn-sent-2';
}

function fromOriginator(segment: Segment, state: ConnectionState): Progress {
  switch (segment) {
    case 'syn':
      if (state === 'time-wait' || state === 'close') return 'syn-sent';
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

function fromReplier(segment: Segment, state: ConnectionState): Progress {
  switch (segment) {
    case 'syn':
      if (isOpening(state)) return 'syn-sent-2';
      return state === 'time-wait' ? 'syn-sent' : 'invalid';
    case 'syn-ack':
      return isOpening(state) ? 'syn-received' : 'ignored';
    case 'fin':
    case 'ack':
      if (isOpening(state)) return segment === 'fin' ? 'invalid' : 'ignored';
  }
  return fromEitherSide(segment, state);
}

/** A UDP connection that is answered becomes a stream once it is older than this. */
const STREAM_AGE_MS = 2000;

/** When a connection is gone unless another packet comes. */
export function expiryOf(connection: Omit<Connection, 'expiresAtMs'>, nowMs: number): number {
  return nowMs + 1000 * lifeSeconds(connection, nowMs);
}

function lifeSeconds(
  { original, state, createdAtMs }: Omit<Connection, 'expiresAtMs'>,
  nowMs: number,
): number {
  const isReplied = state === 'replied';
  switch (original.protocol) {
    case Ip.Tcp:
      return tcpSeconds[state] ?? 0;
    case Ip.Udp:
      return isReplied && nowMs > createdAtMs + STREAM_AGE_MS ? 120 : 30;
    case Ip.Sctp:
      return isReplied ? 210 : 3;
    case Ip.Icmp:
    case Ip.Icmpv6:
      return 30;
    default:
      return 600;
  }
}
