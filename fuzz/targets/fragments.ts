// A datagram in pieces against the same datagram whole: on two nodes that saw the same before, it
// ends alike, and the pieces that leave make up what leaves of the whole. The model says whether
// that was right.

import * as fc from 'fast-check';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { defaultPool } from '../arbitrary/packet.ts';
import { cut, cutPacket, withOptions, type Cut } from '../arbitrary/pieces.ts';
import { Model } from '../model/model.ts';
import { NodeUnderTest, type Sent } from '../subject/node-under-test.ts';
import { sampleObjects } from './sample-cluster.ts';
import type { Target } from './target.ts';

/** One run: a datagram, how it is cut, and how the pieces are cut into vectors. */
export interface Datagram {
  readonly packet: PacketFields;
  readonly options: number;
  readonly cut: Cut;
  readonly vectorPackets: number;
  /** Of the node's ports; every piece fits. */
  readonly mtu: Readonly<Record<string, number>>;
}

const timeMs = 1_000_000;

/** Any, and those with which a packet is as long as an MTU, or a byte longer. */
const payloadBytes = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 8, max: 1200 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(400, 600, 800),
        fc.constantFrom(28, 32, 40, 48, 60),
        fc.nat({ max: 1 }),
      )
      .map(([mtu, headerBytes, more]) => mtu - headerBytes + more),
  },
);

function datagram(): fc.Arbitrary<Datagram> {
  const between = (family: 4 | 6) =>
    fc.record({
      source: fc.constantFrom(...defaultPool[family]),
      destination: fc.oneof(
        fc.constantFrom(...defaultPool[family]),
        fc.constantFrom(...served[family]),
      ),
      protocol: fc.constantFrom<number>(Ip.Udp, Ip.Tcp, Ip.Sctp, echoOf(family), 47),
    });
  const rest = fc.record({
    sourcePort: fc.constantFrom(40000, 40001),
    destinationPort: fc.constantFrom(80, 53, 30080, 8080, 9999),
    ttl: fc.constantFrom(64, 64, 64, 2, 1),
    dontFragment: fc.constantFrom(undefined, true as const),
    payload: payloadBytes.map((bytes) => new Uint8Array(bytes).map(byteAt)),
  });
  return fc.record({
    packet: fc.tuple(fc.oneof(between(4), between(6)), rest).map(packetOf),
    options: fc.constantFrom(0, 0, 1, 2),
    cut: cut(),
    vectorPackets: fc.integer({ min: 1, max: 4 }),
    mtu: fc.constantFrom({}, { uplink: 400 }, { pods: 400 }, { pods: 800, uplink: 600 }),
  });
}

const served = { 4: ['10.96.0.10', '203.0.113.100'], 6: ['fd00:10:96::10', '2001:db8:1b::10'] };
const echoOf = (family: 4 | 6): number => (family === 4 ? Ip.Icmp : Ip.Icmpv6);
const byteAt = (_: number, index: number): number => (index * 7) & 0xff;

function packetOf([ends, rest]: readonly [
  Pick<PacketFields, 'source' | 'destination' | 'protocol'>,
  Pick<PacketFields, 'sourcePort' | 'destinationPort' | 'ttl' | 'payload'> & {
    dontFragment: true | undefined;
  },
]): PacketFields {
  const { sourcePort, destinationPort, dontFragment, ttl, payload } = rest;
  const others = { ttl: ttl!, payload: payload!, ...(dontFragment && { dontFragment }) };
  const ports = { sourcePort: sourcePort!, destinationPort: destinationPort! };
  if (ends.protocol === Ip.Icmp || ends.protocol === Ip.Icmpv6) {
    const icmpType = ends.protocol === Ip.Icmp ? 8 : 128;
    return { ...ends, ...others, icmpType, icmpIdentifier: sourcePort! };
  }
  if (ends.protocol === 47) return { ...ends, ...others };
  return { ...ends, ...others, ...ports, ...(ends.protocol === Ip.Tcp ? { tcpFlags: 2 } : {}) };
}

/** What was wrong, in words; empty if nothing was. */
export async function playDatagram(run: Datagram): Promise<string[]> {
  const options = { node: subjectNode, config: { ...defaultNodeConfig, mtu: run.mtu } };
  const [one, other] = await Promise.all([
    NodeUnderTest.create(sampleObjects, options),
    NodeUnderTest.create(sampleObjects, options),
  ]);
  const model = new Model({ ...options, settings: options.config, complete: () => one.state });
  const port = one.dataplane.portOf(run.packet.source);
  const where = { port, timeMs };
  const isIPv4 = run.packet.source.includes('.');
  const packetFields = isIPv4
    ? { ...run.packet, identification: run.cut.identification }
    : run.packet;
  const packet = withOptions(encodePacket(packetFields, 'raw'), run.options);
  const [whole] = one.sendAll([{ frame: packet, link: 'raw', ...where }]);
  const pieces = cutPacket(packet, run.cut);
  const sent = sendPieces(other, pieces, { where, vectorPackets: run.vectorPackets });
  const wrong = run.options === 0 ? model.judge(packetFields, where, whole!.outcome) : [];
  // Of what is too long as a whole each piece may go.
  if (whole!.outcome.reason === 'packet-too-big') return wrong;
  return [...wrong, ...compare(whole!, pieces, sent), ...compareCounts(one, other, pieces.length)];
}

/** Every piece belongs to the connection of the whole. */
function compareCounts(one: NodeUnderTest, other: NodeUnderTest, pieces: number): string[] {
  const [whole, pieced] = [one, other].map(({ dataplane }) => dataplane.connections()[0]);
  const counted = pieced?.originalPackets;
  if (whole === undefined || counted === pieces * whole.originalPackets) return [];
  return [`the connection counts ${counted} of ${pieces} pieces`];
}

/** Sends the pieces in vectors; what became of each at last, by its position. */
function sendPieces(
  node: NodeUnderTest,
  pieces: readonly Uint8Array[],
  how: { readonly where: { port: string; timeMs: number }; readonly vectorPackets: number },
): Sent[] {
  const last: Sent[] = [];
  const waiting = new Map<number, number>();
  for (let start = 0; start < pieces.length; start += how.vectorPackets) {
    const part = pieces.slice(start, start + how.vectorPackets);
    const arrivals = part.map((frame) => ({ frame, link: 'raw' as const, ...how.where }));
    for (const [index, sent] of node.sendAll(arrivals).entries()) {
      last[start + index] = sent;
      if (sent.held !== 0) waiting.set(sent.held, start + index);
      for (const release of sent.released) last[waiting.get(release.held)!] = release;
    }
  }
  return last;
}

function compare(whole: Sent, pieces: readonly Uint8Array[], sent: readonly Sent[]): string[] {
  const { verdict, reason, port, service } = whole.outcome;
  const leaves = verdict === 'forward' || verdict === 'local';
  const wrong = pieces.flatMap((piece, index) => {
    const { outcome } = sent[index]!;
    const isFirst = pieces.length === 1 || offsetOf(piece) === 0;
    const expected = [isFirst || leaves ? verdict : 'drop', reason, service?.name].join();
    const got = [outcome.verdict, outcome.reason, outcome.service?.name].join();
    const isRight = expected === got && (!leaves || outcome.port === port);
    return isRight ? [] : [`piece ${index}: expected ${expected}, got ${got}`];
  });
  if (wrong.length > 0 || !leaves) return wrong;
  const together = putTogether(sent.map(({ frame }) => frame));
  return together.join() === putTogether([whole.frame]).join()
    ? []
    : ['the pieces that left do not make up the whole'];
}

/** Addresses, hops left and data of a datagram, from its pieces in any order. */
function putTogether(pieces: readonly Uint8Array[]): number[] {
  const sorted = pieces.toSorted((a, b) => offsetOf(a) - offsetOf(b));
  const headers = new Set(sorted.map((piece) => headerOf(piece).join()));
  if (headers.size !== 1) return [];
  return [...headerOf(sorted[0]!), ...sorted.flatMap((piece) => [...dataOf(piece)])];
}

function headerOf(piece: Uint8Array): number[] {
  const isIPv4 = piece[0]! >> 4 === 4;
  return [...piece.subarray(isIPv4 ? 8 : 7, isIPv4 ? 9 : 40), ...piece.subarray(12, 20)];
}

function dataOf(piece: Uint8Array): Uint8Array {
  const isFragment = piece[0]! >> 4 === 6 && piece[6] === 44;
  if (piece[0]! >> 4 === 4) return piece.subarray((piece[0]! & 15) * 4);
  return piece.subarray(isFragment ? 48 : 40);
}

function offsetOf(piece: Uint8Array): number {
  const view = new DataView(piece.buffer, piece.byteOffset);
  if (piece[0]! >> 4 === 4) return (view.getUint16(6) & 0x1fff) * 8;
  return piece[6] === 44 ? view.getUint16(42) & 0xfff8 : 0;
}

export const fragmentsTarget: Target = {
  name: 'fragments',
  claim: 'a datagram in pieces, in any order, ends as the whole one does',
  property: () =>
    fc.asyncProperty(datagram(), async (run) => {
      const wrong = await playDatagram(run);
      if (wrong.length > 0) throw new Error(wrong.join('\n'));
    }),
};
