// What differs between two versions of a sorted list of objects, and the next version of such a
// list. An object that is the same in both is passed by without being looked at. Knows no kinds.

import type { KubernetesObject } from '../kubernetes/types.ts';
import { compareObjects } from './written.ts';

/** An object before and after; absent where there was none, or is none any more. */
export type Change<T> = readonly [before: T | undefined, after: T | undefined];

/** Every object that is not the same in both lists, with what it is in the other. */
export function* listChanges<T extends KubernetesObject>(
  before: readonly T[],
  after: readonly T[],
): Generator<Change<T>, void> {
  if (before === after) return;
  let [from, to] = [0, 0];
  while (from < before.length || to < after.length) {
    const old = before[from];
    const now = after[to];
    const order = old === now ? 0 : compareEnds(old, now);
    if (old !== now) yield [order <= 0 ? old : undefined, order >= 0 ? now : undefined];
    if (order <= 0) from++;
    if (order >= 0) to++;
  }
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
  const next: T[] = [];
  let copied = 0;
  for (const [before, after] of sorted) {
    const at = findPlace(list, (before ?? after)!, copied);
    for (; copied < at; copied++) next.push(list[copied]!);
    if (before !== undefined) copied++;
    if (after !== undefined) next.push(after);
  }
  for (; copied < list.length; copied++) next.push(list[copied]!);
  return next;
}

/** Where an object of this namespace, name and kind is in a sorted list, or would be. */
export function findPlace<T extends KubernetesObject>(
  list: readonly T[],
  object: KubernetesObject,
  first = 0,
): number {
  let [low, high] = [first, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareObjects(list[middle]!, object) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
