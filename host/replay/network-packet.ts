// IP packets of captures as the check sees them: without link header and padding, with their tuple,
// and with a key made of everything that forwarding and translation leave alone. Source for what
// they change: RFC 3022, RFC 8200.

import { formatAddress } from '../net/address.ts';
import { EtherType, readEtherType } from '../net/ether-type.ts';
import {
  checksumOffset,
  Ip,
  isIcmpQuery,
  isIcmpError,
  locatePacket,
  type LinkType,
  type PacketLayout,
} from '../net/packet-layout.ts';
import type { Span } from '../net/span.ts';
import { hashBytes, toKey } from './hash.ts';

const ethernetBytes = 14;
const ipv4HeaderBytes = 20;
const versionAndLength = 0x45;

/** Where the plain IPv4 header of a frame begins: untagged, without options; -1 = there is none. */
export function findPlainIpv4({ bytes, start, lengthBytes }: Span, link: LinkType): number {
  const at = link === 'raw' ? start : start + ethernetBytes;
  if (at + ipv4HeaderBytes > start + lengthBytes || bytes[at] !== versionAndLength) return -1;
  return link === 'raw' || read16(bytes, at - 2) === EtherType.Ipv4 ? at : -1;
}

/** Two bytes in network order. */
export function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Four bytes in network order, as a signed number. */
export function read32(bytes: Uint8Array, at: number): number {
  return (read16(bytes, at) << 16) | read16(bytes, at + 2);
}

/**
 * The IP packet in a frame, without link header and padding: a view. Null if it is none, or cut off
 * in its headers.
 */
export function findNetworkPacket(frame: Uint8Array, link: LinkType): Uint8Array | null {
  const network = readEtherType(frame, link);
  const isIp = network?.etherType === EtherType.Ipv4 || network?.etherType === EtherType.Ipv6;
  if (network === null || !isIp) return null;
  const packet = frame.subarray(network.at);
  const layout = locatePacket(packet, 'raw', false);
  return layout === null ? null : packet.subarray(0, layout.endAt);
}

/** Addresses, protocol and ports as text, in the packet's direction and in the other. */
export interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly protocol: number;
  /** The tuple of the packet that an ICMP error quotes. */
  readonly quoted: Tuple | null;
}

/** The tuple of an IP packet. Echo: the identifier stands for both ports; later fragments: 0. */
export function readTuple(packet: Uint8Array): Tuple | null {
  const layout = locatePacket(packet, 'raw', false);
  if (layout === null) return null;
  const { family, protocol, transportAt } = layout;
  const width = family === 4 ? 4 : 16;
  const sourceAt = family === 4 ? 12 : 8;
  const address = (at: number): string =>
    family === 4 ? packet.subarray(at, at + 4).join('.') : formatAddress(packet, at);
  const number = (at: number): number =>
    ((packet[transportAt + at] ?? 0) << 8) | (packet[transportAt + at + 1] ?? 0);
  const type = packet[transportAt] ?? 0;
  const isWhole = !layout.isLaterFragment;
  const isEcho = isWhole && isIcmpQuery(protocol, type);
  const hasPorts = isWhole && hasTransportPorts(protocol);
  const isError = isWhole && isIcmpError(protocol, type);
  return {
    source: address(sourceAt),
    destination: address(sourceAt + width),
    sourcePort: isEcho ? number(4) : hasPorts ? number(0) : 0,
    destinationPort: isEcho ? number(4) : hasPorts ? number(2) : 0,
    protocol,
    quoted: isError ? readTuple(packet.subarray(transportAt + 8)) : null,
  };
}

/** A tuple as one key. */
export function formatTuple(tuple: Tuple): string {
  const { source, destination, sourcePort, destinationPort, protocol, quoted } = tuple;
  const own = `${protocol} ${source} ${sourcePort} ${destination} ${destinationPort}`;
  return quoted === null ? own : `${own} (${formatTuple(quoted)})`;
}

/** The tuple of answers. */
export function reverseTuple(tuple: Tuple): Tuple {
  const { source, destination, sourcePort, destinationPort } = tuple;
  return {
    ...tuple,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

export function hasTransportPorts(protocol: number): boolean {
  return protocol === Ip.Tcp || protocol === Ip.Udp || protocol === Ip.Sctp;
}

const isNeighbourType = (type: number): boolean => type >= 130 && type <= 137;
const multicastListenerReport2 = 143;
const igmp = 2;

/**
 * Whether it is neighbour discovery or multicast membership: the link's own affair (RFC 4861, 3810,
 * 3376).
 */
export function isLinkAffair(packet: Uint8Array): boolean {
  const layout = locatePacket(packet, 'raw', false);
  if (layout === null) return false;
  const type = packet[layout.transportAt] ?? 0;
  if (layout.protocol !== Ip.Icmpv6) return layout.protocol === igmp;
  return isNeighbourType(type) || type === multicastListenerReport2;
}

const scratch = new Uint8Array(1 << 18);

/**
 * A number equal for the packets that are one before and after translation, and hardly for others.
 */
export function translationKey(packet: Uint8Array): number {
  const masked = scratch.subarray(0, packet.length);
  masked.set(packet);
  maskTranslated(masked, true);
  return toKey(hashBytes(masked, masked.length));
}

/** Zeroes what forwarding and translation may change, in the packet and in one that it quotes. */
function maskTranslated(packet: Uint8Array, isOuter: boolean): void {
  const layout = locatePacket(packet, 'raw', false);
  if (layout === null) return;
  const { family, protocol, transportAt } = layout;
  if (family === 4) packet.fill(0, 8, 9).fill(0, 10, 20);
  else packet.fill(0, 7, 40);
  const fragmentAt = findFragmentHeader(packet, layout);
  if (fragmentAt !== null) packet.fill(0, fragmentAt + 4, fragmentAt + 8);
  if (layout.isLaterFragment) return;
  const checksumAt = checksumOffset(protocol);
  const checksumBytes = protocol === Ip.Sctp ? 4 : 2;
  if (checksumAt !== null) {
    packet.fill(0, transportAt + checksumAt, transportAt + checksumAt + checksumBytes);
  }
  if (hasTransportPorts(protocol)) packet.fill(0, transportAt, transportAt + 4);
  const type = packet[transportAt] ?? 0;
  if (isIcmpQuery(protocol, type)) packet.fill(0, transportAt + 4, transportAt + 6);
  if (!isIcmpError(protocol, type)) return;
  // The node that makes an error chooses its identification or flow label freely.
  if (isOuter) packet.fill(0, family === 4 ? 4 : 1, family === 4 ? 6 : 4);
  maskTranslated(packet.subarray(transportAt + 8), false);
}

const hopByHop = 0;
const routing = 43;
const fragment = 44;
const destinationOptions = 60;

/** Offset of an IPv6 fragment header, null if there is none. */
export function findFragmentHeader(packet: Uint8Array, layout: PacketLayout): number | null {
  if (layout.family === 4) return null;
  let next = packet[6];
  for (let at = 40; at + 8 <= packet.length;) {
    if (next === fragment) return at;
    if (next !== hopByHop && next !== routing && next !== destinationOptions) return null;
    next = packet[at];
    at += 8 * ((packet[at + 1] ?? 0) + 1);
  }
  return null;
}
