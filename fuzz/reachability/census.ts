// Who is who in a cluster: which addresses pods and nodes have, and which of them labels select.
// Selectors are read here a second time, with nothing taken over from the host.

import type { ClusterState } from '../../host/controllers/state.ts';
import type { Labels, LabelSelector, Pod } from '../../host/kubernetes/types.ts';

/** A pod that has addresses of its own. */
export interface Resident {
  readonly pod: Pod;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly addresses: ReadonlySet<string>;
}

/** Pods that are over have given their addresses back; those on the host's network have none. */
export function findResidents({ pods, namespaces }: ClusterState): Resident[] {
  const labelsOf = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));
  return pods
    .filter(({ spec }) => !spec.hostNetwork)
    .filter(({ status }) => !['Succeeded', 'Failed'].includes(status.phase ?? ''))
    .map((pod) => {
      const { namespace, labels } = pod.metadata;
      const name = { 'kubernetes.io/metadata.name': namespace };
      const namespaceLabels = { ...labelsOf.get(namespace), ...name };
      return { pod, namespace, labels, namespaceLabels, addresses: new Set(pod.status.podIPs) };
    });
}

/** Addresses of the Nodes that a selector means. */
export function findNodeAddresses({ nodes }: ClusterState, selector: LabelSelector): Set<string> {
  const selected = nodes.filter(({ metadata }) => satisfies(metadata.labels, selector));
  return new Set(selected.flatMap(({ status }) => status.addresses.map(({ address }) => address)));
}

/** Every requirement as the values that content it; `undefined` stands for a missing key. */
export function satisfies(labels: Labels, selector: LabelSelector): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  const equal = pairs.map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
  for (const { key, operator, values } of [...equal, ...(selector.matchExpressions ?? [])]) {
    const isThere = Object.keys(labels).includes(key);
    const isListed = isThere && new Set(values).has(labels[key]!);
    if (operator === 'In' && !isListed) return false;
    if (operator === 'NotIn' && isListed) return false;
    if (operator === 'Exists' && !isThere) return false;
    if (operator === 'DoesNotExist' && isThere) return false;
  }
  return true;
}
