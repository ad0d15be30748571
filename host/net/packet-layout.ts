// Where the headers of one packet are: Ethernet and VLAN tags, IPv4 or IPv6 with its extension
// headers, transport. Finds and checks places, never interprets a transport header. Sources: IEEE
// 802.1Q, RFC 791, RFC 8200.

import { crc32c, foldToChecksum, sumWords } from './checksum.ts';

/** What the first byte of a frame is: an Ethernet header, or the IP header itself. */
export type LinkType = 'ethernet' | 'raw';

/** IP protocol numbers (IANA). */
export const Ip = { Icmp: 1, Tcp: 6, Udp: 17, Icmpv6: 58, Sctp: 132 } as const;

/** Places are offsets in bytes from the start of the frame. */
export interface PacketLayout {
  readonly family: 4 | 6;
  readonly ipAt: number;
  readonly transportAt: number;
  /** End of the packet by its own length field; trailing padding of the frame lies beyond it. */
  readonly endAt: number;
  /** IP protocol number of the transport. */
  readonly protocol: number;
  /** The packet is a fragment, whichever. */
  readonly isFragment: boolean;
  /** The packet is a fragment other than the first, so it has no transport header. */
  readonly isLaterFragment: boolean;
}

const ETHERNET_BYTES = 14;
const VLAN_ETHERTYPES: readonly number[] = [0x8100, 0x88a8];
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const FRAGMENT_HEADER = 44;
/**
 * Hop-by-hop options, routing, destination options: next header, then length in 8-byte units minus
 * one.
 */
const IPV6_EXTENSIONS: readonly number[] = [0, 43, 60];

/**
 * ICMP types that quote a packet: RFC 792 and, for ICMPv6, every type below 128 (RFC 4443, section
 * 2.1).
 */
export function isIcmpError(protocol: number, type: number): boolean {
  if (protocol === Ip.Icmp) return [3, 4, 5, 11, 12].includes(type);
  return protocol === Ip.Icmpv6 && type < 128;
}

/**
 * ICMP types that ask or answer, and carry an identifier and a sequence number: echo, time stamp,
 * information, address mask (RFC 792, RFC 950); of ICMPv6 echo and node information (RFC 4443,
 * RFC 4620).
 */
export function isIcmpQuery(protocol: number, type: number): boolean {
  return icmpCounterpart(protocol, type) !== null;
}

/** The type that answers a request, or that an answer answers; null for types that do neither. */
export function icmpCounterpart(protocol: number, type: number): number | null {
  const pair = icmpQueries[protocol]?.find((types) => types.includes(type));
  return pair === undefined ? null : pair[0] + pair[1] - type;
}

/** Types of requests and their answers, by protocol. */
const icmpQueries: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  [Ip.Icmp]: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  [Ip.Icmpv6]: [
    [128, 129],
    [139, 140],
  ],
};

/** Finds the headers; null unless the packet is IPv4 or IPv6 and, if `isWhole`, all there. */
export function locatePacket(
  frame: Uint8Array,
  link: LinkType,
  isWhole = true,
): PacketLayout | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const ipAt = link === 'raw' ? 0 : locateNetwork(view);
  if (ipAt === null || ipAt >= frame.length) return null;
  const version = frame[ipAt]! >> 4;
  const layout =
    version === 4 ? locateIpv4(view, ipAt) : version === 6 ? locateIpv6(view, ipAt) : null;
  if (layout === null || layout.transportAt > layout.endAt) return null;
  return isWhole && layout.endAt > frame.length ? null : layout;
}

function locateNetwork(view: DataView): number | null {
  let typeAt = ETHERNET_BYTES - 2;
  while (typeAt + 2 <= view.byteLength && VLAN_ETHERTYPES.includes(view.getUint16(typeAt)))
    typeAt += 4;
  if (typeAt + 2 > view.byteLength) return null;
  const etherType = view.getUint16(typeAt);
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6 ? typeAt + 2 : null;
}

function locateIpv4(view: DataView, ipAt: number): PacketLayout | null {
  if (ipAt + 20 > view.byteLength) return null;
  const headerBytes = (view.getUint8(ipAt) & 15) * 4;
  if (headerBytes < 20) return null;
  const fragment = view.getUint16(ipAt + 6);
  return {
    family: 4,
    ipAt,
    transportAt: ipAt + headerBytes,
    endAt: ipAt + view.getUint16(ipAt + 2),
    protocol: view.getUint8(ipAt + 9),
    isFragment: (fragment & 0x3fff) !== 0,
    isLaterFragment: (fragment & 0x1fff) !== 0,
  };
}

function locateIpv6(view: DataView, ipAt: number): PacketLayout | null {
  if (ipAt + 40 > view.byteLength) return null;
  const endAt = ipAt + 40 + view.getUint16(ipAt + 4);
  let protocol = view.getUint8(ipAt + 6);
  let transportAt = ipAt + 40;
  let isFragment = false;
  let isLaterFragment = false;
  while (!isLaterFragment && (protocol === FRAGMENT_HEADER || IPV6_EXTENSIONS.includes(protocol))) {
    if (transportAt + 8 > view.byteLength) return null;
    const next = view.getUint8(transportAt);
    if (protocol === FRAGMENT_HEADER) {
      const offsetAndMore = view.getUint16(transportAt + 2) & 0xfff9;
      isFragment ||= offsetAndMore !== 0;
      isLaterFragment = offsetAndMore > 1;
      transportAt += 8;
    } else {
      transportAt += 8 * (view.getUint8(transportAt + 1) + 1);
    }
    protocol = next;
  }
  return { family: 6, ipAt, transportAt, endAt, protocol, isFragment, isLaterFragment };
}

/**
 * Where the transport's checksum is, from the start of its header; null if the protocol has none we
 * know.
 */
export function checksumOffset(protocol: number): number | null {
  if (protocol === Ip.Tcp) return 16;
  if (protocol === Ip.Udp) return 6;
  if (protocol === Ip.Sctp) return 8;
  return protocol === Ip.Icmp || protocol === Ip.Icmpv6 ? 2 : null;
}

/**
 * Sum over the transport and, where the protocol has one, its pseudo-header (RFC 9293, section 3.1;
 * RFC 8200, section 8.1). The result is 0 if the checksum field holds a correct checksum.
 */
export function transportChecksum(frame: Uint8Array, layout: PacketLayout): number {
  const { transportAt, endAt, protocol } = layout;
  const pseudoHeader = protocol === Ip.Icmp ? 0 : sumPseudoHeader(frame, layout);
  return foldToChecksum(sumWords(frame, transportAt, endAt, pseudoHeader));
}

function sumPseudoHeader(frame: Uint8Array, layout: PacketLayout): number {
  const { family, ipAt, transportAt, endAt, protocol } = layout;
  const [start, end] = family === 4 ? [ipAt + 12, ipAt + 20] : [ipAt + 8, ipAt + 40];
  return sumWords(frame, start, end, protocol + (endAt - transportAt));
}

/**
 * Whether the checksum is left to the network card: the field of TCP or UDP holds the sum of the
 * pseudo-header alone, and the card adds the rest (Linux skbuff.h, CHECKSUM_PARTIAL). Captures show
 * it so where offloads are on.
 */
export function hasPartialChecksum(frame: Uint8Array, layout: PacketLayout): boolean {
  const { protocol, transportAt, isFragment } = layout;
  const offset = protocol === Ip.Tcp || protocol === Ip.Udp ? checksumOffset(protocol) : null;
  if (offset === null || isFragment || transportAt + offset + 2 > frame.length) return false;
  const at = transportAt + offset;
  const partial = 0xffff ^ foldToChecksum(sumPseudoHeader(frame, layout));
  return sumWords(frame, at, at + 2) === partial;
}

/**
 * Whether every checksum of a frame is right: IPv4 header, transport, and those of a packet that
 * ICMP quotes.
 */
export function hasValidChecksums(frame: Uint8Array, link: LinkType): boolean {
  const layout = locatePacket(frame, link);
  return layout !== null && hasValidLayers(frame.subarray(0, layout.endAt), layout);
}

function hasValidLayers(frame: Uint8Array, layout: PacketLayout): boolean {
  const { family, ipAt, transportAt, endAt, protocol } = layout;
  const isHeaderValid =
    family === 6 || foldToChecksum(sumWords(frame, ipAt, ipAt + (frame[ipAt]! & 15) * 4)) === 0;
  // The checksum of a fragmented or cut-off datagram covers bytes that are not here.
  if (!isHeaderValid || layout.isFragment || endAt > frame.length) return isHeaderValid;
  if (!hasValidTransport(frame, layout)) return false;
  const isIcmp = protocol === Ip.Icmp || protocol === Ip.Icmpv6;
  if (!isIcmp || !isIcmpError(protocol, frame[transportAt]!)) return true;
  const quoted = frame.subarray(transportAt + 8, endAt);
  const quotedLayout = locatePacket(quoted, 'raw', false);
  return quotedLayout === null || hasValidLayers(quoted, quotedLayout);
}

function hasValidTransport(frame: Uint8Array, layout: PacketLayout): boolean {
  const offset = checksumOffset(layout.protocol);
  if (offset === null) return true;
  const at = layout.transportAt + offset;
  if (at + 2 > layout.endAt) return false;
  if (layout.protocol === Ip.Sctp)
    return readSctpChecksum(frame, layout) === sctpChecksum(frame, layout);
  // RFC 768: a UDP checksum of zero over IPv4 means that the sender computed none.
  const isAbsent = layout.protocol === Ip.Udp && frame[at] === 0 && frame[at + 1] === 0;
  return isAbsent ? layout.family === 4 : transportChecksum(frame, layout) === 0;
}

function readSctpChecksum(frame: Uint8Array, layout: PacketLayout): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return view.getUint32(layout.transportAt + 8, true);
}

/**
 * CRC32c of an SCTP packet as if its checksum field were zero; the field is little-endian on the
 * wire.
 */
export function sctpChecksum(frame: Uint8Array, layout: PacketLayout): number {
  const packet = frame.slice(layout.transportAt, layout.endAt);
  packet.fill(0, 8, 12);
  return crc32c(packet, 0, packet.length);
}
