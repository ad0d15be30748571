// Datagrams in pieces: puts them together as a receiver does, so that what was cut elsewhere can be
// compared. The pieces of one step belong to one datagram. Sources: RFC 791, section 3.2; RFC 8200,
// section 4.5; RFC 5722.

import { locatePacket } from '../../host/net/packet-layout.ts';
import type { PlacedPacket } from './flow.ts';
import { concatenate, sealNetwork, viewOf } from './shape.ts';

/** A fragment; IPv6 fragment headers stand right behind the IPv6 header. */
interface Piece {
  /** Without what only fragments have. */
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  /** Of the payload in the datagram. */
  readonly offset: number;
  readonly hasMore: boolean;
}

/** The packets, each place's fragments as one whole packet where they make one. */
export function putTogether<P extends PlacedPacket>(packets: readonly P[]): P[] {
  const together: P[] = [];
  for (const place of new Set(packets.map((packet) => packet.place))) {
    const here = packets.filter((packet) => packet.place === place);
    const pieces = here.filter(({ packet }) => isFragment(packet));
    const whole = join(pieces.map(({ packet }) => readPiece(packet)));
    if (whole === null) {
      together.push(...here);
      continue;
    }
    together.push({ ...pieces[0]!, packet: whole });
    together.push(...here.filter(({ packet }) => !isFragment(packet)));
  }
  return together;
}

export function isFragment(packet: Uint8Array): boolean {
  return locatePacket(packet, 'raw', false)?.isFragment === true;
}

function readPiece(packet: Uint8Array): Piece {
  const view = viewOf(packet);
  if (packet[0]! >> 4 === 4) {
    const headerBytes = (packet[0]! & 15) * 4;
    const field = view.getUint16(6);
    const payload = packet.subarray(headerBytes);
    const place = { offset: (field & 0x1fff) * 8, hasMore: (field & 0x2000) !== 0 };
    return { header: packet.slice(0, headerBytes), payload, ...place };
  }
  const field = view.getUint16(42);
  const header = packet.slice(0, 40);
  header[6] = packet[40]!;
  const place = { offset: field & 0xfff8, hasMore: (field & 1) !== 0 };
  return { header, payload: packet.subarray(48), ...place };
}

/** The whole packet; null if pieces are missing or overlap. What only repeats does not count. */
function join(pieces: readonly Piece[]): Uint8Array | null {
  const inOrder = pieces.toSorted((one, other) => one.offset - other.offset);
  const payloads: Uint8Array[] = [];
  let end = 0;
  for (const { payload, offset } of inOrder) {
    if (offset + payload.length <= end) continue;
    if (offset !== end) return null;
    payloads.push(payload);
    end += payload.length;
  }
  const [first] = inOrder;
  if (first === undefined || inOrder.at(-1)!.hasMore) return null;
  const whole = concatenate(first.header, ...payloads);
  const isV4 = whole[0]! >> 4 === 4;
  viewOf(whole).setUint16(isV4 ? 2 : 4, whole.length - (isV4 ? 0 : 40));
  if (isV4) viewOf(whole).setUint16(6, 0);
  sealNetwork(whole);
  return whole;
}
