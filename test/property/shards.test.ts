// A replay in parts adds up to the replay of the whole, to the last digit of its digest: on
// conversations in which answers come to where the dataplane has sent the questions, translated or
// not, and errors quote any of it.

import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { smallCapacity } from '../../host/cluster/capacity.ts';
import { Cluster, type Dataplane } from '../../host/cluster/cluster.ts';
import { decodePacket, encodePacket, TcpFlag, type PacketFields } from '../../host/net/packet.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { writePcap } from '../../host/pcap/writer.ts';
import type { CaptureInput } from '../../host/replay/place.ts';
import { replayShard } from '../../host/replay/replay-shard.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { answerTo } from '../../host/scenario/probe.ts';
import { replayInParts } from '../golden/parts.ts';
import { concatenate } from '../host/pcap-arbitrary.ts';

const node = `apiVersion: v1
kind: Node
metadata: { name: node-a }
spec: { podCIDR: 10.244.0.0/24 }
status: { addresses: [{ type: InternalIP, address: 192.168.0.2 }] }`;

function pod(index: number): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: pod-${index} }
spec: { nodeName: node-a, containers: [{ name: c, image: c }] }
status: { phase: Running, podIP: 10.244.0.${10 + index} }`;
}

function service(index: number, spec: string, endpoints: readonly string[], port = 8080): string {
  const addresses = endpoints.map((ip) => `{ addresses: [${ip}], conditions: { ready: true } }`);
  return `apiVersion: v1
kind: Service
metadata: { name: s${index} }
spec: { clusterIP: 10.96.0.${10 + index}, ${spec} }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: s${index}, labels: { kubernetes.io/service-name: s${index} } }
addressType: IPv4
ports: [{ name: '', port: ${port}, protocol: TCP }]
endpoints: [${addresses.join(', ')}]`;
}

const ports = 'ports: [{ port: 80, targetPort: 8080 }]';
const remote = ['10.244.1.5', '10.244.1.6'];
const cluster = Cluster.from(
  [
    node,
    ...[0, 1, 2].map(pod),
    service(0, ports, remote),
    service(1, `${ports}, sessionAffinity: ClientIP`, ['10.244.1.6', '10.244.0.12']),
    service(2, 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]', ['10.244.0.11']),
    service(3, ports, ['10.244.2.5', '10.244.2.6', '10.244.2.7']),
    service(4, ports, []),
    service(5, 'ports: [{ port: 90, targetPort: 40000 }]', ['10.244.0.10'], 40000),
  ].join('\n---\n'),
);
const start = (): Promise<Dataplane> =>
  cluster.dataplane({
    node: 'node-a',
    capacity: smallCapacity,
  });

const clients = ['10.244.0.10', '10.244.0.11', '10.244.0.12', '203.0.113.7', '203.0.113.8'];
const targets = [
  ...[10, 11, 12, 13, 14].map((last) => ({ address: `10.96.0.${last}`, port: 80 })),
  { address: '192.168.0.2', port: 30080 },
  { address: '10.244.1.6', port: 8080 },
  { address: '10.244.0.12', port: 8080 },
  { address: '198.51.100.9', port: 443 },
];

const step = fc.oneof(
  fc.record({
    kind: fc.constant('opens' as const),
    client: fc.constantFrom(...clients),
    port: fc.integer({ min: 40000, max: 40003 }),
    target: fc.constantFrom(...targets),
  }),
  fc.record({ kind: fc.constant('answers' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('repeats' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('errs' as const), which: fc.nat() }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays a conversation with a dataplane, and returns what entered it. */
async function play(steps: readonly Step[], isStale: boolean): Promise<CaptureInput> {
  const dataplane = await start();
  const entered: Uint8Array[] = [];
  const left: PacketFields[] = [];
  const parts: Uint8Array[] = [];
  const format = { linkType: 1, hasNanoseconds: false, littleEndian: true };
  const writer = writePcap((bytes) => void parts.push(bytes.slice()), format);
  steps.forEach((each, index) => {
    const frame = make(each, { entered, left });
    if (frame === null) return;
    const timeMs = index * (isStale ? 40_000 : 10);
    const linkType = 1;
    writer.write({ timeMs, nanoseconds: 0, originalLengthBytes: frame.length, linkType }, frame);
    entered.push(frame.slice());
    const port = dataplane.portOf(decodePacket(frame, 'ethernet')!.source);
    const outcome = dataplane.process(frame, { port, timeMs });
    if (outcome.verdict === 'forward') left.push(decodePacket(outcome.frame, 'ethernet')!);
  });
  writer.finish();
  const bytes = concatenate(parts);
  return { file: 'story.pcap', open: () => sourceOf(bytes) };
}

function make(
  each: Step,
  { entered, left }: { entered: readonly Uint8Array[]; left: readonly PacketFields[] },
): Uint8Array | null {
  if (each.kind === 'opens') {
    const { client: source, port: sourcePort, target } = each;
    const to = { destination: target.address, destinationPort: target.port };
    return encodePacket(
      { source, sourcePort, ...to, protocol: 6, tcpFlags: TcpFlag.Syn, sequence: 1 },
      'ethernet',
    );
  }
  if (each.kind === 'repeats') return entered[each.which % entered.length]?.slice() ?? null;
  const sent = left[each.which % left.length];
  if (sent === undefined || sent.protocol !== 6) return null;
  if (each.kind === 'answers') return encodePacket(answerTo(sent), 'ethernet');
  const error = { protocol: 1, icmpType: 3, icmpCode: 1, quoted: sent };
  return encodePacket({ source: '198.51.100.1', destination: sent.source, ...error }, 'ethernet');
}

property.prop(
  [fc.array(step, { minLength: 20, maxLength: 150 }), fc.boolean(), fc.integer({ min: 1, max: 4 })],
  { numRuns: 25 },
)('parts add up to the whole', async (steps, isStale, count) => {
  const captures = [await play(steps, isStale)];
  const now = (): number => 0;
  const whole = replayCaptures(await start(), captures, { now });
  expect(await replayInParts(start, captures, count)).toEqual(whole);
});

test('parts share the work', async () => {
  const opening = (client: string, port: number, address: string): Step => ({
    kind: 'opens',
    client,
    port,
    target: { address, port: 80 },
  });
  const steps = [0, 1, 2, 3].flatMap((index) => [
    opening('203.0.113.7', 41000 + index, '10.96.0.10'),
    opening('10.244.0.11', 41000 + index, '10.96.0.13'),
    opening('203.0.113.8', 41000 + index, '10.96.0.14'),
  ]);
  const captures = [await play(steps, false)];
  const packets = [];
  for (let index = 0; index < 4; index++) {
    const shard = { index, count: 4 };
    packets.push((await replayShard(start, captures, { shard })).packets);
  }
  expect(packets.reduce((sum, count) => sum + count, 0)).toBe(12);
  expect(packets.filter((count) => count > 0).length).toBeGreaterThan(1);
});
