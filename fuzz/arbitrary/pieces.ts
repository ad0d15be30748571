// Packets made awkward: cut into fragments, with IPv4 options or IPv6 extension headers. Works on
// the bytes of bare IP packets. Sources: RFC 791, section 3.2; RFC 8200, sections 4.5 and 4.6.

import * as fc from 'fast-check';
import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import { Ip, locatePacket } from '../../host/net/packet-layout.ts';

/** How a datagram is cut, and in which order its pieces come. */
export interface Cut {
  /** Bytes of each piece in units of 8, used over and over. */
  readonly units: readonly number[];
  /** Positions of swaps: any order comes out of some. */
  readonly order: readonly number[];
  readonly identification: number;
}

/** The first piece has room for every transport header, and for the packet that an error quotes. */
const leastFirstBytes = 96;

export function cut(): fc.Arbitrary<Cut> {
  return fc.record({
    units: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
    order: fc.array(fc.nat({ max: 999 }), { maxLength: 12 }),
    identification: fc.integer({ min: 1, max: 0xffff }),
  });
}

/** The pieces of a packet in the order in which they are sent; one if it is too short to be cut. */
export function cutPacket(packet: Uint8Array, { units, order, identification }: Cut): Uint8Array[] {
  const headerBytes = packet[0]! >> 4 === 4 ? (packet[0]! & 15) * 4 : 40;
  const data = packet.subarray(headerBytes);
  const pieces: Uint8Array[] = [];
  for (let offset = 0, index = 0; offset < data.length; index++) {
    const wanted = 8 * units[index % units.length]!;
    const end = offset + (offset === 0 ? Math.max(wanted, leastFirstBytes) : wanted);
    const hasMore = end < data.length;
    const fields = { offset, hasMore, identification };
    pieces.push(pieceOf(packet.subarray(0, headerBytes), data.subarray(offset, end), fields));
    offset = end;
  }
  if (pieces.length < 2) return [packet];
  for (const [index, position] of order.entries()) {
    const [one, other] = [index % pieces.length, position % pieces.length];
    [pieces[one], pieces[other]] = [pieces[other]!, pieces[one]!];
  }
  return pieces;
}

interface PieceFields {
  readonly offset: number;
  readonly hasMore: boolean;
  readonly identification: number;
}

function pieceOf(header: Uint8Array, data: Uint8Array, fields: PieceFields): Uint8Array {
  const { offset, hasMore, identification } = fields;
  if (header[0]! >> 4 === 4) {
    const piece = Uint8Array.of(...header, ...data);
    const view = new DataView(piece.buffer);
    view.setUint16(2, piece.length);
    view.setUint16(4, identification);
    view.setUint16(6, (hasMore ? 0x2000 : 0) | (offset / 8));
    return withHeaderChecksum(piece);
  }
  const piece = Uint8Array.of(...header, header[6]!, 0, 0, 0, 0, 0, 0, 0, ...data);
  const view = new DataView(piece.buffer);
  view.setUint16(4, piece.length - 40);
  view.setUint8(6, 44);
  view.setUint16(42, offset | (hasMore ? 1 : 0));
  view.setUint32(44, identification);
  return piece;
}

/** An IPv4 packet with so many words of options that do nothing, or IPv6 with as many headers. */
export function withOptions(packet: Uint8Array, count: number): Uint8Array {
  if (count === 0) return packet;
  return packet[0]! >> 4 === 4 ? withNoOperations(packet, count) : withPadding(packet, count);
}

function withNoOperations(packet: Uint8Array, words: number): Uint8Array {
  const noOperations = new Uint8Array(4 * words).fill(1);
  const longer = Uint8Array.of(...packet.subarray(0, 20), ...noOperations, ...packet.subarray(20));
  longer[0] = 0x45 + words;
  new DataView(longer.buffer).setUint16(2, longer.length);
  return withHeaderChecksum(longer);
}

/** Destination options with a PadN of 6 bytes each. */
function withPadding(packet: Uint8Array, count: number): Uint8Array {
  const headers = Array.from({ length: count }, (_, index) => {
    const next = index + 1 < count ? 60 : packet[6]!;
    return [next, 0, 1, 4, 0, 0, 0, 0];
  });
  const longer = Uint8Array.of(
    ...packet.subarray(0, 40),
    ...headers.flat(),
    ...packet.subarray(40),
  );
  longer[6] = 60;
  new DataView(longer.buffer).setUint16(4, longer.length - 40);
  return longer;
}

/** The same bytes, with the IPv4 header checksum that they ask for. */
export function withHeaderChecksum(packet: Uint8Array): Uint8Array {
  if (packet[0]! >> 4 !== 4) return packet;
  const view = new DataView(packet.buffer, packet.byteOffset);
  view.setUint16(10, 0);
  view.setUint16(10, foldToChecksum(sumWords(packet, 0, (packet[0]! & 15) * 4)));
  return packet;
}

/** UDP over IPv4 may come without a checksum, and leaves without one: RFC 768; RFC 3022, 4.1. */
export function withoutChecksum(packet: Uint8Array): Uint8Array {
  const { family, protocol, transportAt } = locatePacket(packet, 'raw')!;
  if (family === 4 && protocol === Ip.Udp) packet.fill(0, transportAt + 6, transportAt + 8);
  return packet;
}
