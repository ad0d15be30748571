// A packet as fields instead of bytes: what scenarios, traces and the model speak, and how fields
// become bytes and bytes fields. The dataplane never sees the fields. Sources: RFC 791, 8200, 9293,
// 768, 9260, 792, 4443.

import { formatAddress, isIPv4, parseAddress } from './address.ts';
import { foldToChecksum, sumWords } from './checksum.ts';
import type { LinkType, PacketLayout } from './packet-layout.ts';
import {
  Ip,
  checksumOffset,
  isIcmpQuery,
  isIcmpError,
  locatePacket,
  sctpChecksum,
  transportChecksum,
} from './packet-layout.ts';

/** One packet, from the IP header up. Ports and identifiers are in host order. */
export interface PacketFields {
  /** Canonical spelling; both addresses are of one family. */
  source: string;
  destination: string;
  /** IP protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP. */
  protocol: number;
  /** TCP, UDP, SCTP. */
  sourcePort?: number;
  destinationPort?: number;
  /** TCP flag bits: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  tcpFlags?: number;
  /** TCP; ICMP requests and answers: their 16-bit sequence number. */
  sequence?: number;
  acknowledgement?: number;
  /** TCP: the window as written, not scaled; 64240 unless given. */
  window?: number;
  /** TCP: the options, padded to whole words; absent if there are none. */
  tcpOptions?: Uint8Array;
  /** SCTP; 0 unless given. */
  verificationTag?: number;
  /** ICMP and ICMPv6; an echo request unless given. */
  icmpType?: number;
  icmpCode?: number;
  /** ICMP requests and their answers. */
  icmpIdentifier?: number;
  /**
   * Other ICMP: the four bytes after the checksum, such as the MTU of "packet too big".
   */
  icmpRest?: number;
  /** The packet that an ICMP error quotes. */
  quoted?: PacketFields;
  /** Time to live or hop limit; 64 unless given. */
  ttl?: number;
  /** IPv4 identification. */
  identification?: number;
  /** IPv4: it must not be cut into fragments; absent unless it is so. */
  dontFragment?: true;
  /** Bytes after the L4 header. */
  payload?: Uint8Array;
}

/** TCP flag bits (RFC 9293, section 3.1). */
export const TcpFlag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16 } as const;

/** Chunk types of SCTP (RFC 9260, section 3.2). */
export const SctpChunk = {
  Data: 0,
  Init: 1,
  InitAck: 2,
  Heartbeat: 4,
  HeartbeatAck: 5,
  Abort: 6,
  Shutdown: 7,
  ShutdownAck: 8,
  Error: 9,
  CookieEcho: 10,
  CookieAck: 11,
  ShutdownComplete: 14,
} as const;

const DEFAULT_TTL = 64;
const DONT_FRAGMENT = 0x4000;
/** The window of a segment that does not say. */
export const DEFAULT_WINDOW = 64240;
const ETHERNET_HEADER = Uint8Array.of(2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00);
const NO_BYTES = new Uint8Array(0);

/** Header bytes of each transport; a protocol that is absent has no header of its own. */
const transportHeaderBytes: Readonly<Record<number, number>> = {
  [Ip.Icmp]: 8,
  [Ip.Tcp]: 20,
  [Ip.Udp]: 8,
  [Ip.Icmpv6]: 8,
  [Ip.Sctp]: 12,
};

/**
 * Writes a packet with right lengths and checksums; throws RangeError if an address is no address.
 */
export function encodePacket(fields: PacketFields, link: LinkType): Uint8Array {
  const packet = encodeNetwork(fields);
  if (link === 'raw') return packet;
  const frame = new Uint8Array(ETHERNET_HEADER.length + packet.length);
  frame.set(ETHERNET_HEADER);
  if (packet[0]! >> 4 === 6) frame.set([0x86, 0xdd], ETHERNET_HEADER.length - 2);
  frame.set(packet, ETHERNET_HEADER.length);
  return frame;
}

function encodeNetwork(fields: PacketFields): Uint8Array {
  const quoted = fields.quoted === undefined ? NO_BYTES : encodeNetwork(fields.quoted);
  const payload = fields.payload ?? NO_BYTES;
  const family = fields.source.includes(':') ? 6 : 4;
  const ipBytes = family === 6 ? 40 : 20;
  const options = fields.protocol === Ip.Tcp ? (fields.tcpOptions ?? NO_BYTES) : NO_BYTES;
  const optionsAt = ipBytes + (transportHeaderBytes[fields.protocol] ?? 0);
  const payloadAt = optionsAt + options.length;
  const packet = new Uint8Array(payloadAt + quoted.length + payload.length);
  const view = new DataView(packet.buffer);
  if (family === 6) writeIpv6(view, packet, fields);
  else writeIpv4(view, packet, fields);
  writeTransport(new DataView(packet.buffer, ipBytes), fields);
  packet.set(options, optionsAt);
  packet.set(quoted, payloadAt);
  packet.set(payload, payloadAt + quoted.length);
  writeTransportChecksum(packet);
  return packet;
}

function writeIpv4(view: DataView, packet: Uint8Array, fields: PacketFields): void {
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint16(4, fields.identification ?? 0);
  view.setUint16(6, fields.dontFragment === true ? DONT_FRAGMENT : 0);
  view.setUint8(8, fields.ttl ?? DEFAULT_TTL);
  view.setUint8(9, fields.protocol);
  packet.set(addressBytes(fields.source).subarray(12), 12);
  packet.set(addressBytes(fields.destination).subarray(12), 16);
  view.setUint16(10, foldToChecksum(sumWords(packet, 0, 20)));
}

function writeIpv6(view: DataView, packet: Uint8Array, fields: PacketFields): void {
  view.setUint8(0, 0x60);
  view.setUint16(4, packet.length - 40);
  view.setUint8(6, fields.protocol);
  view.setUint8(7, fields.ttl ?? DEFAULT_TTL);
  packet.set(addressBytes(fields.source), 8);
  packet.set(addressBytes(fields.destination), 24);
}

function addressBytes(address: string): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes === null) throw new RangeError(`not an IP address: ${address}`);
  return bytes;
}

function writeTransport(segment: DataView, fields: PacketFields): void {
  const { protocol } = fields;
  if (protocol === Ip.Icmp || protocol === Ip.Icmpv6) {
    writeIcmp(segment, fields);
  } else if (protocol in transportHeaderBytes) {
    segment.setUint16(0, fields.sourcePort ?? 0);
    segment.setUint16(2, fields.destinationPort ?? 0);
  }
  if (protocol === Ip.Udp) segment.setUint16(4, segment.byteLength);
  if (protocol === Ip.Tcp) {
    segment.setUint32(4, fields.sequence ?? 0);
    segment.setUint32(8, fields.acknowledgement ?? 0);
    segment.setUint8(12, (20 + (fields.tcpOptions?.length ?? 0)) << 2);
    segment.setUint8(13, fields.tcpFlags ?? 0);
    segment.setUint16(14, fields.window ?? DEFAULT_WINDOW);
  }
  if (protocol === Ip.Sctp) segment.setUint32(4, fields.verificationTag ?? 0);
}

function writeIcmp(segment: DataView, fields: PacketFields): void {
  const type = fields.icmpType ?? (fields.protocol === Ip.Icmp ? 8 : 128);
  segment.setUint8(0, type);
  segment.setUint8(1, fields.icmpCode ?? 0);
  if (isIcmpQuery(fields.protocol, type)) {
    segment.setUint16(4, fields.icmpIdentifier ?? 0);
    segment.setUint16(6, fields.sequence ?? 0);
  } else {
    segment.setUint32(4, fields.icmpRest ?? 0);
  }
}

function writeTransportChecksum(packet: Uint8Array): void {
  const layout = locatePacket(packet, 'raw');
  const offset = layout === null ? null : checksumOffset(layout.protocol);
  if (layout === null || offset === null) return;
  const at = layout.transportAt + offset;
  const view = new DataView(packet.buffer);
  if (layout.protocol === Ip.Sctp) {
    view.setUint32(at, sctpChecksum(packet, layout), true);
    return;
  }
  const checksum = transportChecksum(packet, layout);
  // RFC 768: a computed zero is sent as ones, because zero means that there is no checksum.
  view.setUint16(at, layout.protocol === Ip.Udp && checksum === 0 ? 0xffff : checksum);
}

/**
 * Reads a packet; null unless it is IPv4 or IPv6 with all its headers and bytes there, and no
 * IPv4-mapped address. IP options and IPv6 extension headers are skipped. A fragment other than the
 * first has no ports; its bytes are the payload.
 */
export function decodePacket(frame: Uint8Array, link: LinkType): PacketFields | null {
  const layout = locatePacket(frame, link);
  return layout === null ? null : decodeNetwork(frame.subarray(0, layout.endAt), layout);
}

function decodeNetwork(frame: Uint8Array, layout: PacketLayout): PacketFields | null {
  const { family, ipAt, protocol, transportAt } = layout;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const sourceAt = ipAt + (family === 4 ? 12 : 8);
  const destinationAt = ipAt + (family === 4 ? 16 : 24);
  // An IPv4-mapped address has the spelling of an IPv4 address: fields cannot say that it came in
  // IPv6.
  if (family === 6 && (isIPv4(frame, sourceAt) || isIPv4(frame, destinationAt))) return null;
  const fields: PacketFields = {
    source: readAddress(frame, family, sourceAt),
    destination: readAddress(frame, family, destinationAt),
    protocol,
    ttl: view.getUint8(ipAt + (family === 4 ? 8 : 7)),
  };
  if (family === 4) {
    fields.identification = view.getUint16(ipAt + 4);
    if (view.getUint16(ipAt + 6) & DONT_FRAGMENT) fields.dontFragment = true;
  }
  if (layout.isLaterFragment || !(protocol in transportHeaderBytes)) {
    fields.payload = frame.slice(transportAt);
    return fields;
  }
  return decodeTransport(frame.subarray(transportAt), fields) ? fields : null;
}

function readAddress(frame: Uint8Array, family: 4 | 6, at: number): string {
  if (family === 6) return formatAddress(frame, at);
  return frame.subarray(at, at + 4).join('.');
}

/** Fills in what the transport says; false if it is cut off. */
function decodeTransport(segment: Uint8Array, fields: PacketFields): boolean {
  const { protocol } = fields;
  if (segment.length < transportHeaderBytes[protocol]!) return false;
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  if (protocol === Ip.Icmp || protocol === Ip.Icmpv6) {
    decodeIcmp(segment, view, fields);
    return true;
  }
  fields.sourcePort = view.getUint16(0);
  fields.destinationPort = view.getUint16(2);
  let payloadAt = transportHeaderBytes[protocol]!;
  if (protocol === Ip.Tcp) {
    fields.sequence = view.getUint32(4);
    fields.acknowledgement = view.getUint32(8);
    fields.tcpFlags = view.getUint8(13);
    fields.window = view.getUint16(14);
    payloadAt = (view.getUint8(12) >> 4) * 4;
    if (payloadAt < 20 || payloadAt > segment.length) return false;
    if (payloadAt > 20) fields.tcpOptions = segment.slice(20, payloadAt);
  }
  if (protocol === Ip.Sctp) fields.verificationTag = view.getUint32(4);
  fields.payload = segment.slice(payloadAt);
  return true;
}

function decodeIcmp(segment: Uint8Array, view: DataView, fields: PacketFields): void {
  fields.icmpType = view.getUint8(0);
  fields.icmpCode = view.getUint8(1);
  if (isIcmpQuery(fields.protocol, fields.icmpType)) {
    fields.icmpIdentifier = view.getUint16(4);
    fields.sequence = view.getUint16(6);
  } else {
    fields.icmpRest = view.getUint32(4);
  }
  const rest = segment.subarray(8);
  const quoted = isIcmpError(fields.protocol, fields.icmpType) ? decodeQuoted(rest) : null;
  if (quoted === null) fields.payload = rest.slice();
  else fields.quoted = quoted;
}

/**
 * Reads a quoted packet, of which only the first 8 bytes after the IP header need be there (RFC
 * 792).
 */
function decodeQuoted(bytes: Uint8Array): PacketFields | null {
  const layout = locatePacket(bytes, 'raw', false);
  if (layout === null || layout.transportAt + 8 > bytes.length) return null;
  const whole = decodeNetwork(bytes.subarray(0, layout.endAt), layout);
  if (whole !== null || layout.protocol === Ip.Icmp || layout.protocol === Ip.Icmpv6) return whole;
  // The header is cut off behind its ports: what is missing reads as zero.
  const padded = new Uint8Array(layout.transportAt + transportHeaderBytes[layout.protocol]!);
  padded.set(bytes.subarray(0, layout.transportAt + 8));
  if (layout.protocol === Ip.Tcp) padded[layout.transportAt + 12] = 0x50;
  return decodeNetwork(padded, layout);
}
