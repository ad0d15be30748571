// ICMP errors about packets that went through a node, from either end or a router on the way, with
// quotes as short as they may be: whoever gets the error must find in it the packet that it sent.

import * as fc from 'fast-check';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { Ip, hasValidChecksums, locatePacket } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { withHeaderChecksum, withoutChecksum, withOptions } from '../arbitrary/pieces.ts';
import { NodeUnderTest, type Sent } from '../subject/node-under-test.ts';
import { sampleObjects } from './sample-cluster.ts';
import type { Target } from './target.ts';

/** One run: a conversation, and what is complained about. */
export interface Complaint {
  readonly opening: PacketFields;
  /** IPv4 options, IPv6 extension headers. */
  readonly options: number;
  /** UDP over IPv4 comes without a checksum. */
  readonly isUnsummed: boolean;
  /** About the answer, not the opening packet. */
  readonly isAboutAnswer: boolean;
  readonly isFromRouter: boolean;
  /** Bytes of the quote behind its transport header's first 8; more than there are: all. */
  readonly quoteBytes: number;
  readonly kind: number;
  readonly rest: number;
}

const timeMs = 1_000_000;
const ends = {
  4: {
    client: ['203.0.113.7', '10.244.1.2'],
    server: ['10.96.0.10', '203.0.113.100', '10.244.2.2'],
    router: '192.0.2.1',
  },
  6: {
    client: ['2001:db8::7', 'fd00:10:244:1::2'],
    server: ['fd00:10:96::10', '2001:db8:1b::10', 'fd00:10:244:2::2'],
    router: '2001:db8:ffff::1',
  },
} as const;

/** Type and code of every error but redirects, which translation stops: RFC 792, RFC 4443. */
const errors = {
  4: [
    [3, 0],
    [3, 1],
    [3, 3],
    [3, 4],
    [3, 13],
    [4, 0],
    [11, 0],
    [11, 1],
    [12, 0],
  ],
  6: [
    [1, 0],
    [1, 1],
    [1, 4],
    [2, 0],
    [3, 0],
    [3, 1],
    [4, 0],
    [4, 1],
    [4, 2],
  ],
} as const;

function complaint(): fc.Arbitrary<Complaint> {
  const between = (family: 4 | 6) =>
    fc.record({
      source: fc.constantFrom(...ends[family].client),
      destination: fc.constantFrom(...ends[family].server),
    });
  const rest = fc.record({
    protocol: fc.constantFrom<number>(Ip.Udp, Ip.Tcp, Ip.Sctp),
    sourcePort: fc.constantFrom(40000, 40001),
    payload: fc.integer({ min: 0, max: 60 }).map((bytes) => new Uint8Array(bytes).fill(0x5a)),
  });
  return fc.record({
    opening: fc.tuple(fc.oneof(between(4), between(6)), rest).map(([addresses, others]) => {
      const destinationPort = others.protocol === Ip.Udp ? 53 : 80;
      const flags = others.protocol === Ip.Tcp ? { tcpFlags: 2 } : {};
      return { ...addresses, ...others, destinationPort, ...flags };
    }),
    options: fc.constantFrom(0, 1, 2),
    isUnsummed: fc.boolean(),
    isAboutAnswer: fc.boolean(),
    isFromRouter: fc.boolean(),
    quoteBytes: fc.nat({ max: 80 }),
    kind: fc.nat({ max: 99 }),
    rest: fc.constantFrom(0, 1400),
  });
}

/** A packet as its sender sent it, and as it left the node. */
interface Passed {
  readonly sent: Uint8Array;
  readonly left: Sent;
}

/** What was wrong, in words; empty if nothing was. */
export async function playComplaint(run: Complaint): Promise<string[]> {
  const options = { node: subjectNode, config: defaultNodeConfig };
  const node = await NodeUnderTest.create(sampleObjects, options);
  const pass = (packet: PacketFields, port: string): Passed => {
    const plain = encodePacket(packet, 'raw');
    const sent = withOptions(run.isUnsummed ? withoutChecksum(plain) : plain, run.options);
    return { sent, left: node.sendAll([{ frame: sent, link: 'raw', port, timeMs }])[0]! };
  };
  const there = pass(run.opening, node.dataplane.portOf(run.opening.source));
  if (there.left.outcome.verdict !== 'forward') return [];
  const back = pass(answerTo(there.left.outcome.packet!), there.left.outcome.port!);
  if (back.left.outcome.verdict !== 'forward') return ['the answer was not forwarded'];
  const about = run.isAboutAnswer ? back : there;
  const error = errorAbout(about.left.frame, run);
  const port = about.left.outcome.port!;
  const [told] = node.sendAll([{ frame: error, link: 'raw', port, timeMs }]);
  return compare(about, error, told!);
}

function answerTo(packet: PacketFields): PacketFields {
  const { source, destination, sourcePort, destinationPort, protocol } = packet;
  return {
    source: destination,
    destination: source,
    sourcePort: destinationPort!,
    destinationPort: sourcePort!,
    protocol,
    ...(protocol === Ip.Tcp ? { tcpFlags: 0x12 } : {}),
    payload: new Uint8Array(40),
  };
}

/** The error's bytes: its quote is a packet that fields could not say. */
function errorAbout(quoted: Uint8Array, run: Complaint): Uint8Array {
  const { source, destination } = decodePacket(quoted, 'raw')!;
  const family = quoted[0]! >> 4 === 4 ? 4 : 6;
  const kinds = errors[family];
  const [icmpType, icmpCode] = kinds[run.kind % kinds.length]!;
  const { transportAt } = locatePacket(quoted, 'raw')!;
  return encodePacket(
    {
      source: run.isFromRouter ? ends[family].router : destination,
      destination: source,
      protocol: family === 4 ? Ip.Icmp : Ip.Icmpv6,
      icmpType,
      icmpCode,
      icmpRest: run.rest,
      payload: quoted.slice(0, transportAt + 8 + run.quoteBytes),
    },
    'raw',
  );
}

/** The error must reach the sender, and quote what it sent with its hop counted. */
function compare({ sent, left }: Passed, error: Uint8Array, told: Sent): string[] {
  const { outcome, frame } = told;
  const original = decodePacket(sent, 'raw')!;
  if (outcome.verdict !== 'forward') return [`${outcome.verdict} (${outcome.reason})`];
  const wrong: string[] = [];
  if (outcome.packet?.destination !== original.source) wrong.push('it goes to somebody else');
  const isTranslated = decodePacket(left.frame, 'raw')!.destination !== original.destination;
  const origin = isTranslated ? original.destination : decodePacket(error, 'raw')!.source;
  if (outcome.packet?.source !== origin) wrong.push(`its source is ${outcome.packet?.source}`);
  const quoteAt = (error[0]! >> 4 === 4 ? 20 : 40) + 8;
  const quote = frame.subarray(quoteAt);
  const expected = expectedQuote(sent, left.frame, quote.length);
  if (quote.join() !== expected.subarray(0, quote.length).join()) wrong.push('the quote differs');
  if (frame.length !== error.length) wrong.push('its length differs');
  if (original.protocol !== Ip.Sctp && !hasValidChecksums(frame, 'raw')) {
    wrong.push('a checksum is wrong');
  }
  return wrong;
}

/**
 * What was sent, its hop counted. A TCP checksum is translated only where the whole header is
 * quoted (Linux nf_nat_proto.c, tcp_manip_pkt).
 */
function expectedQuote(sent: Uint8Array, left: Uint8Array, bytes: number): Uint8Array {
  const expected = sent.slice();
  expected[sent[0]! >> 4 === 4 ? 8 : 7]! -= 1;
  withHeaderChecksum(expected);
  const { protocol, transportAt } = locatePacket(sent, 'raw')!;
  if (protocol !== Ip.Tcp || bytes >= transportAt + 20) return expected;
  const checksumAt = transportAt + 16;
  expected.set(left.subarray(checksumAt, checksumAt + 2), checksumAt);
  return expected;
}

export const quotedTarget: Target = {
  name: 'quoted',
  claim: 'an ICMP error quotes to its receiver what that one sent, whoever complains',
  property: () =>
    fc.asyncProperty(complaint(), async (run) => {
      const wrong = await playComplaint(run);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    }),
};
