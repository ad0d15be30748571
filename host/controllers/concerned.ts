// Which Services a change concerns, found through indexes by what does not change while states
// follow each other: labels of pods, selectors of Services. Assigns nothing.

import { matchesLabels } from '../kubernetes/selector.ts';
import type { EndpointSlice, NetworkPolicy, Pod, Service } from '../kubernetes/types.ts';
import { findObject, type Change, type ObjectName } from './changes.ts';
import {
  endpointsByName,
  nodesByName,
  ownerOfSlice,
  serviceOfSlice,
  slicedServices,
  type Directory,
} from './endpoint-slices.ts';
import { getOrAdd, indexPods, selectPods, type PodIndex } from './pod-index.ts';
import type { ClusterState } from './state.ts';
import type { WrittenObjects } from './written.ts';

/** The pods and Services in it may be older versions, of the same labels and selectors. */
export interface ObjectIndex {
  readonly nodes: Directory['nodes'];
  readonly legacy: Directory['legacy'];
  readonly pods: PodIndex;
  /** `namespace key=value` of one label of the selector -> the Services. */
  readonly selecting: ReadonlyMap<string, readonly Service[]>;
}

/** What changed, of the kinds that may. */
export interface ObjectChanges {
  readonly services: readonly Change<Service>[];
  readonly pods: readonly Change<Pod>[];
  readonly slices: readonly Change<EndpointSlice>[];
  readonly policies: readonly Change<NetworkPolicy>[];
}

export function indexObjects(
  { nodes, pods, services }: ClusterState,
  written: WrittenObjects,
): ObjectIndex {
  const selecting = new Map<string, Service[]>();
  for (const service of services) {
    const [label] = Object.entries(service.spec.selector ?? {});
    if (label === undefined) continue;
    getOrAdd(selecting, labelKey(service.metadata.namespace, label), () => []).push(service);
  }
  const legacy = endpointsByName(written);
  return { nodes: nodesByName(nodes), legacy, pods: indexPods(pods), selecting };
}

/** Where slices are made from these pods. */
export function directoryOf(
  index: ObjectIndex,
  pods: readonly Pod[],
  sliced: ReadonlySet<string>,
): Directory {
  const { nodes, legacy } = index;
  return {
    nodes,
    legacy,
    sliced,
    findings: { notes: [], problems: [] },
    selectPods: (namespace, selector) =>
      selectPods(index.pods, namespace, selector).map(({ metadata }) =>
        findObject(pods, metadata)!,
      ),
  };
}

/** Services whose slices may come out otherwise. */
export function listConcerned(
  index: ObjectIndex,
  { services, slices, pods }: ObjectChanges,
): Iterable<ObjectName> {
  const concerned = new Map<string, ObjectName>();
  const add = (name: ObjectName) => concerned.set(`${name.namespace}/${name.name}`, name);
  for (const [, now] of services) add(now!.metadata);
  for (const slice of slices.flat()) if (slice !== undefined) add(ownerOfSlice(slice));
  for (const [, now] of pods) {
    for (const { metadata } of listSelecting(index, now!)) add(metadata);
  }
  return concerned.values();
}

/** Services that slices are written for, after these changes of written slices. */
export function followSliced(
  before: ReadonlySet<string>,
  written: WrittenObjects,
  changes: readonly Change<EndpointSlice>[],
): ReadonlySet<string> {
  const isOfSame = ([old, now]: Change<EndpointSlice>) =>
    old !== undefined && now !== undefined && serviceOfSlice(old) === serviceOfSlice(now);
  return changes.every(isOfSame) ? before : slicedServices(written);
}

function listSelecting({ selecting }: ObjectIndex, { metadata }: Pod): Service[] {
  const candidates = Object.entries(metadata.labels).flatMap(
    (label) => selecting.get(labelKey(metadata.namespace, label)) ?? [],
  );
  return candidates.filter(({ spec }) => matchesLabels(spec.selector ?? {}, metadata.labels));
}

function labelKey(namespace: string, [key, value]: readonly [string, string]): string {
  return `${namespace} ${key}=${value}`;
}
