// Namespaces: those that objects are in exist, and each carries its own name as a label, the only
// way for a NetworkPolicy to name one. Source: the API server's NamespaceDefaultLabelName.

import type { Namespace } from '../kubernetes/types.ts';
import { compareObjects, type WrittenObjects } from './written.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export function completeNamespaces(written: WrittenObjects): Namespace[] {
  const byName = new Map(written.namespaces.map((one) => [one.metadata.name, withNameLabel(one)]));
  const { pods, workloads, services, endpoints, slices, policies } = written;
  for (const group of [pods, workloads, services, endpoints, slices, policies]) {
    for (const { metadata } of group) {
      if (byName.has(metadata.namespace)) continue;
      byName.set(metadata.namespace, withNameLabel(newNamespace(metadata.namespace)));
    }
  }
  return [...byName.values()].sort(compareObjects);
}

function newNamespace(name: string): Namespace {
  return { kind: 'Namespace', metadata: { name, namespace: '', labels: {}, annotations: {} } };
}

function withNameLabel(namespace: Namespace): Namespace {
  const { metadata } = namespace;
  if (metadata.labels[NAME_LABEL] === metadata.name) return namespace;
  const labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
  return { ...namespace, metadata: { ...metadata, labels } };
}
