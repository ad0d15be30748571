// One connection twice: in the one play some packets share their vector, and may take the express
// lane; in the other each is alone, and takes the whole walk. Both must come to the same, to the
// last byte of what leaves and of what is remembered.

import * as fc from 'fast-check';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { decodePacket, encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { conversation, openConversation, type Turn } from '../arbitrary/conversation.ts';
import { writeHex } from '../subject/hex.ts';
import { NodeUnderTest, type Sent } from '../subject/node-under-test.ts';
import { sampleObjects } from './sample-cluster.ts';
import type { Target } from './target.ts';
import { turnRound } from './turn-round.ts';

/** From where to where: through a Service, masqueraded, or from pod to pod. */
const ways = [
  { source: '10.244.1.2', destination: '10.96.0.10', port: 'pod' },
  { source: '203.0.113.7', destination: '192.168.0.2', port: 'uplink' },
  { source: '10.244.1.2', destination: '10.244.2.2', port: 'pod' },
  { source: 'fd00:10:244:1::2', destination: 'fd00:10:96::10', port: 'pod' },
  { source: '2001:db8::7', destination: 'fd00:192:168::2', port: 'uplink' },
  { source: 'fd00:10:244:1::2', destination: 'fd00:10:244:2::2', port: 'pod' },
] as const;

type Way = (typeof ways)[number];

const doors: Readonly<Record<number, Record<Way['port'], number>>> = {
  [Ip.Tcp]: { pod: 80, uplink: 30_080 },
  [Ip.Udp]: { pod: 53, uplink: 30_053 },
};

/** A packet, and the port that it comes in by. */
interface Placed {
  readonly packet: PacketFields;
  readonly port: string;
}

interface Play {
  readonly protocol: number;
  readonly way: Way;
  readonly turns: readonly (Turn & { readonly ttl: number })[];
  readonly settings: Partial<NodeConfig>;
  readonly link: 'ethernet' | 'raw';
}

const anyPlay: fc.Arbitrary<Play> = fc
  .oneof(openConversation(), conversation(Ip.Tcp), conversation(Ip.Udp))
  .chain(({ turns, ...rest }) =>
    fc.record({
      ...{ protocol: fc.constant(rest.protocol), settings: fc.constant(rest.settings) },
      way: fc.constantFrom(...ways),
      link: fc.constantFrom('ethernet' as const, 'raw' as const),
      turns: fc.tuple(
        ...turns.map((turn) => fc.constantFrom(64, 64, 2, 1).map((ttl) => ({ ...turn, ttl }))),
      ),
    }),
  );

/** Throws where a play differs from itself. */
async function compare(plan: Play): Promise<void> {
  const [shared, alone] = [await play(plan, true), await play(plan, false)];
  const at = alone.findIndex((line, index) => line !== shared[index]);
  if (at < 0 && alone.length === shared.length) return;
  const before = alone.slice(0, Math.max(0, at));
  const here = [`alone:  ${alone[at]}`, `shared: ${shared[at]}`];
  throw new Error([...before, ...here].join('\n'));
}

/** What can be seen of a play: a line for every packet, what is remembered, and the counters. */
async function play(plan: Play, mayShare: boolean): Promise<string[]> {
  const config = { ...defaultNodeConfig, ...plan.settings };
  const node = await NodeUnderTest.create(sampleObjects, { node: subjectNode, config });
  const { instance } = node.dataplane;
  const request = openingOf(plan, node);
  let answer: Placed | null = null;
  let timeMs = 0;
  let others = 0;
  const seen: string[] = [];
  for (const { isReply, waitMs, isSwept, isAccompanied, fields, ttl } of plan.turns) {
    timeMs += waitMs;
    if (isSwept) instance.sweep(timeMs, 0xffff_ffff);
    const { packet, port } = isReply && answer !== null ? answer : request;
    const frame = encodePacket({ ...packet, ttl, ...fields }, plan.link);
    const arrival = { frame, port, timeMs, link: plan.link };
    const company = mayShare && isAccompanied ? [{ ...arrival, frame: frame.slice(0, 1) }] : [];
    const [sent] = node.sendAll([arrival, ...company]) as [Sent];
    others += company.length;
    seen.push(tell(instance.vector.outcome(0), sent.frame));
    if (port === request.port) answer = answerOf(sent, plan.link) ?? answer;
  }
  const connections = [...instance.map('connections').entries()];
  const { packets, bytes, dropped, ...counters } = instance.map('counters').lookUp(0)!;
  const counted = [packets - others, bytes - others, dropped - others, counters];
  return [...seen, JSON.stringify(connections), JSON.stringify(counted)];
}

function openingOf({ way, protocol }: Play, { dataplane }: NodeUnderTest): Placed {
  const { source, destination } = way;
  const port = way.port === 'uplink' ? 'uplink' : dataplane.portOf(source);
  const destinationPort = doors[protocol]![way.port];
  return { port, packet: { source, destination, protocol, sourcePort: 40_000, destinationPort } };
}

/** Where an answer to what left would come from; null if nothing left. */
function answerOf({ outcome, frame }: Sent, link: Play['link']): Placed | null {
  const left = frame.length === 0 ? null : decodePacket(frame, link);
  const packet = left === null ? null : turnRound(left, 0);
  return packet === null || outcome.port === null ? null : { packet, port: outcome.port };
}

function tell(outcome: RawOutcome, frame: Uint8Array): string {
  const { verdict, reason, outPort, service, effects, state } = outcome;
  return JSON.stringify({
    verdict,
    reason,
    outPort,
    service,
    effects,
    state,
    frame: writeHex(frame),
  });
}

export const expressTarget: Target = {
  name: 'express',
  claim: 'a packet that shares its vector fares as if it were alone',
  property: () => fc.asyncProperty(anyPlay, compare),
};
