// What differs between two versions of a sorted list of objects, and the next version of such a
// list. An object that is the same in both is passed by without being looked at. Knows no kinds.

import { objectKey, type KubernetesObject, type ObjectReference } from '../kubernetes/types.ts';
import { compareObjects, compareTexts, groupOfKind, type WrittenObjects } from './written.ts';

/** An object before and after; absent where there was none, or is none any more. */
export type Change<T> = readonly [before: T | undefined, after: T | undefined];

/** Every object that is not the same in both lists, with what it is in the other. */
export function listChanges<T extends KubernetesObject>(
  before: readonly T[],
  after: readonly T[],
): Change<T>[] {
  const changes: Change<T>[] = [];
  if (before === after) return changes;
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const old = before[from];
    const now = after[to];
    if (old === now) {
      from++;
      to++;
      continue;
    }
    const order = compareEnds(old, now);
    changes.push([order <= 0 ? old : undefined, order >= 0 ? now : undefined]);
    if (order <= 0) from++;
    if (order >= 0) to++;
  }
  return changes;
}

/** A list that has ended sorts behind everything. */
function compareEnds(a: KubernetesObject | undefined, b: KubernetesObject | undefined): number {
  if (a === undefined) return 1;
  return b === undefined ? -1 : compareObjects(a, b);
}

/**
 * The list after changes, each of an object of its own: what was before them is taken out, what is
 * after them put where it belongs. Costs a copy, and a search for each change.
 */
export function withChanges<T extends KubernetesObject>(
  list: readonly T[],
  changes: Iterable<Change<T>>,
): readonly T[] {
  const sorted = [...changes].sort(([a, b], [c, d]) => compareObjects((a ?? b)!, (c ?? d)!));
  if (sorted.length === 0) return list;
  const parts: T[][] = [];
  let copied = 0;
  for (const [before, after] of sorted) {
    const at = findPlace(list, referenceTo((before ?? after)!), copied);
    if (at > copied) parts.push(list.slice(copied, at));
    if (after !== undefined) parts.push([after]);
    copied = before === undefined ? at : at + 1;
  }
  parts.push(list.slice(copied));
  return joinLists(parts);
}

/**
 * The list with the objects of an earlier one in the place of those that say the same, or the
 * earlier list itself: then nobody has to look at them again.
 */
export function withKnown<T extends KubernetesObject>(
  before: readonly T[],
  after: readonly T[],
): readonly T[] {
  const same = listChanges(before, after).filter(([old, now]) => saySame(old, now));
  const known = new Map<T, T>(same.map(([old, now]) => [now!, old!]));
  const list = after.map((object) => known.get(object) ?? object);
  return listChanges(before, list).length === 0 ? before : list;
}

/** Whether two values of plain data are the same, down to their fields. */
function saySame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isFields(one) || !isFields(other) || Array.isArray(one) !== Array.isArray(other)) {
    return false;
  }
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => name in other && saySame(one[name], other[name]));
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Two by two, because lists are copied whole faster than object by object. */
function joinLists<T>(parts: readonly T[][]): T[] {
  if (parts.length <= 1) return parts[0] ?? [];
  const half = parts.length >>> 1;
  return joinLists(parts.slice(0, half)).concat(joinLists(parts.slice(half)));
}

/** Where an object of this namespace, name and kind is in a sorted list, or would be. */
export function findPlace<T extends KubernetesObject>(
  list: readonly T[],
  { kind, namespace, name }: ObjectReference,
  first = 0,
): number {
  let [low, high] = [first, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { kind: otherKind, metadata } = list[middle]!;
    const order =
      compareTexts(metadata.namespace, namespace) ||
      compareTexts(metadata.name, name) ||
      compareTexts(otherKind, kind);
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The object of this namespace and name in a sorted list of one kind. */
export function findObject<T extends KubernetesObject>(
  list: readonly T[],
  { namespace, name }: ObjectName,
): T | undefined {
  const found = list[findPlace(list, { kind: '', namespace, name })];
  const isIt = found?.metadata.name === name && found.metadata.namespace === namespace;
  return isIt ? found : undefined;
}

/** What an object of a known kind is known by. */
export type ObjectName = Pick<ObjectReference, 'namespace' | 'name'>;

export function referenceTo({ kind, metadata }: KubernetesObject): ObjectReference {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

/** The object that is known by a reference, in its group. */
export function findWritten(
  groups: WrittenObjects,
  reference: ObjectReference,
): KubernetesObject | undefined {
  const group = groups[groupOfKind[reference.kind as KubernetesObject['kind']]] ?? [];
  const found = group[findPlace<KubernetesObject>(group, reference)];
  return found && objectKey(referenceTo(found)) === objectKey(reference) ? found : undefined;
}

/** The groups after these objects were added, or took the place of others; each once. */
export function withApplied(
  groups: WrittenObjects,
  objects: readonly KubernetesObject[],
): WrittenObjects {
  return withGroupChanges(
    groups,
    objects.map((object) => [findWritten(groups, referenceTo(object)), object]),
  );
}

/** The groups without these objects; each once. */
export function withDeleted(
  groups: WrittenObjects,
  objects: readonly KubernetesObject[],
): WrittenObjects {
  return withGroupChanges(
    groups,
    objects.map((object) => [object, undefined]),
  );
}

/** Groups in which nothing changes stay the same lists. */
function withGroupChanges(
  groups: WrittenObjects,
  changes: readonly Change<KubernetesObject>[],
): WrittenObjects {
  const byGroup = new Map<keyof WrittenObjects, Change<KubernetesObject>[]>();
  for (const change of changes) {
    const name = groupOfKind[(change[0] ?? change[1])!.kind];
    byGroup.set(name, byGroup.get(name) ?? []);
    byGroup.get(name)!.push(change);
  }
  const changed = [...byGroup].map(([name, group]) => {
    const list: readonly KubernetesObject[] = groups[name];
    return [name, withChanges(list, group)];
  });
  // Each list holds the kinds that `groupOfKind` sends there, which the compiler cannot follow.
  return { ...groups, ...(Object.fromEntries(changed) as WrittenObjects) };
}
