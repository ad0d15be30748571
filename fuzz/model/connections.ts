// Connections as Linux keeps them: two tuples, and what is tracked of them. A plain list, searched
// from the front. Source: Linux nf_conntrack_core.c.

import type { PacketFields } from '../../host/net/packet.ts';
import { icmpCounterpart, isIcmpQuery } from '../../host/net/packet-layout.ts';
import type { ServicePortReference } from './services.ts';
import type { Direction } from './tcp-states.ts';
import type { Tracked } from './tracking.ts';

/**
 * ICMP echo has its identifier in place of both ports; other protocols without ports have zeros.
 */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  /** A request and its answer have different ones: both ends may use one identifier at once. */
  readonly icmpType: number;
  readonly icmpCode: number;
}

export type { Direction } from './tcp-states.ts';

export interface Connection extends Tracked {
  readonly original: Tuple;
  /** As answers arrive: the inverse of the original after translation. */
  readonly reply: Tuple;
  readonly service: ServicePortReference | null;
  /** The port of the Service has been gone at some time; one of its name is another. */
  readonly isServiceGone: boolean;
  /** Its Service had session affinity when it began. */
  readonly isSticky: boolean;
  readonly createdAtMs: number;
  expiresAtMs: number;
}

export function tupleOf(packet: PacketFields): Tuple {
  const { source, destination, protocol, sourcePort = 0, destinationPort = 0 } = packet;
  const { icmpType = 0, icmpCode = 0, icmpIdentifier = 0 } = packet;
  const isQuery = packet.icmpType !== undefined && isIcmpQuery(protocol, icmpType);
  return {
    source,
    destination,
    sourcePort: isQuery ? icmpIdentifier : sourcePort,
    destinationPort: isQuery ? icmpIdentifier : destinationPort,
    protocol,
    icmpType,
    icmpCode,
  };
}

export function invert(tuple: Tuple): Tuple {
  return {
    source: tuple.destination,
    destination: tuple.source,
    sourcePort: tuple.destinationPort,
    destinationPort: tuple.sourcePort,
    protocol: tuple.protocol,
    icmpType: icmpCounterpart(tuple.protocol, tuple.icmpType) ?? 0,
    icmpCode: tuple.icmpCode,
  };
}

export function isSameTuple(a: Tuple, b: Tuple): boolean {
  return (
    a.source === b.source &&
    a.destination === b.destination &&
    a.sourcePort === b.sourcePort &&
    a.destinationPort === b.destinationPort &&
    a.protocol === b.protocol &&
    a.icmpType === b.icmpType &&
    a.icmpCode === b.icmpCode
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
