// Finding pods by namespace and labels without looking at all of them.

import { matchesLabels, matchesSelector } from '../kubernetes/selector.ts';
import type { Labels, LabelSelector, Pod } from '../kubernetes/types.ts';

interface NamespacePods {
  readonly all: Pod[];
  /** `key=value` -> pods with that label. */
  readonly byLabel: Map<string, Pod[]>;
}

/** Namespace -> its pods, in the order in which they were given. */
export type PodIndex = Map<string, NamespacePods>;

export function indexPods(pods: readonly Pod[]): PodIndex {
  const index: PodIndex = new Map();
  for (const pod of pods) addToIndex(index, pod);
  return index;
}

export function addToIndex(index: PodIndex, pod: Pod): void {
  const { namespace, labels } = pod.metadata;
  const { all, byLabel } = getOrAdd(index, namespace, () => ({ all: [], byLabel: new Map() }));
  all.push(pod);
  for (const [key, value] of Object.entries(labels)) {
    getOrAdd(byLabel, `${key}=${value}`, () => []).push(pod);
  }
}

/**
 * The pods of a namespace that a Service's selector, a plain set of labels, selects; none when it
 * is empty.
 */
export function selectPods(index: PodIndex, namespace: string, selector: Labels): readonly Pod[] {
  if (Object.keys(selector).length === 0) return [];
  return candidates(index, namespace, selector).filter(({ metadata }) =>
    matchesLabels(selector, metadata.labels),
  );
}

/** The pods of a namespace that a workload's selector selects. */
export function selectWorkloadPods(
  index: PodIndex,
  namespace: string,
  selector: LabelSelector,
): readonly Pod[] {
  return candidates(index, namespace, selector.matchLabels ?? {}).filter(({ metadata }) =>
    matchesSelector(selector, metadata.labels),
  );
}

/** The pods that carry the rarest of the labels: a superset of those that carry all. */
function candidates(index: PodIndex, namespace: string, labels: Labels): readonly Pod[] {
  const ofNamespace = index.get(namespace);
  if (ofNamespace === undefined) return [];
  let fewest: readonly Pod[] = ofNamespace.all;
  for (const [key, value] of Object.entries(labels)) {
    const carriers = ofNamespace.byLabel.get(`${key}=${value}`) ?? [];
    if (carriers.length < fewest.length) fewest = carriers;
  }
  return fewest;
}

/** The value at `key`, added if there is none. */
export function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
