// A captured packet, and the numbers that capture formats share. Sources: draft-ietf-opsawg-pcap,
// draft-ietf-opsawg-pcapng, https://www.tcpdump.org/linktypes.html.

/** One packet of a capture. Readers use one object again and again: copy what has to last. */
export interface CapturedPacket {
  /** 1 for the first of its file. */
  number: number;
  /** Since the Unix epoch. */
  timeMs: number;
  /** What remains below the millisecond, 0 to 999,999. */
  nanoseconds: number;
  /** Captured bytes; valid until the reader's next packet. */
  frame: Uint8Array;
  /** Bytes on the wire; more than `frame` holds where the capture cut packets short. */
  originalLengthBytes: number;
  /** A LinkType, or another number of the registry. */
  linkType: number;
  /** Which interface of the capture's section; 0 in pcap. */
  interfaceIndex: number;
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
