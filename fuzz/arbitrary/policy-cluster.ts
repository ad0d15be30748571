// Arbitrary clusters for policy alone: pods of every condition, in few namespaces, with few labels
// and addresses that lie close together, so that selectors and blocks overlap.

import * as fc from 'fast-check';
import type {
  ContainerPort,
  KubernetesObject,
  Labels,
  Node,
  Pod,
} from '../../host/kubernetes/types.ts';
import { meta, namespaceOf } from './objects.ts';

export const policyNamespaces = ['a', 'b', 'c'] as const;

/** The node that judges is the first one. */
export const policyNodes = ['node-a', 'node-b'] as const;

const nodeAddresses = [
  ['192.168.0.2', 'fd00:192:168::2'],
  ['192.168.0.3', 'fd00:192:168::3'],
] as const;

/** Addresses of nobody, near the pods and far away. */
const strangers = ['10.0.0.14', '203.0.113.9', 'fd00::14', '2001:db8::9'];

const podCount = 6;

/** Addresses of pod `index`, one a family. */
function podAddresses(index: number): [string, string] {
  return [`10.0.0.${index + 1}`, `fd00::${index + 1}`];
}

/** Those of pods first, IPv4 and IPv6 in turn. */
export const policyAddresses: readonly string[] = [
  ...Array.from({ length: podCount }, (_, index) => podAddresses(index)).flat(),
  ...nodeAddresses.flat(),
  ...strangers,
];

/** Labels of pods, namespaces and nodes alike: keys that are missing, values that are empty. */
export const labelKeys = ['app', 'tier'] as const;
export const labelValues = ['x', 'y', ''] as const;

function labels(): fc.Arbitrary<Labels> {
  const value = fc.constantFrom(...labelValues);
  return fc.record({ app: value, tier: value }, { requiredKeys: [] });
}

/** One name for different numbers and protocols, and several names for one number. */
export const portNames = ['web', 'dns'] as const;
export const portNumbers = [53, 80, 81, 8080] as const;

function containerPort(): fc.Arbitrary<ContainerPort> {
  return fc.record(
    {
      name: fc.constantFrom(...portNames),
      containerPort: fc.constantFrom(...portNumbers),
      protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
    },
    { requiredKeys: ['containerPort', 'protocol'] },
  );
}

interface PodChoices {
  readonly namespace: string;
  readonly nodeName: string;
  readonly labels: Labels;
  readonly ports: readonly (readonly ContainerPort[])[];
  readonly families: readonly (0 | 1)[];
  readonly isOnHost: boolean;
  readonly phase: NonNullable<Pod['status']['phase']>;
  /** Whose address it has: its own, or that of its successor if it is over. */
  readonly shift: number;
}

const running = { weight: 8, arbitrary: fc.constant('Running' as const) };
const otherPhases = fc.constantFrom('Pending' as const, 'Succeeded' as const, 'Failed' as const);

function podChoices(): fc.Arbitrary<PodChoices> {
  return fc.record({
    namespace: fc.constantFrom(...policyNamespaces),
    nodeName: fc.oneof(
      { weight: 3, arbitrary: fc.constant(policyNodes[0]) },
      fc.constant(policyNodes[1]),
    ),
    labels: labels(),
    ports: fc.tuple(...[2, 1, 1, 1].map((maxLength) => fc.array(containerPort(), { maxLength }))),
    families: fc.constantFrom<(0 | 1)[]>([0, 1], [0, 1], [0, 1], [0], [1], []),
    isOnHost: fc.nat({ max: 9 }).map((number) => number === 9),
    phase: fc.oneof(running, otherPhases),
    shift: fc.nat({ max: 1 }),
  });
}

function podOf(index: number, choices: PodChoices): Pod {
  const { namespace, nodeName, ports, families, isOnHost, phase, shift } = choices;
  const [first = [], second = [], sidecar = [], setUp = []] = ports;
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  const own = podAddresses((index + (isOver ? shift : 0)) % podCount);
  const hosts = nodeAddresses[nodeName === policyNodes[0] ? 0 : 1];
  return {
    kind: 'Pod',
    metadata: meta(namespace, `p${index}`, choices.labels),
    spec: {
      nodeName,
      hostNetwork: isOnHost,
      containers: [
        { name: 'first', ports: first },
        { name: 'second', ports: second },
      ],
      initContainers: [
        { name: 'sidecar', ports: sidecar, restartPolicy: 'Always' },
        { name: 'set-up', ports: setUp },
      ],
    },
    status: {
      phase,
      podIPs: families.map((family) => (isOnHost ? hosts : own)[family]),
      conditions: [],
    },
  };
}

function nodeOf(index: 0 | 1, found: Labels): Node {
  const addresses = nodeAddresses[index].map((address) => ({ type: 'InternalIP', address }));
  return {
    kind: 'Node',
    metadata: meta('', policyNodes[index], found),
    spec: { podCIDRs: [] },
    status: { addresses },
  };
}

/** Nodes, namespaces and pods; no policies. */
export function policyCluster(): fc.Arbitrary<KubernetesObject[]> {
  const pods = fc
    .array(podChoices(), { minLength: podCount, maxLength: podCount, size: 'max' })
    .map((choices) => choices.map((choice, index) => podOf(index, choice)));
  const nodes = fc.tuple(labels(), labels()).map(([a, b]) => [nodeOf(0, a), nodeOf(1, b)]);
  const namespaces = fc
    .tuple(labels(), labels(), labels())
    .map((found) => found.map((own, index) => namespaceOf(policyNamespaces[index]!, own)));
  return fc.tuple(nodes, namespaces, pods).map((groups) => groups.flat());
}
