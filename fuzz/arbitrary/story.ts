// Arbitrary stories: what happens to a node, step by step. Steps name packets and ends by position
// in what is there when they run, so that a step keeps its meaning while the steps around it are
// shrunk away.

import * as fc from 'fast-check';
import type { KubernetesObject, Service } from '../../host/kubernetes/types.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag } from '../../host/net/packet.ts';
import { cluster, narrowScene, replacement, type Scene } from './cluster.ts';
import type { Door } from './doors.ts';
import { printObject } from './print-object.ts';
import { tcpFlags } from './packet.ts';

export interface Opening {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly tcpFlags: number;
  /** Type of the SCTP chunk; INIT unless given. */
  readonly chunk?: number;
  readonly ttl: number;
  /** It comes in from outside, whoever it says has sent it. */
  readonly isForeign?: boolean;
}

export type Step =
  /** Starts, or restarts, a conversation. */
  | { readonly kind: 'send'; readonly opening: Opening }
  /**
   * Answers the packet that left `back` packets ago: by the book where TCP's flags are null, or the
   * type of SCTP's chunk is not given.
   */
  | {
      readonly kind: 'reply';
      readonly back: number;
      readonly tcpFlags: number | null;
      readonly chunk?: number;
    }
  /**
   * Complains about the packet that left `back` packets ago, from its receiver or from a router on
   * the way.
   */
  | {
      readonly kind: 'complain';
      readonly back: number;
      readonly isRouter: boolean;
      readonly isTooBig: boolean;
      /** That there is a shorter way, of IPv4; false unless given. */
      readonly isRedirect?: boolean;
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'apply'; readonly object: KubernetesObject }
  | { readonly kind: 'delete'; readonly position: number };

export interface Story {
  readonly objects: readonly KubernetesObject[];
  readonly steps: readonly Step[];
  /** How fast-check prints it. */
  readonly [fc.toStringMethod]?: () => string;
}

const { Syn, Ack } = TcpFlag;

/** Just below and above the lives of connections and affinities. */
const waits = [1, 2001, 9999, 10_001, 29_999, 30_001, 60_001, 120_001, 3_600_001, 86_400_001];

function anyEnd(ports: readonly number[]): fc.Arbitrary<Omit<Door, 'destination'>> {
  return fc.record({
    protocol: fc.constantFrom<number>(Ip.Tcp, Ip.Tcp, Ip.Udp, Ip.Sctp, Ip.Icmp),
    destinationPort: fc.constantFrom(...ports),
  });
}

/** Packets between any two of the scene's addresses; most of them dial one of its doors. */
function opening({ pool, ports, doors }: Scene): fc.Arbitrary<Opening> {
  const family = fc.oneof(
    ...([4, 6] as const)
      .filter((number) => pool[number].length > 0)
      .map((number) => ({ weight: number === 4 ? 3 : 1, arbitrary: fc.constant(number) })),
  );
  const anywhere = fc
    .tuple(family, fc.nat({ max: 999 }), anyEnd(ports))
    .map(([number, position, end]): Door => {
      const addresses = pool[number];
      return { ...end, destination: addresses[position % addresses.length]! };
    });
  const atDoor = doors.length === 0 ? anywhere : fc.constantFrom(...doors);
  const dialled = fc.oneof({ weight: 3, arbitrary: atDoor }, { weight: 2, arbitrary: anywhere });
  const rest = fc.record({
    sourcePort: fc.constantFrom(40000, 40001, 8080),
    tcpFlags: fc.oneof({ weight: 8, arbitrary: fc.constant<number>(Syn) }, tcpFlags()),
    ttl: fc.oneof({ weight: 8, arbitrary: fc.constant(64) }, fc.constantFrom(1, 2)),
    isForeign: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, fc.constant(true)),
  });
  return fc.tuple(dialled, fc.nat({ max: 999 }), rest).map(([end, position, others]) => {
    const addresses = pool[end.destination.includes(':') ? 6 : 4];
    return { source: addresses[position % addresses.length]!, ...end, ...others };
  });
}

/** About one of the packets that left last. */
export function complaint(): fc.Arbitrary<Step> {
  return fc.record({
    kind: fc.constant('complain' as const),
    back: fc.nat({ max: 5 }),
    isRouter: fc.boolean(),
    isTooBig: fc.boolean(),
    isRedirect: fc.constantFrom(false, false, false, true),
  });
}

function step(scene: Scene): fc.Arbitrary<Step> {
  const back = fc.nat({ max: 5 });
  const answering = fc.oneof({ weight: 4, arbitrary: fc.constant(Syn | Ack) }, tcpFlags());
  const send = fc.record({ kind: fc.constant('send' as const), opening: opening(scene) });
  const reply = fc.record({ kind: fc.constant('reply' as const), back, tcpFlags: answering });
  const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(...waits) });
  const apply = fc.record({ kind: fc.constant('apply' as const), object: scene.replacement() });
  const remove = fc.record({ kind: fc.constant('delete' as const), position: fc.nat({ max: 15 }) });
  return fc.oneof(
    { weight: 8, arbitrary: send },
    { weight: 6, arbitrary: reply },
    { weight: 2, arbitrary: complaint() },
    { weight: 2, arbitrary: wait },
    { weight: 2, arbitrary: apply },
    { weight: 1, arbitrary: remove },
  );
}

/** A cluster and what happens to one of its nodes. */
export function story(maxLength = 30, scene: Scene = narrowScene): fc.Arbitrary<Story> {
  return printed(scene.objects(), step(scene), maxLength);
}

/** The doors of Service `s0`, which all have TCP port 80 or its node port. */
const doors = fc.constantFrom(
  { destination: '10.96.0.10', destinationPort: 80 },
  { destination: '203.0.113.100', destinationPort: 80 },
  { destination: '192.168.0.2', destinationPort: 30080 },
);

/** A new TCP connection to one of them. */
function dial(sources: readonly string[]): fc.Arbitrary<Step> {
  return fc
    .tuple(fc.constantFrom(...sources), doors, fc.nat({ max: 5000 }))
    .map(([source, ends, offset]): Step => {
      const rest = { protocol: Ip.Tcp, sourcePort: 40_000 + offset, tcpFlags: Syn, ttl: 64 };
      return { kind: 'send', opening: { source, ...ends, ...rest } };
    });
}

export function open(service: Service): Service {
  return { ...service, spec: { ...service.spec, loadBalancerSourceRanges: [] } };
}

/**
 * Few clients that dial one Service by all its doors, over and over, while its endpoints change:
 * what session affinity is about.
 */
export function stickyStory(maxLength = 30): fc.Arbitrary<Story> {
  const sticky = (object: KubernetesObject): KubernetesObject => {
    if (object.kind !== 'Service') return object;
    const { spec, ...rest } = open(object);
    return { ...rest, spec: { ...spec, sessionAffinity: 'ClientIP' } };
  };
  const wait = fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 5000, 9999, 10_000, 10_800_001, 86_400_001),
  });
  const steps = fc.oneof(
    { weight: 8, arbitrary: dial(['203.0.113.7', '10.244.1.2']) },
    { weight: 2, arbitrary: wait },
    { weight: 1, arbitrary: applying(sticky) },
  );
  return printed(
    cluster().map((objects) => objects.map(sticky)),
    steps,
    maxLength,
  );
}

/**
 * Connections to one Service that open, are answered, close and end, while its endpoints change:
 * what schedulers are about.
 */
export function balancedStory(maxLength = 30): fc.Arbitrary<Story> {
  const opened = (object: KubernetesObject): KubernetesObject =>
    object.kind === 'Service' ? open(object) : object;
  const { Fin, Rst } = TcpFlag;
  const reply = fc.record({
    kind: fc.constant('reply' as const),
    back: fc.nat({ max: 5 }),
    tcpFlags: fc.constantFrom(Syn | Ack, Ack, Fin | Ack, Rst),
  });
  const wait = fc.record({
    kind: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 10_001, 60_001, 120_001, 86_400_001),
  });
  const clients = ['203.0.113.7', '203.0.113.8', '192.168.0.3', '10.244.1.2', '10.244.2.2'];
  const steps = fc.oneof(
    { weight: 8, arbitrary: dial(clients) },
    { weight: 6, arbitrary: reply },
    { weight: 2, arbitrary: wait },
    { weight: 1, arbitrary: applying(opened) },
  );
  return printed(
    cluster().map((objects) => objects.map(opened)),
    steps,
    maxLength,
  );
}

export function applying(
  change: (object: KubernetesObject) => KubernetesObject,
): fc.Arbitrary<Step> {
  const object = replacement().map(change);
  return fc.record({ kind: fc.constant('apply' as const), object });
}

export function printed(
  objects: fc.Arbitrary<KubernetesObject[]>,
  steps: fc.Arbitrary<Step>,
  maxLength: number,
): fc.Arbitrary<Story> {
  const told = fc.record({
    objects,
    steps: fc.array(steps, { minLength: 1, maxLength, size: 'max' }),
  });
  return told.map(withText);
}

/** Objects as manifests, steps as a file of `fuzz/regressions` has them. */
export function withText({ objects, steps }: Story): Story {
  const print = () => {
    const manifests = objects.map((object) => `${printObject(object)}\n---`);
    return [...manifests, ...steps.map((one) => `# ${JSON.stringify(one)}`)].join('\n');
  };
  return { objects, steps, [fc.toStringMethod]: print };
}
