// Link-layer headers of captures: where the packet begins, and how it is shown to a dataplane,
// which knows Ethernet and bare IP only. Source: https://www.tcpdump.org/linktypes.html.

import type { Span } from '../net/span.ts';
import { LinkType, type CapturedPacket } from './packet.ts';

/** What the header in front of a packet says. */
export interface LinkHeader {
  /** Bytes of the capture's own header, which no dataplane sees; 0 for Ethernet and raw IP. */
  readonly lengthBytes: number;
  /** What follows: an Ethernet frame or an IP packet. */
  readonly link: 'ethernet' | 'raw';
  /** Cooked captures that hold something else than IP: the EtherType; 0 otherwise. */
  readonly etherType: number;
  /**
   * Cooked captures: whether the capturing machine sent the packet; null where the header cannot
   * tell.
   */
  readonly isOutgoing: boolean | null;
  /** Cooked captures of version 2: the interface that it passed; 0 where the header cannot tell. */
  readonly interfaceIndex: number;
}

const untold = { etherType: 0, isOutgoing: null, interfaceIndex: 0 };
const ethernet: LinkHeader = { lengthBytes: 0, link: 'ethernet', ...untold };
const raw: LinkHeader = { lengthBytes: 0, link: 'raw', ...untold };
const loopback: LinkHeader = { lengthBytes: 4, link: 'raw', ...untold };

/** Where the two cooked headers have the same things; the first has no interface. */
const cooked1 = { lengthBytes: 16, packetType: 1, address: 6, protocol: 14, interfaceAt: null };
const cooked2 = { lengthBytes: 20, packetType: 10, address: 12, protocol: 0, interfaceAt: 4 };
const packetTypeOutgoing = 4;
const etherTypeIpv4 = 0x0800;
const etherTypeIpv6 = 0x86dd;
const ethernetHeaderBytes = 14;

/** Reads the header of a packet; one that is cut off is passed over whole. */
export function readLinkHeader(packet: CapturedPacket): LinkHeader {
  const { linkType } = packet;
  switch (linkType) {
    case LinkType.Ethernet:
      return ethernet;
    case LinkType.Loopback:
    case LinkType.LoopbackNetworkOrder:
      return loopback;
    case LinkType.LinuxCooked:
    case LinkType.LinuxCooked2:
      return readCooked(packet.frame, linkType === LinkType.LinuxCooked ? cooked1 : cooked2);
    default:
      return raw;
  }
}

function readCooked(frame: Uint8Array, layout: typeof cooked1 | typeof cooked2): LinkHeader {
  const { lengthBytes, packetType, protocol, interfaceAt } = layout;
  const read16 = (at: number): number => ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  const etherType = read16(protocol);
  const isIp = etherType === etherTypeIpv4 || etherType === etherTypeIpv6;
  const isOutgoing = frame[packetType] === packetTypeOutgoing;
  const interfaceIndex =
    interfaceAt === null ? 0 : read16(interfaceAt) * 0x10000 + read16(interfaceAt + 2);
  if (isIp) return { lengthBytes, link: 'raw', etherType: 0, isOutgoing, interfaceIndex };
  return { lengthBytes, link: 'ethernet', etherType, isOutgoing, interfaceIndex };
}

/**
 * The frame as a dataplane takes it: without the capture's own header, and with an Ethernet header
 * made from it where a cooked capture holds something else than IP. Copies only in that case.
 */
export function frameBehind(header: LinkHeader, packet: CapturedPacket): Span {
  if (header.lengthBytes === 0) return packet;
  const passedBytes = Math.min(header.lengthBytes, packet.lengthBytes);
  const { bytes } = packet;
  const start = packet.start + passedBytes;
  const lengthBytes = packet.lengthBytes - passedBytes;
  if (header.link === 'raw') return { bytes, start, lengthBytes };
  const made = new Uint8Array(ethernetHeaderBytes + lengthBytes);
  const { address } = header.lengthBytes === cooked1.lengthBytes ? cooked1 : cooked2;
  made.set(packet.frame.subarray(address, address + 6), 6);
  made[12] = header.etherType >>> 8;
  made[13] = header.etherType & 0xff;
  made.set(bytes.subarray(start, start + lengthBytes), ethernetHeaderBytes);
  return { bytes: made, start: 0, lengthBytes: made.length };
}

/**
 * The reverse of `frameBehind`: the bytes that follow the capture's own header, kept as it came.
 */
export function packetBehind(header: LinkHeader, frame: Uint8Array): Uint8Array {
  const isMade = header.link === 'ethernet' && header.lengthBytes > 0;
  return isMade ? frame.subarray(ethernetHeaderBytes) : frame;
}
