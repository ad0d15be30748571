// Frames of many connections, fast enough for millions: what differs is put into a template, and
// checksums follow by their differences. Ethernet and TCP only. Source: RFC 1624.

import { encodePacket, TcpFlag, type PacketFields } from '../net/packet.ts';

/** The two ends of a connection, each address by its last four bytes. */
export interface FlowEnds {
  readonly source: number;
  readonly sourcePort: number;
  readonly destination: number;
  readonly destinationPort: number;
}

/**
 * TCP payloads that make frames of 64, 594 and 1518 bytes with the frame check sequence, 7:4:1
 * (RFC 6985); in IPv6, whose header is longer, the smallest frame has 78.
 */
export function imixPayloadBytes(family: 4 | 6): number[] {
  const sizes = [...Array<number>(7).fill(6), ...Array<number>(4).fill(536), 1460];
  return family === 4 ? sizes : sizes.map((bytes) => Math.max(0, bytes - 20));
}

const ethernetBytes = 14;
const ipv6EtherType = 0x86dd;
/** Offsets in a TCP header. */
const tcp = { sequence: 4, acknowledgement: 8, flags: 12, checksum: 16 } as const;
const serverSequence = 1000;

/** A frame whose ends are still missing. */
export class FrameTemplate {
  readonly lengthBytes: number;
  readonly #bytes: Uint8Array;
  readonly #layout: FrameLayout;
  /** Sums of what the checksums cover, without the ends. */
  readonly #headerSum: number;
  readonly #segmentSum: number;

  /** Of the addresses given the last four bytes, of the ports all must be 0. */
  constructor(packet: PacketFields) {
    this.#bytes = encodePacket({ ...packet, sourcePort: 0, destinationPort: 0 }, 'ethernet');
    this.lengthBytes = this.#bytes.length;
    const view = new DataView(this.#bytes.buffer);
    this.#layout = layoutOf(view, 0);
    const { headerChecksumAt, tcpAt } = this.#layout;
    this.#headerSum = headerChecksumAt === null ? 0 : ~view.getUint16(headerChecksumAt) & 0xffff;
    this.#segmentSum = ~view.getUint16(tcpAt + tcp.checksum) & 0xffff;
  }

  /** Writes the frame of these ends at an offset. */
  write(ends: FlowEnds, target: DataView<ArrayBuffer>, at: number): void {
    const { source, sourcePort, destination, destinationPort } = ends;
    const { sourceEndAt, destinationEndAt, tcpAt, headerChecksumAt } = this.#layout;
    new Uint8Array(target.buffer, target.byteOffset + at, this.lengthBytes).set(this.#bytes);
    target.setUint32(at + sourceEndAt - 4, source);
    target.setUint32(at + destinationEndAt - 4, destination);
    target.setUint16(at + tcpAt, sourcePort);
    target.setUint16(at + tcpAt + 2, destinationPort);
    const addresses = wordsOf(source) + wordsOf(destination);
    if (headerChecksumAt !== null) {
      target.setUint16(at + headerChecksumAt, checksumOf(this.#headerSum + addresses));
    }
    const segment = this.#segmentSum + addresses + sourcePort + destinationPort;
    target.setUint16(at + tcpAt + tcp.checksum, checksumOf(segment));
  }
}

/** Turns a SYN into what its receiver answers, in place. */
export function turnIntoAnswer(frame: DataView, at: number): void {
  const { sourceEndAt, destinationEndAt, tcpAt } = layoutOf(frame, at);
  const addressBytes = destinationEndAt - sourceEndAt;
  for (let offset = 1; offset <= addressBytes; offset++) {
    swapBytes(frame, at + sourceEndAt - offset, at + destinationEndAt - offset);
  }
  const port = frame.getUint16(at + tcpAt);
  frame.setUint16(at + tcpAt, frame.getUint16(at + tcpAt + 2));
  frame.setUint16(at + tcpAt + 2, port);
  const segment = at + tcpAt;
  const acknowledged = frame.getUint32(segment + tcp.sequence) + 1;
  const before = sumOfNumbers(frame, segment);
  frame.setUint32(segment + tcp.sequence, serverSequence);
  frame.setUint32(segment + tcp.acknowledgement, acknowledged);
  frame.setUint16(segment + tcp.flags, frame.getUint16(segment + tcp.flags) | TcpFlag.Ack);
  const sum = (~frame.getUint16(segment + tcp.checksum) & 0xffff) + (0xffff * 5 - before);
  frame.setUint16(segment + tcp.checksum, checksumOf(sum + sumOfNumbers(frame, segment)));
}

/** The number that acknowledges an answer's SYN. */
export const acknowledgesAnswer = serverSequence + 1;

/** Offsets from the start of a frame; those of addresses are where they end. */
interface FrameLayout {
  readonly sourceEndAt: number;
  readonly destinationEndAt: number;
  readonly tcpAt: number;
  /** Null in IPv6. */
  readonly headerChecksumAt: number | null;
}

const layout4: FrameLayout = {
  sourceEndAt: ethernetBytes + 16,
  destinationEndAt: ethernetBytes + 20,
  tcpAt: ethernetBytes + 20,
  headerChecksumAt: ethernetBytes + 10,
};
const layout6: FrameLayout = {
  sourceEndAt: ethernetBytes + 24,
  destinationEndAt: ethernetBytes + 40,
  tcpAt: ethernetBytes + 40,
  headerChecksumAt: null,
};

function layoutOf(frame: DataView, at: number): FrameLayout {
  return frame.getUint16(at + ethernetBytes - 2) === ipv6EtherType ? layout6 : layout4;
}

/** Sum of sequence number, acknowledgement and flags, five words. */
function sumOfNumbers(frame: DataView, segment: number): number {
  const sequence = wordsOf(frame.getUint32(segment + tcp.sequence));
  const acknowledgement = wordsOf(frame.getUint32(segment + tcp.acknowledgement));
  return sequence + acknowledgement + frame.getUint16(segment + tcp.flags);
}

function wordsOf(value: number): number {
  return (value >>> 16) + (value & 0xffff);
}

function checksumOf(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return ~((once & 0xffff) + (once >>> 16)) & 0xffff;
}

function swapBytes(frame: DataView, first: number, second: number): void {
  const byte = frame.getUint8(first);
  frame.setUint8(first, frame.getUint8(second));
  frame.setUint8(second, byte);
}
