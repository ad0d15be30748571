// Which pods a workload counts as its own: those whose owner reference names it, and those without
// owner that its selector matches, which a controller would adopt.

import type { Labels, LabelSelector, Pod, Workload } from '../kubernetes/types.ts';
import { indexPods, selectWorkloadPods, type PodIndex } from './pod-index.ts';

export interface Ownership {
  readonly index: PodIndex;
  /** Pod -> `Deployment/web`. */
  readonly owners: Map<Pod, string>;
}

export function createOwnership(pods: readonly Pod[]): Ownership {
  return { index: indexPods(pods), owners: new Map() };
}

/**
 * The pods that the workload's selector selects and no other workload has; from then on they are
 * its own.
 */
export function ownedPods(workload: Workload, { index, owners }: Ownership): readonly Pod[] {
  const owner = ownerName(workload);
  const isCounted = workload.kind === 'Job' ? () => true : isActive;
  const owned = selectWorkloadPods(index, workload.metadata.namespace, selectorOf(workload)).filter(
    (pod) => isCounted(pod) && isOwnedBy(owner, owners.get(pod) ?? ownerOf(pod)),
  );
  for (const pod of owned) owners.set(pod, owner);
  return owned;
}

function ownerOf({ metadata }: Pod): string | undefined {
  return metadata.madeFrom ?? metadata.controlledBy;
}

/** `Deployment/web`, as in `metadata.madeFrom` of the pods. */
export function ownerName({ kind, metadata }: Workload): string {
  return `${kind}/${metadata.name}`;
}

/** Labels of a Job's pods, by which the Job knows them. */
export function jobLabels({ metadata }: Workload): Labels {
  return { 'batch.kubernetes.io/job-name': metadata.name, 'job-name': metadata.name };
}

/**
 * Whether a pod still counts; a finished one does for Jobs only. Source: `IsPodActive` of
 * `pkg/controller/controller_utils.go`.
 */
function isActive({ metadata, status }: Pod): boolean {
  const isFinished = status.phase === 'Succeeded' || status.phase === 'Failed';
  return !isFinished && metadata.deletionTimestamp === undefined;
}

/**
 * A pod counts for one workload; those of a ReplicaSet also for the Deployment that selects them.
 */
function isOwnedBy(workload: string, owner: string | undefined): boolean {
  if (owner === undefined || owner === workload) return true;
  return workload.startsWith('Deployment/') && owner.startsWith('ReplicaSet/');
}

/** A Job's selector is filled in by the API server and names the Job. */
function selectorOf(workload: Workload): LabelSelector {
  if (workload.kind === 'Job') return { matchLabels: { 'job-name': workload.metadata.name } };
  return workload.spec.selector ?? { matchLabels: workload.spec.template.metadata.labels };
}
