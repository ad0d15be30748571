// What becomes of a packet's fields: the translation of its connection, of the packet that an ICMP
// error quotes, and the errors that the node answers with. Source: Linux nf_nat_core.c,
// nf_nat_proto.c, icmp.c.

import type { PacketFields } from '../../host/net/packet.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { Ip, isIcmpError, isIcmpQuery } from '../../host/net/packet-layout.ts';
import { familyOf } from '../../host/net/address.ts';
import type { Found, Tuple } from './connections.ts';
import { invert, tupleOf } from './connections.ts';

/** The tuple that packets of a direction leave with: the inverse of the opposite direction's. */
export function leavingTuple({ connection, direction }: Found): Tuple {
  return invert(direction === 'original' ? connection.reply : connection.original);
}

/** Gives a packet another tuple; everything else stays. */
export function withTuple(packet: PacketFields, tuple: Tuple): PacketFields {
  const { source, destination } = tuple;
  const moved = { ...packet, source, destination };
  if (packet.icmpIdentifier !== undefined) return { ...moved, icmpIdentifier: tuple.sourcePort };
  if (packet.sourcePort === undefined) return moved;
  return { ...moved, sourcePort: tuple.sourcePort, destinationPort: tuple.destinationPort };
}

/** Whether a direction's packets change their source, their destination. */
export function translatedSides(found: Found): { source: boolean; destination: boolean } {
  const before = found.connection[found.direction];
  const after = leavingTuple(found);
  return {
    source: before.source !== after.source || before.sourcePort !== after.sourcePort,
    destination:
      before.destination !== after.destination || before.destinationPort !== after.destinationPort,
  };
}

/**
 * Translates an ICMP error towards the end that caused it. The quoted packet becomes what that end
 * had sent, and the error seems to come from the address that it had sent it to.
 */
export function translateError(error: PacketFields, found: Found): PacketFields {
  const leaving = leavingTuple(found);
  const sides = translatedSides(found);
  return {
    ...error,
    source: sides.source ? leaving.source : error.source,
    destination: sides.destination ? leaving.destination : error.destination,
    quoted: withTuple(error.quoted!, invert(leaving)),
  };
}

export function isError(packet: PacketFields): boolean {
  return packet.icmpType !== undefined && isIcmpError(packet.protocol, packet.icmpType);
}

/**
 * Whether anybody may be told what became of the packet: no error is about an error, nor about what
 * may be one.
 */
export function mayBeToldOf({ protocol, icmpType }: PacketFields): boolean {
  if (icmpType === undefined) return true;
  return protocol === Ip.Icmp ? isIcmpQuery(protocol, icmpType) : icmpType >= 128;
}

/**
 * The tuple of the direction that an error travels in: opposite to the packet that it quotes. Null
 * if that one has no opposite, or the error goes to somebody who did not send it.
 */
export function errorTuple({ quoted, destination }: PacketFields): Tuple | null {
  if (quoted?.source !== destination) return null;
  const { protocol, icmpType } = quoted;
  const hasOpposite = icmpType === undefined || isIcmpQuery(protocol, icmpType);
  return hasOpposite ? invert(tupleOf(quoted)) : null;
}

/** Type and code of the node's own errors, by family. */
const answers = {
  'port-unreachable': { 4: [3, 3], 6: [1, 4] },
  'time-exceeded': { 4: [11, 0], 6: [3, 0] },
  'packet-too-big': { 4: [3, 4], 6: [2, 0] },
} as const;

/** Bytes of a quote: an IPv4 error has at most 576 bytes, an IPv6 one at most 1280. */
const quoteBytes = { 4: 576 - 20 - 8, 6: 1280 - 40 - 8 } as const;

/** Bytes of a packet from its IP header up. */
export function lengthOf(packet: PacketFields): number {
  return encodePacket(packet, 'raw').length;
}

/** As much of a packet as an error has room for; headers always fit. */
function quote(packet: PacketFields): PacketFields {
  const { payload = new Uint8Array() } = packet;
  const excess = lengthOf(packet) - quoteBytes[familyOf(packet.source)];
  if (excess <= 0) return packet;
  return { ...packet, payload: payload.subarray(0, Math.max(0, payload.length - excess)) };
}

/** An error of the node's own. */
export interface OwnError {
  readonly kind: keyof typeof answers;
  readonly source: string;
  /** The MTU that it tells. */
  readonly rest?: number;
}

/** The error that answers a packet as it arrived. */
export function answerTo(packet: PacketFields, { kind, source, rest = 0 }: OwnError): PacketFields {
  const family = familyOf(packet.source);
  const [icmpType, icmpCode] = answers[kind][family];
  const protocol = family === 4 ? Ip.Icmp : Ip.Icmpv6;
  const error = { source, destination: packet.source, protocol, icmpType, icmpCode };
  return { ...error, icmpRest: rest, quoted: quote(packet) };
}
