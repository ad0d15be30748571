// Arbitrary stories: an orderly course of each protocol, disturbed. The same seed draws the same
// stories. Knows what protocols look like, not what a node should make of them.

import * as fc from 'fast-check';
import { TcpFlag } from '../../host/net/packet.ts';
import { services } from './cluster.ts';
import {
  anyChunks,
  cut,
  damage,
  datagram,
  disturbing,
  drift,
  echo,
  error,
  orderly,
  segment,
} from './content.ts';
import type { Content, Door, Envelope, Side, Step, Story } from './step.ts';

const { Fin, Syn, Rst, Psh, Ack } = TcpFlag;

/** What most of the steps of a story are like. */
const plainEnvelope: Envelope = { ttl: 63, typeOfService: 0, hasOptions: false, isWhole: true };

/** No TTL of 64 or 65: by that of 64 the node's own packets are told. */
const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(plainEnvelope) },
  {
    weight: 2,
    arbitrary: fc.record({
      ttl: fc.constantFrom(63, 1, 2, 0, 255),
      typeOfService: fc.constantFrom(0, 0x10, 0x02, 0xb8),
      hasOptions: fc.boolean(),
      isWhole: fc.boolean(),
    }),
  },
);

const side: fc.Arbitrary<Side> = fc.constantFrom('caller', 'server');

/** [side, flags]: an orderly handshake and close, both simultaneous forms, a refusal, a pick-up. */
const courses: readonly (readonly (readonly [Side, number])[])[] = [
  [
    ['caller', Syn],
    ['server', Syn | Ack],
    ['caller', Ack],
    ['caller', Psh | Ack],
    ['server', Psh | Ack],
    ['caller', Fin | Ack],
    ['server', Fin | Ack],
    ['caller', Ack],
  ],
  [
    ['caller', Syn],
    ['server', Syn | Ack],
    ['caller', Ack],
    ['server', Fin | Ack],
    ['caller', Ack],
    ['caller', Fin | Ack],
    ['server', Ack],
    ['caller', Syn],
    ['server', Syn | Ack],
    ['caller', Ack],
  ],
  [
    ['caller', Syn],
    ['server', Syn],
    ['caller', Syn | Ack],
    ['server', Syn | Ack],
    ['caller', Ack],
    ['server', Ack],
  ],
  [
    ['caller', Syn],
    ['server', Rst | Ack],
    ['caller', Syn],
    ['server', Syn | Ack],
    ['caller', Rst],
  ],
  [
    ['caller', Ack],
    ['server', Ack],
    ['caller', Psh | Ack],
    ['server', Psh | Ack],
    ['server', Rst | Ack],
  ],
];

const step = (from: fc.Arbitrary<Side>, content: fc.Arbitrary<Content>): fc.Arbitrary<Step> =>
  fc.record({ from, envelope, content });

const tcpSteps: fc.Arbitrary<Step[]> = fc
  .constantFrom(...courses)
  .chain((course) =>
    fc.tuple(
      ...course.map(([from, bits]) =>
        fc.oneof(
          { weight: 9, arbitrary: step(fc.constant(from), orderly(bits)) },
          { weight: 1, arbitrary: step(fc.constant(from), segment(fc.constant(bits), drift)) },
        ),
      ),
    ),
  )
  .chain((steps) => disturbed(steps, step(side, disturbing)));

const sctpCourse: readonly (readonly [Side, readonly number[]])[] = [
  ['caller', [1]],
  ['server', [2]],
  ['caller', [10, 0]],
  ['server', [11, 3]],
  ['caller', [0]],
  ['server', [3]],
  ['server', [4]],
  ['caller', [5]],
  ['caller', [7]],
  ['server', [8]],
  ['caller', [14]],
];

const sctpSteps: fc.Arbitrary<Step[]> = fc
  .tuple(
    ...sctpCourse.map(([from, chunks]) =>
      step(
        fc.constant(from),
        fc.constant({ kind: 'sctp' as const, chunks, tag: 'right' as const }),
      ),
    ),
  )
  .chain((steps) => disturbed(steps, step(side, anyChunks)));

const udpSteps = fc.array(step(side, datagram), { minLength: 1, maxLength: 6 });
const echoSteps = fc.array(step(side, echo), { minLength: 1, maxLength: 5 });
const otherSteps = fc.constantFrom(47, 50, 4, 253, 1, 58, 59).chain((protocol) =>
  fc.array(step(side, fc.constant({ kind: 'other' as const, protocol, payloadBytes: 40 })), {
    minLength: 1,
    maxLength: 4,
  }),
);

/** Steps with a few of another kind in between. */
function disturbed(steps: readonly Step[], disturbance: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> {
  return fc
    .array(fc.tuple(fc.nat({ max: steps.length }), disturbance), { maxLength: 3 })
    .map((extra) => {
      const all = [...steps];
      for (const [at, one] of extra) all.splice(at, 0, one);
      return all;
    });
}

const flowSteps = fc.oneof(tcpSteps, udpSteps, sctpSteps, echoSteps);

const withErrors = flowSteps.chain((steps) => disturbed(steps, step(side, error)));
const withDamage = fc
  .oneof(tcpSteps, udpSteps, echoSteps)
  .chain((steps) =>
    fc
      .tuple(fc.nat({ max: steps.length - 1 }), damage)
      .map(([at, kind]) =>
        steps.map((one, index) => (index === at ? { ...one, damage: kind } : one)),
      ),
  );
const withFragments = fc.oneof(udpSteps, udpSteps, echoSteps, tcpSteps).chain((steps) =>
  fc
    .array(fc.tuple(fc.boolean(), cut), { minLength: steps.length, maxLength: steps.length })
    .map((cuts) =>
      steps.map((one, index) => {
        const [isCut, how] = cuts[index]!;
        return isCut ? { ...one, cut: how } : one;
      }),
    ),
);

/** What stories are about, each with its share. */
const topics: readonly { topic: string; weight: number; steps: fc.Arbitrary<Step[]> }[] = [
  { topic: 'tcp', weight: 8, steps: tcpSteps },
  { topic: 'udp', weight: 2, steps: udpSteps },
  { topic: 'sctp', weight: 2, steps: sctpSteps },
  { topic: 'echo', weight: 1, steps: echoSteps },
  { topic: 'other', weight: 1, steps: otherSteps },
  { topic: 'errors', weight: 4, steps: withErrors },
  { topic: 'malformed', weight: 2, steps: withDamage },
  { topic: 'fragments', weight: 3, steps: withFragments },
];

const serviceDoors = ['cluster-ip', 'external-ip', 'ingress', 'node-port'] as const;
const door: fc.Arbitrary<Door> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(...serviceDoors),
      service: fc.constantFrom(...Object.keys(services)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(['pod', 'remote-pod', 'outside', 'node', 'unserved-port', 'unallocated'] as const),
      ),
    }),
  },
);

const protocolOf: Readonly<Record<string, number>> = { segment: 6, datagram: 17, sctp: 132 };

/** The flow's protocol is that of its first step; 0 for echo, whose number the family decides. */
function findProtocol(steps: readonly Step[]): number {
  for (const { content } of steps) {
    if (content.kind === 'other') return content.protocol;
    if (content.kind !== 'error') return protocolOf[content.kind] ?? 0;
  }
  return 17;
}

function storyAbout(topic: string, steps: fc.Arbitrary<Step[]>): fc.Arbitrary<Story> {
  const shape = {
    topic: fc.constant(topic),
    family: fc.constantFrom(4 as const, 6 as const),
    caller: fc.constantFrom(...(['outside', 'outside', 'pod', 'endpoint', 'remote-pod'] as const)),
    door,
    initial: fc.record({
      caller: fc.nat({ max: 0xffffffff }),
      server: fc.nat({ max: 0xffffffff }),
    }),
    steps,
  };
  return fc.record(shape).map((story) => ({ ...story, protocol: findProtocol(story.steps) }));
}

/** What a run may be restricted to. */
export interface Restriction {
  readonly topic?: string;
  /** IP protocol number. */
  readonly protocol?: number;
}

/** `count` stories of a seed. */
export function drawStories(seed: number, count: number, only: Restriction): Story[] {
  const wanted = topics.filter(({ topic }) => only.topic === undefined || topic === only.topic);
  const stories = wanted.map(({ topic, weight, steps }) => ({
    weight,
    arbitrary: storyAbout(topic, steps),
  }));
  const isWanted = ({ protocol }: Story): boolean =>
    only.protocol === undefined || protocol === only.protocol;
  return fc.sample(fc.oneof(...stories).filter(isWanted), { seed, numRuns: count });
}
