// Frame -> packet, or the reason that refuses it. Reads nothing outside the bytes that are present;
// judges the shape of a packet, never its meaning.

import { Link, PacketDescriptor } from "../abi/packet-descriptor";
import { Reason } from "../abi/verdict";
import { isMapped } from "../table/prefix-table";
import {
  ETHERNET_BYTES,
  TYPE_ARP,
  TYPE_IPV4,
  TYPE_IPV6,
  VLAN_TAGS_MAX,
  VLAN_TAG_BYTES,
  isVlanType,
  typeBefore,
} from "../wire/ethernet";
import { ICMP_BYTES } from "../wire/icmp";
import { IPV4_BYTES, Ipv4 } from "../wire/ipv4";
import {
  FRAGMENT_HEADER,
  FragmentHeader,
  HOP_BY_HOP,
  IPV6_BYTES,
  IPV6_EXTENSIONS_MAX,
  Ipv6,
  extensionBytes,
  isExtension,
} from "../wire/ipv6";
import { Packet, clearPacket, quoted } from "./packet";
import { parseQuotedTransport, parseTransport } from "./parse-transport";

const DATAGRAM_MAX: u32 = 65535;
const MAPPED_PREFIX: u64 = 0x00000000ffff0000;

/** Parses the frame of a descriptor, but not what it quotes. */
export function parse(descriptor: PacketDescriptor, packet: Packet): Reason {
  clearPacket(packet);
  packet.timeMs = descriptor.timeMs;
  packet.port = descriptor.port;
  packet.frame = descriptor.address;
  const reason =
    descriptor.link == Link.Ethernet
      ? parseEthernet(packet, descriptor.lengthBytes)
      : parseRaw(packet, descriptor.lengthBytes);
  if (reason != Reason.None || packet.family == 0) return reason;
  if (packet.isFragment && !isFragmentSound(packet)) return Reason.BadFragment;
  if (packet.isLaterFragment) {
    packet.transport = 0;
    return Reason.None;
  }
  return parseTransport(packet);
}

function parseEthernet(packet: Packet, length: u32): Reason {
  let bytes = ETHERNET_BYTES;
  if (length < bytes) return Reason.TruncatedEthernet;
  let type = typeBefore(packet.frame, bytes);
  for (let tags: u32 = 0; isVlanType(type); tags++) {
    if (tags == VLAN_TAGS_MAX) return Reason.TooManyVlanTags;
    bytes += VLAN_TAG_BYTES;
    if (length < bytes) return Reason.TruncatedEthernet;
    type = typeBefore(packet.frame, bytes);
  }
  packet.network = packet.frame + bytes;
  if (type == TYPE_IPV4) return parseIpv4(packet, length - bytes);
  if (type == TYPE_IPV6) return parseIpv6(packet, length - bytes);
  return type == TYPE_ARP ? Reason.None : Reason.UnknownEthertype;
}

function parseRaw(packet: Packet, length: u32): Reason {
  packet.network = packet.frame;
  if (length == 0) return Reason.TruncatedIpv4;
  const version = load<u8>(packet.frame) >> 4;
  if (version == 6) return parseIpv6(packet, length);
  return parseIpv4(packet, length);
}

/** Parses the IPv4 header at `packet.network`; `available` bytes are present there. */
function parseIpv4(packet: Packet, available: u32): Reason {
  if (available < IPV4_BYTES) return Reason.TruncatedIpv4;
  const header = changetype<Ipv4>(packet.network);
  if (header.version != 4) return Reason.BadIpv4Version;
  const headerBytes = header.headerBytes;
  if (headerBytes != IPV4_BYTES) {
    if (headerBytes < IPV4_BYTES) return Reason.BadIpv4HeaderLength;
    if (available < headerBytes) return Reason.TruncatedIpv4;
    packet.hasOptions = true;
  }
  const totalBytes = header.totalBytes;
  if (totalBytes < headerBytes || totalBytes > available) return Reason.BadIpv4TotalLength;
  readIpv4(packet, header, totalBytes);
  return Reason.None;
}

function readIpv4(packet: Packet, header: Ipv4, totalBytes: u32): void {
  packet.family = 4;
  packet.protocol = header.protocol;
  packet.sourceLow = MAPPED_PREFIX | ((<u64>header.source) << 32);
  packet.destinationLow = MAPPED_PREFIX | ((<u64>header.destination) << 32);
  packet.networkBytes = totalBytes;
  packet.transport = packet.network + header.headerBytes;
  packet.transportBytes = totalBytes - header.headerBytes;
  packet.identification = header.identification;
  packet.fragmentOffset = header.fragmentOffset;
  packet.hasMoreFragments = header.hasMoreFragments;
  packet.fragmentBytes = packet.transportBytes;
  packet.isFragment = packet.hasMoreFragments || packet.fragmentOffset != 0;
}

/** Parses the IPv6 header at `packet.network`; `available` bytes are present there. */
function parseIpv6(packet: Packet, available: u32): Reason {
  if (available < IPV6_BYTES) return Reason.TruncatedIpv6;
  const header = changetype<Ipv6>(packet.network);
  if (header.version != 6) return Reason.BadIpv6Version;
  const payloadBytes = header.payloadBytes;
  if (payloadBytes > available - IPV6_BYTES) return Reason.BadIpv6PayloadLength;
  packet.family = 6;
  packet.sourceHigh = header.sourceHigh;
  packet.sourceLow = header.sourceLow;
  packet.destinationHigh = header.destinationHigh;
  packet.destinationLow = header.destinationLow;
  packet.networkBytes = IPV6_BYTES + payloadBytes;
  if (
    isMapped(packet.sourceHigh, packet.sourceLow) ||
    isMapped(packet.destinationHigh, packet.destinationLow)
  ) {
    return Reason.MappedAddress;
  }
  return parseExtensions(packet, header.nextHeader);
}

/** Follows the chain of extension headers to the transport header. */
function parseExtensions(packet: Packet, nextHeader: u8): Reason {
  let at = packet.network + IPV6_BYTES;
  const end = packet.network + packet.networkBytes;
  for (let followed: u32 = 0; isExtension(nextHeader); followed++) {
    if (followed == IPV6_EXTENSIONS_MAX) return Reason.TooManyIpv6Extensions;
    if (end - at < 8) return Reason.TruncatedIpv6Extension;
    const bytes = extensionBytes(nextHeader, at);
    if (end - at < bytes) return Reason.TruncatedIpv6Extension;
    if (nextHeader == HOP_BY_HOP) packet.hasOptions = true;
    const isFragmentHeader = nextHeader == FRAGMENT_HEADER;
    if (isFragmentHeader) readFragmentHeader(packet, at);
    nextHeader = load<u8>(at);
    at += bytes;
    if (isFragmentHeader) packet.fragmentBytes = <u32>(end - at);
    if (packet.isLaterFragment) break;
  }
  packet.protocol = nextHeader;
  packet.transport = at;
  packet.transportBytes = <u32>(end - at);
  return Reason.None;
}

function readFragmentHeader(packet: Packet, at: usize): void {
  const header = changetype<FragmentHeader>(at);
  packet.identification = header.identification;
  packet.fragmentOffset = header.offset;
  packet.hasMoreFragments = header.hasMoreFragments;
  packet.isFragment = packet.hasMoreFragments || packet.fragmentOffset != 0;
}

/**
 * RFC 791 and RFC 8200, section 4.5: all but the last fragment hold whole 8-byte units, none is
 * empty.
 */
function isFragmentSound(packet: Packet): bool {
  const bytes = packet.fragmentBytes;
  const isWhole = !packet.hasMoreFragments || (bytes & 7) == 0;
  return bytes != 0 && isWhole && packet.fragmentOffset + bytes <= DATAGRAM_MAX;
}

/**
 * Parses what an ICMP error quotes into `quoted`. The quote may be cut off: its lengths are those
 * it had, not those that are left.
 */
export function parseQuoted(packet: Packet): Reason {
  const quote = quoted;
  clearPacket(quote);
  quote.family = packet.family;
  quote.network = packet.transport + ICMP_BYTES;
  const available = packet.transportBytes - ICMP_BYTES;
  const parsed =
    packet.family == 4 ? parseQuotedIpv4(quote, available) : parseQuotedIpv6(quote, available);
  if (parsed != Reason.None) return Reason.BadQuotedPacket;
  if (quote.isLaterFragment) return Reason.None;
  return parseQuotedTransport(quote) == Reason.None ? Reason.None : Reason.BadQuotedPacket;
}

function parseQuotedIpv4(quote: Packet, available: u32): Reason {
  if (available < IPV4_BYTES) return Reason.BadQuotedPacket;
  const header = changetype<Ipv4>(quote.network);
  const headerBytes = header.headerBytes;
  if (header.version != 4 || headerBytes < IPV4_BYTES || headerBytes > available) {
    return Reason.BadQuotedPacket;
  }
  readIpv4(quote, header, available);
  return Reason.None;
}

function parseQuotedIpv6(quote: Packet, available: u32): Reason {
  if (available < IPV6_BYTES) return Reason.BadQuotedPacket;
  const header = changetype<Ipv6>(quote.network);
  if (header.version != 6) return Reason.BadQuotedPacket;
  quote.sourceHigh = header.sourceHigh;
  quote.sourceLow = header.sourceLow;
  quote.destinationHigh = header.destinationHigh;
  quote.destinationLow = header.destinationLow;
  quote.networkBytes = available;
  return parseExtensions(quote, header.nextHeader);
}
