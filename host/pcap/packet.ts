// A captured packet, and the numbers that capture formats share. Sources: draft-ietf-opsawg-pcap,
// draft-ietf-opsawg-pcapng, https://www.tcpdump.org/linktypes.html.

import { viewOf, type Span } from '../net/span.ts';

/**
 * One packet of a capture; as a span its captured bytes, which are valid until the reader's next
 * packet. Readers use one object again and again: copy what has to last.
 */
export interface CapturedPacket extends Span {
  /** 1 for the first of its file. */
  number: number;
  /** Since the Unix epoch. */
  timeMs: number;
  /** What remains below the millisecond, 0 to 999,999. */
  nanoseconds: number;
  /** A view of the captured bytes. */
  readonly frame: Uint8Array;
  /** Bytes on the wire; more than are captured where the capture cut packets short. */
  originalLengthBytes: number;
  /** A LinkType, or another number of the registry. */
  linkType: number;
  /** Which interface of the capture's section; 0 in pcap. */
  interfaceIndex: number;
  /**
   * Where its record begins in `bytes`, right in front of the packet, if a writer of little-endian
   * pcap would write the same; null otherwise.
   */
  recordStart: number | null;
}

/** The packet that a reader fills anew for each one it finds. */
export class PacketInBlock implements CapturedPacket {
  number = 0;
  timeMs = 0;
  nanoseconds = 0;
  bytes: Uint8Array;
  start = 0;
  lengthBytes = 0;
  originalLengthBytes = 0;
  linkType: number;
  interfaceIndex = 0;
  recordStart: number | null = null;

  constructor(block: Uint8Array, linkType: number) {
    this.bytes = block;
    this.linkType = linkType;
  }

  get frame(): Uint8Array {
    return viewOf(this);
  }
}

/** Link types that are read, by their number in the registry. */
export const LinkType = {
  Loopback: 0,
  Ethernet: 1,
  RawBsd: 12,
  RawOpenBsd: 14,
  Raw: 101,
  LoopbackNetworkOrder: 108,
  LinuxCooked: 113,
  Ipv4: 228,
  Ipv6: 229,
  LinuxCooked2: 276,
} as const;

/** libpcap's MAXIMUM_SNAPLEN: no packet is longer. */
export const maximumPacketBytes = 262_144;

/** First four bytes of a capture, as a big-endian number. */
export const Magic = {
  Microseconds: 0xa1b2c3d4,
  Nanoseconds: 0xa1b23c4d,
  /** pcapng's section header block, the same in either byte order. */
  SectionHeader: 0x0a0d0d0a,
  /** Inside it. */
  ByteOrder: 0x1a2b3c4d,
} as const;

/** The number with its four bytes in the other order. */
export function swapBytes(number: number): number {
  const [a, b, c, d] = [
    number >>> 24,
    (number >>> 16) & 0xff,
    (number >>> 8) & 0xff,
    number & 0xff,
  ];
  return ((d << 24) | (c << 16) | (b << 8) | a) >>> 0;
}
