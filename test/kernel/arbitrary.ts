// Arbitrary stories: an orderly course of each protocol, disturbed. The same seed draws the same
// stories. Knows what protocols look like, not what a node should make of them.

import * as fc from 'fast-check';
import { TcpFlag } from '../../host/net/packet.ts';
import { services } from './cluster.ts';
import type { Content, Cut, Damage, Door, Envelope, Side, Step, Story } from './step.ts';

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

/** Small and large distances from where a sequence number should be. */
const drift: fc.Arbitrary<number> = fc.oneof(
  { weight: 10, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.constantFrom(-1, 1, -100, 100, 1460, -1460, 5000) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(65535, -65536, 66001, -66001, 1 << 20, -(1 << 20), 2 ** 28),
  },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);

const flags: fc.Arbitrary<number> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(Ack, Psh | Ack, Syn, Syn | Ack, Fin | Ack, Rst, Rst | Ack),
  },
  { weight: 1, arbitrary: fc.nat({ max: 255 }) },
);

function segment(type: fc.Arbitrary<number>, distance: fc.Arbitrary<number>) {
  const negotiates = (bits: number) => (bits & Syn) !== 0;
  return type.chain((bits) =>
    fc.record({
      kind: fc.constant('segment' as const),
      flags: fc.constant(bits),
      sequence: distance,
      acknowledgement: distance,
      window: fc.constantFrom(64240, 501, 0, 1, 65535),
      options: negotiates(bits)
        ? fc.constantFrom('negotiate' as const, 'none' as const)
        : fc.constantFrom('none' as const, 'timestamp' as const, 'sack' as const),
      windowScale: fc.constantFrom(7, 0, 14, 15),
      payloadBytes: negotiates(bits) ? fc.constant(0) : fc.constantFrom(0, 1, 100, 1000),
    }),
  );
}

const orderly = (bits: number) => segment(fc.constant(bits), fc.constant(0));
const disturbing = segment(flags, drift);

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

const chunk = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 192);
const anyChunks: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('sctp' as const),
  chunks: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(chunk) },
    { weight: 1, arbitrary: fc.array(chunk, { maxLength: 3 }) },
  ),
  tag: fc.constantFrom(
    'right' as const,
    'right' as const,
    'zero' as const,
    'own' as const,
    'wrong' as const,
  ),
});

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

const datagram: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('datagram' as const),
  payloadBytes: fc.constantFrom(0, 1, 40, 500, 1400),
  checksum: fc.constantFrom('right' as const, 'right' as const, 'none' as const, 'wrong' as const),
});

const echo: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('echo' as const),
  type: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 5 })),
  isReply: fc.boolean(),
  payloadBytes: fc.constantFrom(0, 56, 1400),
});

const error: fc.Arbitrary<Content> = fc.record({
  kind: fc.constant('error' as const),
  type: fc.nat({ max: 11 }),
  isFromRouter: fc.boolean(),
  quotedBytes: fc.constantFrom(1000, 8, 8, 20, 28, 7, 0),
  fault: fc.constantFrom(
    'none' as const,
    'none' as const,
    'none' as const,
    'port' as const,
    'destination' as const,
  ),
});

const cut: fc.Arbitrary<Cut> = fc.record({
  bytes: fc.constantFrom(8, 24, 64, 256),
  order: fc.constantFrom('forward' as const, 'backward' as const, 'swapped' as const),
  fault: fc.constantFrom(
    'none' as const,
    'none' as const,
    'missing' as const,
    'repeated' as const,
    'overlap' as const,
  ),
});

const damage: fc.Arbitrary<Damage> = fc.constantFrom(
  'version' as const,
  'header-length' as const,
  'total-length' as const,
  'cut-transport' as const,
  'data-offset' as const,
  'udp-length' as const,
  'padding' as const,
);

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

/** The flow's protocol is that of its first step; 0 for echo, whose number depends on the family. */
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
