// The objects as written, by kind, each kind in one order that does not depend on the order of the
// manifests. An object that is written twice counts as applied twice: the last one stays, as with
// kubectl apply.

import type {
  Endpoints,
  EndpointSlice,
  KubernetesObject,
  Meta,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
  Service,
  TierPolicy,
  Workload,
} from '../kubernetes/types.ts';
import { addNote, keyOf, type Findings } from './findings.ts';

export interface WrittenObjects {
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  readonly slices: readonly EndpointSlice[];
  readonly policies: readonly NetworkPolicy[];
  readonly tierPolicies: readonly TierPolicy[];
}

/** Which group objects of a kind are in. */
export const groupOfKind: Record<KubernetesObject['kind'], keyof WrittenObjects> = {
  Namespace: 'namespaces',
  Node: 'nodes',
  Pod: 'pods',
  Deployment: 'workloads',
  ReplicaSet: 'workloads',
  StatefulSet: 'workloads',
  DaemonSet: 'workloads',
  Job: 'workloads',
  Service: 'services',
  Endpoints: 'endpoints',
  EndpointSlice: 'slices',
  NetworkPolicy: 'policies',
  ClusterNetworkPolicy: 'tierPolicies',
  AdminNetworkPolicy: 'tierPolicies',
  BaselineAdminNetworkPolicy: 'tierPolicies',
};

/**
 * Sorts the objects into kinds, each by namespace, name and kind; notes those that were written
 * again.
 */
export function groupObjects(
  objects: readonly KubernetesObject[],
  findings: Findings,
): WrittenObjects {
  const groups: Record<keyof WrittenObjects, KubernetesObject[]> = {
    namespaces: [],
    nodes: [],
    pods: [],
    workloads: [],
    services: [],
    endpoints: [],
    slices: [],
    policies: [],
    tierPolicies: [],
  };
  for (const object of lastOfEach(objects, findings)) groups[groupOfKind[object.kind]].push(object);
  for (const group of Object.values(groups)) group.sort(compareObjects);
  // Each list holds the kinds that `groupOfKind` sends there, which the compiler cannot follow.
  return groups as unknown as WrittenObjects;
}

/** `namespace/name`. */
export function nameOf({ namespace, name }: Meta): string {
  return `${namespace}/${name}`;
}

export function compareObjects(a: KubernetesObject, b: KubernetesObject): number {
  return (
    compareTexts(a.metadata.namespace, b.metadata.namespace) ||
    compareTexts(a.metadata.name, b.metadata.name) ||
    compareTexts(a.kind, b.kind)
  );
}

/** By code unit: the same on every platform and in every locale. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function lastOfEach(
  objects: readonly KubernetesObject[],
  findings: Findings,
): Iterable<KubernetesObject> {
  const byKey = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const key = keyOf(object);
    const earlier = byKey.get(key);
    if (earlier !== undefined) noteRepetition(earlier, object, findings);
    byKey.set(key, object);
  }
  return byKey.values();
}

function noteRepetition(
  earlier: KubernetesObject,
  later: KubernetesObject,
  findings: Findings,
): void {
  const { source } = later;
  const place = source === undefined ? '' : ` at ${source.file}:${source.line}`;
  addNote(findings, earlier, `is written again${place}: the last one counts`);
}
