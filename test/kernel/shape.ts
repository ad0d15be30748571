// What host/net does not write: TCP options, IP options, fragments, SCTP tags, lies in headers.
// Works on packets from the IP header on. Sources: RFC 791, 8200, 9293, 7323, 2018, 9260.

import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import {
  Ip,
  checksumOffset,
  locatePacket,
  sctpChecksum,
  transportChecksum,
} from '../../host/net/packet-layout.ts';
import type { Cut, Damage, Envelope } from './step.ts';

const FRAGMENT_HEADER = 44;
const DESTINATION_OPTIONS = 60;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Brings the IPv4 header checksum and the transport's in step with the bytes. */
export function seal(packet: Uint8Array): void {
  sealNetwork(packet);
  const layout = locatePacket(packet, 'raw');
  const offset = layout === null ? null : checksumOffset(layout.protocol);
  if (layout === null || offset === null) return;
  const at = layout.transportAt + offset;
  const view = viewOf(packet);
  if (layout.protocol === Ip.Sctp) {
    view.setUint32(at, sctpChecksum(packet, layout), true);
    return;
  }
  view.setUint16(at, 0);
  const checksum = transportChecksum(packet, layout);
  view.setUint16(at, layout.protocol === Ip.Udp && checksum === 0 ? 0xffff : checksum);
}

/** Brings the IPv4 header checksum in step. */
export function sealNetwork(packet: Uint8Array): void {
  if (packet[0]! >> 4 !== 4) return;
  const headerBytes = (packet[0]! & 15) * 4;
  viewOf(packet).setUint16(10, 0);
  viewOf(packet).setUint16(10, foldToChecksum(sumWords(packet, 0, headerBytes)));
}

/** A copy in this envelope; `tag` (16 bits, not 0) is its identification or flow label. */
export function envelop(packet: Uint8Array, envelope: Envelope, tag: number): Uint8Array {
  const { ttl, typeOfService, hasOptions, isWhole } = envelope;
  const isV4 = packet[0]! >> 4 === 4;
  const shaped = hasOptions ? insertOptions(packet, isV4) : packet.slice();
  const view = viewOf(shaped);
  if (isV4) {
    shaped[1] = typeOfService;
    view.setUint16(4, tag);
    view.setUint16(6, isWhole ? 0x4000 : 0);
    shaped[8] = ttl;
  } else {
    view.setUint32(0, 0x60000000 + typeOfService * 0x100000 + tag);
    shaped[7] = ttl;
  }
  sealNetwork(shaped);
  return shaped;
}

/** IPv4: no-operation, three of them, and the end; IPv6: padding. */
function insertOptions(packet: Uint8Array, isV4: boolean): Uint8Array {
  const at = isV4 ? 20 : 40;
  const options = isV4 ? Uint8Array.of(1, 1, 1, 0) : Uint8Array.of(packet[6]!, 0, 1, 4, 0, 0, 0, 0);
  const longer = concatenate(packet.subarray(0, at), options, packet.subarray(at));
  const view = viewOf(longer);
  if (isV4) {
    longer[0] = 0x46;
    view.setUint16(2, longer.length);
  } else {
    longer[6] = DESTINATION_OPTIONS;
    view.setUint16(4, longer.length - 40);
  }
  return longer;
}

/**
 * The fragments of a whole packet; itself where it is too short to be cut, or begins with IPv6
 * options, which Linux puts before the fragment header when it cuts again.
 */
export function fragment(packet: Uint8Array, cut: Cut, tag: number): Uint8Array[] {
  const isV4 = packet[0]! >> 4 === 4;
  const headerBytes = isV4 ? (packet[0]! & 15) * 4 : 40;
  const pieces: Uint8Array[] = [];
  const end = packet.length;
  if (end - headerBytes <= cut.bytes || (!isV4 && packet[6] === DESTINATION_OPTIONS))
    return [packet];
  for (let at = headerBytes; at < end; at += cut.bytes) {
    const isLast = at + cut.bytes >= end;
    // Overlapping: every fragment but the last is a unit longer than it should be.
    const extra = cut.fault === 'overlap' && at + cut.bytes + 8 < end ? 8 : 0;
    const piece = packet.subarray(at, Math.min(end, at + cut.bytes + extra));
    const place = { offset: at - headerBytes, hasMore: !isLast, tag };
    pieces.push(isV4 ? piece4(packet, piece, place) : piece6(packet, piece, place));
  }
  return arrange(pieces, cut);
}

interface Place {
  readonly offset: number;
  readonly hasMore: boolean;
  readonly tag: number;
}

function piece4(packet: Uint8Array, piece: Uint8Array, { offset, hasMore }: Place): Uint8Array {
  const whole = concatenate(packet.subarray(0, (packet[0]! & 15) * 4), piece);
  viewOf(whole).setUint16(2, whole.length);
  viewOf(whole).setUint16(6, offset / 8 + (hasMore ? 0x2000 : 0));
  sealNetwork(whole);
  return whole;
}

function piece6(packet: Uint8Array, piece: Uint8Array, place: Place): Uint8Array {
  const header = new Uint8Array(8);
  header[0] = packet[6]!;
  viewOf(header).setUint16(2, place.offset + (place.hasMore ? 1 : 0));
  viewOf(header).setUint32(4, place.tag);
  const whole = concatenate(packet.subarray(0, 40), header, piece);
  whole[6] = FRAGMENT_HEADER;
  viewOf(whole).setUint16(4, whole.length - 40);
  return whole;
}

/** In the order wanted; what comes twice does so before the datagram is whole. */
function arrange(pieces: readonly Uint8Array[], { order, fault }: Cut): Uint8Array[] {
  const kept = fault === 'missing' ? pieces.slice(0, -1) : [...pieces];
  if (order === 'backward') kept.reverse();
  if (order === 'swapped') kept.splice(0, 2, ...kept.slice(0, 2).toReversed());
  return fault === 'repeated' ? kept.toSpliced(1, 0, kept[0]!) : kept;
}

/** A copy whose header lies, or which lacks bytes. */
export function harm(packet: Uint8Array, damage: Damage): Uint8Array {
  const harmed = packet.slice();
  const isV4 = packet[0]! >> 4 === 4;
  const layout = locatePacket(packet, 'raw');
  const transportAt = layout?.transportAt ?? 20;
  const lengthAt = isV4 ? 2 : 4;
  const lengthBefore = viewOf(packet).getUint16(lengthAt);
  if (damage === 'version') harmed[0]! += 0x10;
  if (damage === 'header-length' && isV4) harmed[0] = 0x44;
  if (damage === 'total-length') viewOf(harmed).setUint16(lengthAt, lengthBefore + 4);
  if (damage === 'data-offset' && layout?.protocol === Ip.Tcp) harmed[transportAt + 12] = 0x10;
  if (damage === 'udp-length' && layout?.protocol === Ip.Udp) harmed[transportAt + 5]! ^= 0x40;
  if (isV4) sealNetwork(harmed);
  if (damage === 'padding') return concatenate(harmed, new Uint8Array(6));
  return damage === 'cut-transport' ? shorten(harmed, transportAt + 3) : harmed;
}

/** The packet's first bytes, with a length that says so. */
function shorten(packet: Uint8Array, length: number): Uint8Array {
  const short = packet.slice(0, length);
  if (short[0]! >> 4 === 4) viewOf(short).setUint16(2, length);
  else viewOf(short).setUint16(4, length - 40);
  sealNetwork(short);
  return short;
}
