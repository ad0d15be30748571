// The bytes of one step, from the IP header on: what host/net writes, with the numbers of the flow
// and the options that stories vary. Sources: RFC 9293, 7323, 2018, 9260, 792, 4443.

import { formatAddress } from '../../host/net/address.ts';
import { Ip, locatePacket } from '../../host/net/packet-layout.ts';
import { encodePacket, TcpFlag, type PacketFields } from '../../host/net/packet.ts';
import { concatenate, seal, viewOf } from './shape.ts';
import type {
  Content,
  DatagramStep,
  ErrorStep,
  SctpStep,
  SegmentStep,
  Side,
  Step,
  Story,
} from './step.ts';

/** Who speaks to whom, as the speaker writes it. */
export interface Ends {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
}

/** What a flow knows when a step is written. */
export interface Progress {
  readonly story: Story;
  readonly number: number;
  readonly next: Readonly<Record<Side, number>>;
  readonly received: Readonly<Record<Side, Uint8Array | null>>;
}

/** A whole packet; null for an error about nothing. */
export function writeContent(step: Step, ends: Ends, progress: Progress): Uint8Array | null {
  const { content } = step;
  switch (content.kind) {
    case 'segment':
      return writeSegment(content, step.from, ends, progress);
    case 'datagram':
      return writeDatagram(content, ends);
    case 'sctp':
      return writeSctp(content, step.from, ends, progress);
    case 'error':
      return writeErrorStep(content, step.from, progress);
    case 'echo':
    case 'other':
      return encodePacket(fieldsWithoutPorts(content, ends, progress), 'raw');
  }
}

const otherSide = (side: Side): Side => (side === 'caller' ? 'server' : 'caller');

function writeSegment(
  content: SegmentStep,
  from: Side,
  ends: Ends,
  { next }: Progress,
): Uint8Array {
  const { flags, window, payloadBytes } = content;
  const sequence = (next[from] + content.sequence) >>> 0;
  const expected = (next[otherSide(from)] + content.acknowledgement) >>> 0;
  const acknowledgement = flags & TcpFlag.Ack ? expected : 0;
  const options = tcpOptions(content, expected);
  const payload = concatenate(options, filled(payloadBytes));
  const fields = { ...ends, protocol: Ip.Tcp, tcpFlags: flags, sequence, acknowledgement, payload };
  const packet = encodePacket(fields, 'raw');
  const { transportAt } = locatePacket(packet, 'raw')!;
  packet[transportAt + 12] = (5 + options.length / 4) << 4;
  viewOf(packet).setUint16(transportAt + 14, window);
  seal(packet);
  return packet;
}

/** Maximum segment size, SACK permitted, timestamp, window scale; or a timestamp, or a block. */
function tcpOptions({ options, windowScale }: SegmentStep, expected: number): Uint8Array {
  const timestamp = [8, 10, 0, 1, 2, 3, 0, 0, 0, 1];
  if (options === 'none') return new Uint8Array(0);
  if (options === 'timestamp') return Uint8Array.of(1, 1, ...timestamp);
  if (options === 'negotiate') {
    return Uint8Array.of(2, 4, 5, 0xb4, 4, 2, ...timestamp, 1, 3, 3, windowScale);
  }
  const block = Uint8Array.of(1, 1, 5, 10, 0, 0, 0, 0, 0, 0, 0, 0);
  viewOf(block).setUint32(4, (expected - 100) >>> 0);
  viewOf(block).setUint32(8, expected);
  return block;
}

function writeDatagram({ payloadBytes, checksum }: DatagramStep, ends: Ends): Uint8Array {
  const fields = { ...ends, protocol: Ip.Udp, payload: filled(payloadBytes) };
  const packet = encodePacket(fields, 'raw');
  const at = locatePacket(packet, 'raw')!.transportAt + 6;
  if (checksum === 'none') viewOf(packet).setUint16(at, 0);
  if (checksum === 'wrong') viewOf(packet).setUint16(at, viewOf(packet).getUint16(at) ^ 0x55);
  return packet;
}

/** Chunks with a body of their own: INIT and INIT ACK have tag, window, streams and number. */
const initial: readonly number[] = [1, 2];

function writeSctp(
  { chunks, tag }: SctpStep,
  from: Side,
  ends: Ends,
  { story }: Progress,
): Uint8Array {
  const own = story.initial[from];
  const bodies = chunks.map((type) => {
    const chunk = new Uint8Array(initial.includes(type) ? 20 : 16);
    chunk[0] = type;
    viewOf(chunk).setUint16(2, chunk.length);
    if (initial.includes(type)) viewOf(chunk).setUint32(4, own);
    return chunk;
  });
  const packet = encodePacket(
    { ...ends, protocol: Ip.Sctp, payload: concatenate(...bodies) },
    'raw',
  );
  const other = story.initial[otherSide(from)];
  const isFirst = tag === 'right' && chunks[0] === 1;
  const tags = { right: isFirst ? 0 : other, zero: 0, own, wrong: (other ^ 0x5555) >>> 0 };
  viewOf(packet).setUint32(locatePacket(packet, 'raw')!.transportAt + 4, tags[tag]);
  seal(packet);
  return packet;
}

/** Requests and replies, and types that no kernel tracks. */
const questions = {
  4: [
    [8, 0],
    [13, 14],
    [15, 16],
    [17, 18],
    [9, 10],
    [40, 42],
  ],
  6: [
    [128, 129],
    [139, 140],
    [128, 129],
    [5, 127],
    [200, 201],
    [144, 145],
  ],
} as const;

function fieldsWithoutPorts(
  content: Extract<Content, { kind: 'echo' | 'other' }>,
  { source, destination }: Ends,
  { story, number }: Progress,
): PacketFields {
  const payload = filled(content.payloadBytes);
  if (content.kind === 'other') return { source, destination, protocol: content.protocol, payload };
  const isV4 = story.family === 4;
  const [request, reply] = questions[story.family][content.type]!;
  return {
    ...{ source, destination, payload },
    protocol: isV4 ? Ip.Icmp : Ip.Icmpv6,
    icmpType: content.isReply ? reply : request,
    ...{ icmpIdentifier: number & 0xffff, sequence: 1, icmpRest: number * 0x10000 + 1 },
  };
}

/** Type, code and the four bytes behind the checksum. */
const errors4: readonly (readonly [number, number, number])[] = [
  ...([0, 1, 2, 3, 10, 13] as const).map((code) => [3, code, 0] as const),
  ...([
    [3, 4, 1400],
    [4, 0, 0],
    [5, 1, 0xcb007109],
    [11, 0, 0],
    [11, 1, 0],
    [12, 0, 0],
  ] as const),
];
const errors6: readonly (readonly [number, number, number])[] = [
  ...([0, 1, 2, 3, 4, 5, 6] as const).map((code) => [1, code, 0] as const),
  ...([
    [2, 0, 1400],
    [3, 0, 0],
    [3, 1, 0],
    [4, 0, 6],
    [4, 1, 40],
  ] as const),
];

/** Routers behind the links, which no route names. */
const routers = {
  4: { near: '203.0.113.250', far: '10.244.99.1' },
  6: { near: '2001:db8:7::250', far: 'fd00:10:244:99::1' },
};
/** Whom a hostile error is sent to. */
const bystanders = { 4: '10.244.1.9', 6: 'fd00:10:244:1::9' };

function writeErrorStep(content: ErrorStep, from: Side, progress: Progress): Uint8Array | null {
  const { family } = progress.story;
  const about = progress.received[from];
  const layout = about === null ? null : locatePacket(about, 'raw', false);
  if (about === null || layout === null) return null;
  const { source, destination } = addressesOf(about, family);
  const [icmpType, icmpCode, icmpRest] = (family === 4 ? errors4 : errors6)[content.type]!;
  const quote = about.slice(0, Math.min(500, layout.transportAt + content.quotedBytes));
  if (content.fault === 'port' && quote.length > layout.transportAt) {
    quote[layout.transportAt]! ^= 0x3f;
  }
  const router = routers[family][from === 'caller' ? 'near' : 'far'];
  return encodePacket(
    {
      source: content.isFromRouter ? router : destination,
      destination: content.fault === 'destination' ? bystanders[family] : source,
      protocol: family === 4 ? Ip.Icmp : Ip.Icmpv6,
      ...{ icmpType, icmpCode, icmpRest, payload: quote },
    },
    'raw',
  );
}

function addressesOf(packet: Uint8Array, family: 4 | 6): { source: string; destination: string } {
  const [at, bytes] = family === 4 ? [12, 4] : [8, 16];
  const read = (start: number): string =>
    family === 4 ? packet.subarray(start, start + 4).join('.') : formatAddress(packet, start);
  return { source: read(at), destination: read(at + bytes) };
}

/** Bytes that differ from place to place. */
function filled(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + 1) & 0xff);
}
