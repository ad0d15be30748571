// Pods from Deployments, ReplicaSets, StatefulSets, DaemonSets and Jobs: as many as are missing,
// with the names and labels that the real controllers give. Sources:
// `pkg/controller/{deployment,replicaset,statefulset,daemon,job}`.

import type { Labels, Pod, Workload } from '../kubernetes/types.ts';
import { addNote, addProblem } from './findings.ts';
import { canonicalText, hashText, nameSuffix } from './hash.ts';
import type { Inputs } from './inputs.ts';
import { createOwnership, jobLabels, ownedPods, ownerName, type Ownership } from './ownership.ts';
import { addToIndex } from './pod-index.ts';
import { chooseNode, eligibleNodes, type Scheduler } from './scheduling.ts';
import { nameOf } from './written.ts';

/**
 * ReplicaSets go before Deployments: the pods of a Deployment's own ReplicaSet, where both are
 * written, carry labels that the Deployment selects, and count for it.
 */
const ORDER: readonly Workload['kind'][] = [
  'StatefulSet',
  'DaemonSet',
  'Job',
  'ReplicaSet',
  'Deployment',
];

/** Source: Kubernetes documentation, "Considerations for large clusters". */
const MAX_PODS = 150_000;

/** What the controllers of workloads look at and add to. */
interface Roster {
  readonly inputs: Inputs;
  readonly scheduler: Scheduler;
  readonly ownership: Ownership;
  /** `namespace/name` of every pod, written or made. */
  readonly names: Set<string>;
}

/** One pod that is to be made. */
interface Replica {
  readonly name: string;
  /** Labels that the controller adds to the template's. */
  readonly labels: Labels;
  /** Number among the workload's pods; DaemonSets name the Node instead. */
  readonly turn: number;
  readonly nodeName?: string;
  readonly hostname?: string;
  readonly subdomain?: string;
}

/** The pods that workloads are short of. */
export function makePods(scheduler: Scheduler, inputs: Inputs): Pod[] {
  const { pods, workloads } = inputs.written;
  const roster: Roster = {
    inputs,
    scheduler,
    ownership: createOwnership(pods),
    names: new Set(pods.map((pod) => nameOf(pod.metadata))),
  };
  return ORDER.flatMap((kind) =>
    workloads
      .filter((workload) => workload.kind === kind)
      .flatMap((workload) => podsOf(workload, roster)),
  );
}

function podsOf(workload: Workload, roster: Roster): Pod[] {
  const made = missingReplicas(workload, roster).map((replica) =>
    makePod(workload, replica, roster),
  );
  for (const pod of made) roster.names.add(nameOf(pod.metadata));
  if (workload.kind === 'ReplicaSet')
    made.forEach((pod) => addToIndex(roster.ownership.index, pod));
  return made;
}

function missingReplicas(workload: Workload, roster: Roster): Replica[] {
  switch (workload.kind) {
    case 'StatefulSet':
      return missingOrdinals(workload, roster);
    case 'DaemonSet':
      return missingDaemons(workload, roster);
    case 'Job':
      return missingNamed(workload, roster, jobLabels(workload));
    case 'ReplicaSet':
      return missingNamed(workload, roster, {});
    case 'Deployment':
      return missingNamed(workload, roster, { 'pod-template-hash': templateHash(workload) });
  }
}

/** `replicas`, one unless written; refused beyond what a cluster can hold, and then none. */
function replicaCount(workload: Workload, { inputs }: Roster): number {
  const { replicas = 1 } = workload.spec;
  if (replicas <= MAX_PODS) return replicas;
  addProblem(inputs.findings, workload, {
    path: workload.kind === 'Job' ? 'spec.parallelism' : 'spec.replicas',
    message: `Invalid value: ${replicas}: more pods than a cluster holds`,
    expected: `at most ${MAX_PODS}`,
  });
  return 0;
}

/** ReplicaSet and Job: `name-hash5`; Deployment: `name-hash10-hash5`. */
function missingNamed(workload: Workload, roster: Roster, labels: Labels): Replica[] {
  const { name } = workload.metadata;
  const hash = labels['pod-template-hash'];
  const prefix = hash === undefined ? name : `${name}-${hash}`;
  const missing = replicaCount(workload, roster) - ownedPods(workload, roster.ownership).length;
  const replicas: Replica[] = [];
  const chosen = new Set<string>();
  for (let turn = 0, attempt = 0; turn < missing; attempt++) {
    const podName = `${prefix}-${nameSuffix(`${keyIn(workload)}/${attempt}`, 5)}`;
    const isTaken = roster.names.has(`${workload.metadata.namespace}/${podName}`);
    if (isTaken || chosen.has(podName)) continue;
    chosen.add(podName);
    replicas.push({ name: podName, labels, turn: turn++ });
  }
  return replicas;
}

function missingOrdinals(workload: Workload, roster: Roster): Replica[] {
  const { metadata, spec } = workload;
  const revision = `${metadata.name}-${templateHash(workload)}`;
  return Array.from({ length: replicaCount(workload, roster) }, (_, ordinal): Replica => {
    const name = `${metadata.name}-${ordinal}`;
    const labels = {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'controller-revision-hash': revision,
      'statefulset.kubernetes.io/pod-name': name,
    };
    const identity = { hostname: name, subdomain: spec.serviceName ?? '' };
    return { name, labels, turn: ordinal, ...identity };
  }).filter(({ name }) => !roster.names.has(`${metadata.namespace}/${name}`));
}

function missingDaemons(workload: Workload, roster: Roster): Replica[] {
  const owned = ownedPods(workload, roster.ownership);
  const served = new Set(owned.map(({ spec }) => spec.nodeName));
  const nodes = eligibleNodes(roster.scheduler, workload.spec.template.spec);
  if (nodes.length === 0) {
    addNote(roster.inputs.findings, workload, 'makes no pods: no Node has the labels it asks for');
  }
  const labels = {
    'controller-revision-hash': templateHash(workload),
    'pod-template-generation': '1',
  };
  return nodes
    .map(({ metadata }) => metadata.name)
    .filter((nodeName) => !served.has(nodeName))
    .map((nodeName, turn) => {
      const suffix = nameSuffix(`${keyIn(workload)}/${nodeName}`, 5);
      return { name: `${workload.metadata.name}-${suffix}`, labels, turn, nodeName };
    });
}

function templateHash(workload: Workload): string {
  return nameSuffix(canonicalText(workload.spec.template), 10);
}

function keyIn(workload: Workload): string {
  return `${ownerName(workload)}/${workload.metadata.namespace}`;
}

function makePod(workload: Workload, replica: Replica, roster: Roster): Pod {
  const { template } = workload.spec;
  const { hostname, subdomain, name } = replica;
  const pod: Pod = {
    kind: 'Pod',
    metadata: {
      name,
      namespace: workload.metadata.namespace,
      labels: { ...template.metadata.labels, ...replica.labels },
      annotations: template.metadata.annotations,
      madeFrom: ownerName(workload),
    },
    spec: {
      ...template.spec,
      ...(hostname === undefined ? {} : { hostname }),
      ...(subdomain === undefined || subdomain === '' ? {} : { subdomain }),
    },
    status: { podIPs: [], conditions: [] },
  };
  const turn = hashText(keyIn(workload)) + replica.turn;
  const nodeName =
    replica.nodeName ??
    template.spec.nodeName ??
    chooseNode(roster.scheduler, pod, turn, roster.inputs);
  return nodeName === undefined ? pod : { ...pod, spec: { ...pod.spec, nodeName } };
}
