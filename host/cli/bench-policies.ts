// Many policies and many pods: what a verdict costs a new connection, what it takes to compile
// them, how large the maps become, and what one pod or one policy more costs then. Everything
// derives from numbers, so every run meets the same cluster.

import { PortNumber, type MapName } from '../abi/abi.gen.ts';
import { capacityFor } from '../cluster/capacity.ts';
import { compileNode, defaultNodeConfig, type Compiled } from '../compile/compile-node.ts';
import { completeCluster } from '../controllers/complete.ts';
import { defaultControllerOptions, type ClusterState } from '../controllers/state.ts';
import { Instance } from '../dataplane/instance.ts';
import type { NetworkPolicy, NetworkPolicyRule, Node, Pod } from '../kubernetes/types.ts';
import { encodePacket, TcpFlag } from '../net/packet.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { plan } from '../reconcile/plan.ts';
import { medianOf } from './bench-parts.ts';
import type { Terminal } from './terminal.ts';

const namespaces = 1000;
const apps = 10;
/** The node has one pod of each of the first namespaces. */
const localPods = 100;
/** Connections go to these pods: in every case some policy selects them. */
const targets = 10;
const rounds = 9;
const connectionsPerRound = 20_000;
const changeRounds = 9;
const node = 'node-a';
const listedMaps: readonly MapName[] = [
  'identities',
  'rulesets',
  'policies',
  'policy-blocks',
  'port-rulings',
];

export interface PolicyBench {
  readonly pods: number;
  readonly cases: readonly PolicyCase[];
}

export interface PolicyCase {
  readonly policies: number;
  /** Median of the rounds, of a packet that opens a connection. */
  readonly nanosecondsPerConnection: number;
  /** Of the same without any policy, in the same rounds. */
  readonly ratio: number;
  readonly compileMilliseconds: number;
  /** Entries by map. */
  readonly entries: Readonly<Partial<Record<MapName, number>>>;
  /** Medians of recompiling for one object more or less, with the plan for the maps. */
  readonly changes: readonly { readonly name: string; readonly milliseconds: number }[];
}

interface Subject {
  readonly policies: number;
  readonly state: ClusterState;
  readonly compiled: Compiled;
  readonly compileMilliseconds: number;
  readonly instance: Instance;
  readonly costs: number[];
}

/** Measures each number of policies, and none, over so many pods. */
export async function measurePolicies(
  pods: number,
  policyCounts: readonly number[],
  terminal: Terminal,
): Promise<PolicyBench> {
  const all = Array.from({ length: pods }, (_, number) => podOf(number));
  const bare = completeCluster([nodeObject, ...all], {
    ...defaultControllerOptions,
    controllers: false,
  });
  const subjects: Subject[] = [];
  for (const policies of [0, ...policyCounts]) {
    terminal.progress(`compiling ${policies} policies`);
    subjects.push(await startCase(bare, policies, terminal));
  }
  for (let round = 0; round < rounds; round++) {
    terminal.progress(`round ${round + 1} of ${rounds}`);
    for (const subject of subjects) subject.costs.push(timeRound(subject, round, terminal));
  }
  const [without] = subjects;
  const base = medianOf(without!.costs);
  return { pods, cases: subjects.map((subject) => reportCase(subject, base, terminal)) };
}

async function startCase(
  bare: ClusterState,
  policies: number,
  terminal: Terminal,
): Promise<Subject> {
  const state = withPolicies(bare, policies);
  const start = terminal.now();
  const compiled = compileNode(state, node, defaultNodeConfig);
  const compileMilliseconds = terminal.now() - start;
  const capacity = capacityFor(compiled.desired, {
    seed: defaultNodeConfig.seed,
    given: { connections4: rounds * connectionsPerRound },
  });
  const instance = await Instance.create({ capacity });
  applyPlan(instance, plan({}, compiled.desired));
  return { policies, state, compiled, compileMilliseconds, instance, costs: [] };
}

/** Nanoseconds a connection, of which all are admitted. */
function timeRound({ instance: { vector } }: Subject, round: number, terminal: Terminal): number {
  let spent = 0;
  for (let done = 0; done < connectionsPerRound;) {
    vector.clear();
    while (vector.count < vector.capacity && done < connectionsPerRound) {
      const number = round * connectionsPerRound + done++;
      vector.add(openingFrame(number), { port: PortNumber.Uplink, timeMs: 0 });
    }
    const start = terminal.now();
    vector.run();
    spent += terminal.now() - start;
    if (vector.outcome(0).reason !== 0)
      throw new Error('a connection of the benchmark was refused');
  }
  return (spent * 1e6) / connectionsPerRound;
}

function reportCase(subject: Subject, base: number, terminal: Terminal): PolicyCase {
  const { policies, compiled, compileMilliseconds, costs } = subject;
  const cost = medianOf(costs);
  const sizes = listedMaps.map((name) => [name, compiled.desired[name]?.size ?? 0]);
  return {
    policies,
    nanosecondsPerConnection: cost,
    ratio: cost / base,
    compileMilliseconds,
    entries: Object.fromEntries(sizes) as PolicyCase['entries'],
    changes: measureChanges(subject, terminal),
  };
}

/** Each change is made and taken back; what is measured is both, alternately. */
function measureChanges({ state, compiled }: Subject, terminal: Terminal): PolicyCase['changes'] {
  const stranger = podOf(state.pods.length);
  const lone: Pod = {
    ...stranger,
    metadata: { ...stranger.metadata, labels: { app: 'app-1', lone: 'yes' } },
  };
  const policy = policyOf(namespaces * 50);
  const pods = (pod: Pod) => ({ ...state, pods: sorted([...state.pods, pod]) });
  const cases: readonly (readonly [string, ClusterState])[] = [
    ['one pod, with labels that others have', pods(stranger)],
    ['one pod, with labels of its own', pods(lone)],
    ['one policy', { ...state, policies: sorted([...state.policies, policy]) }],
  ];
  return cases.map(([name, changed]) => {
    const costs: number[] = [];
    let before = compiled;
    for (let round = 0; round < changeRounds * 2; round++) {
      const start = terminal.now();
      const after = compileNode(round % 2 === 0 ? changed : state, node, defaultNodeConfig, before);
      plan(before.desired, after.desired);
      costs.push(terminal.now() - start);
      before = after;
    }
    return { name, milliseconds: medianOf(costs) };
  });
}

function withPolicies(state: ClusterState, count: number): ClusterState {
  const policies = Array.from({ length: count }, (_, number) => policyOf(number));
  return { ...state, policies: sorted(policies) };
}

function sorted<T extends Pod | NetworkPolicy>(objects: readonly T[]): T[] {
  const keyOf = ({ metadata }: T) => `${metadata.namespace}\0${metadata.name}`;
  return objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** From another node's pod to one of this node's, to a port that rules allow by number. */
function openingFrame(number: number): Uint8Array {
  const source = podAddress(namespaces * (1 + (number % 50)) + (number % targets));
  const ends = { source, destination: podAddress(number % targets) };
  const ports = { sourcePort: 1024 + Math.floor(number / 50), destinationPort: 8080 };
  return encodePacket({ ...ends, ...ports, protocol: 6, tcpFlags: TcpFlag.Syn }, 'ethernet');
}

const nodeObject: Node = {
  kind: 'Node',
  metadata: { name: node, namespace: '', labels: {}, annotations: {} },
  spec: { podCIDRs: [] },
  status: { addresses: [{ type: 'InternalIP', address: '192.168.0.2' }] },
};

function podAddress(number: number): string {
  return `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`;
}

function podOf(number: number): Pod {
  const namespace = `ns-${number % namespaces}`;
  const app = `app-${Math.floor(number / namespaces) % apps}`;
  const ports = [{ name: 'http', containerPort: 8080, protocol: 'TCP' as const }];
  return {
    kind: 'Pod',
    metadata: { name: `pod-${number}`, namespace, labels: { app }, annotations: {} },
    spec: {
      nodeName: number < localPods ? node : `node-${number % namespaces}`,
      hostNetwork: false,
      containers: [{ name: 'main', ports }],
      initContainers: [],
    },
    status: { phase: 'Running', podIPs: [podAddress(number)], conditions: [] },
  };
}

/** The first thousand allow the namespace's own pods to app-0; the others speak of all its pods. */
function policyOf(number: number): NetworkPolicy {
  const place = Math.floor(number / namespaces);
  const path = (index: number) => `spec.ingress[${index}]`;
  const rules: NetworkPolicyRule[] = [
    { peers: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: 8080 }], path: path(0) },
    {
      peers: [
        {
          namespaceSelector: {},
          podSelector: { matchLabels: { app: `app-${place % apps}` } },
        },
        { ipBlock: { cidr: `172.${16 + (number % 16)}.0.0/16`, except: [] } },
      ],
      ports: [{ protocol: 'TCP', port: 9000 + place, endPort: 9000 + place + 7 }],
      path: path(1),
    },
  ];
  return {
    kind: 'NetworkPolicy',
    metadata: {
      name: `policy-${number}`,
      namespace: `ns-${number % namespaces}`,
      labels: {},
      annotations: {},
    },
    spec: {
      podSelector: place === 0 ? { matchLabels: { app: 'app-0' } } : {},
      policyTypes: ['Ingress'],
      ingress: rules,
      egress: [],
    },
  };
}
