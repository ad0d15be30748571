// Pods as kubectl prints them, those that workloads make included. Source: kubectl `printPod` in
// pkg/printers/internalversion/printers.go.

import type { Pod } from '../../kubernetes/types.ts';
import { writeObject } from '../../kubernetes/write.ts';
import { none, unknownAge, type Resource, type Row } from './resource.ts';

export const pods: Resource = {
  names: ['pods', 'pod', 'po'],
  nameOutput: 'pod',
  isNamespaced: true,
  heads: ['READY', 'STATUS', 'RESTARTS', 'AGE'],
  wideHeads: ['IP', 'NODE', 'NOMINATED NODE', 'READINESS GATES'],
  rowsOf: (state) => state.pods.map(podRow),
};

function podRow(pod: Pod): Row {
  const { metadata, spec, status } = pod;
  const count = spec.containers.length;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    cells: [`${isReady(pod) ? count : 0}/${count}`, statusText(pod), '0', unknownAge],
    wideCells: [status.podIPs[0] ?? none, spec.nodeName ?? none, none, none],
    object: writeObject(pod),
  };
}

function isReady({ status }: Pod): boolean {
  return status.conditions.some((condition) => {
    return condition.type === 'Ready' && condition.status === 'True';
  });
}

function statusText({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  return status.phase === 'Succeeded' ? 'Completed' : (status.phase ?? 'Unknown');
}
