// Lists of objects as sets by name: what differs, and what comes of a difference.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findObject,
  findPlace,
  findWritten,
  listChanges,
  referenceTo,
  withApplied,
  withChanges,
  withDeleted,
  type Change,
} from '../../../host/controllers/changes.ts';
import { compareObjects, groupObjects } from '../../../host/controllers/written.ts';
import type { KubernetesObject, Pod } from '../../../host/kubernetes/types.ts';
import { pod, service, workload } from './objects.ts';

const keyOf = ({ kind, metadata }: KubernetesObject) =>
  `${kind}/${metadata.namespace}/${metadata.name}`;
const path = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c', 'd', 'e'))
  .map((parts) => parts.join('/'));

/** A sorted list of pods, each of its name alone, and another that shares some of its objects. */
const twoLists = fc
  .array(fc.tuple(path, fc.constantFrom('old', 'new', 'kept', 'changed')), { maxLength: 14 })
  .map((entries) => {
    const [before, after]: [Pod[], Pod[]] = [[], []];
    for (const [name, what] of new Map(entries)) {
      const made = pod(name);
      if (what !== 'new') before.push(made);
      if (what === 'kept') after.push(made);
      if (what === 'new' || what === 'changed') after.push(pod(name));
    }
    return [before.sort(compareObjects), after.sort(compareObjects)] as const;
  });

test('what differs is every object that is not the same in both, once, in order', () => {
  fc.assert(
    fc.property(twoLists, ([before, after]) => {
      const find = (list: readonly Pod[], key: string) => list.find((one) => keyOf(one) === key);
      const all = [...new Map([...before, ...after].map((one) => [keyOf(one), one])).values()];
      const expected = all
        .sort(compareObjects)
        .map((one) => [find(before, keyOf(one)), find(after, keyOf(one))])
        .filter(([old, now]) => old !== now);
      const changes = listChanges(before, after);
      expect(changes).toEqual(expected);
      changes.forEach(([old, now], at) => {
        expect([old === expected[at]![0], now === expected[at]![1]]).toEqual([true, true]);
      });
    }),
  );
});

test('a list after what differs is the other list, whatever the order of the changes', () => {
  fc.assert(
    fc.property(twoLists, fc.boolean(), ([before, after], isReversed) => {
      const changes = listChanges(before, after);
      const made = withChanges(before, isReversed ? changes.toReversed() : changes);
      expect(made.length).toBe(after.length);
      expect(made.every((one, at) => one === after[at])).toBe(true);
      if (changes.length === 0) expect(made).toBe(before);
    }),
  );
});

describe('places', () => {
  const list = ['a/b', 'a/d', 'b/b'].map((name) => pod(name));
  const place = (namespace: string, name: string, kind = 'Pod', first?: number) =>
    findPlace(list, { kind, namespace, name }, first);

  test.each([
    ['a', 'a', 0],
    ['a', 'b', 0],
    ['a', 'c', 1],
    ['a', 'd', 1],
    ['a', 'e', 2],
    ['b', 'b', 2],
    ['b', 'c', 3],
  ])('%s/%s is at, or would be at, %i', (namespace, name, expected) => {
    expect(place(namespace, name)).toBe(expected);
  });

  test('go by the kind last, and start where they are told to', () => {
    expect([place('a', 'd', 'Node'), place('a', 'd', 'Service')]).toEqual([1, 2]);
    expect(place('a', 'a', 'Pod', 2)).toBe(2);
  });

  test('an object is found by its whole name only', () => {
    const found = (namespace: string, name: string) => findObject(list, { namespace, name });
    expect(found('a', 'd')).toBe(list[1]);
    expect([found('a', 'c'), found('b', 'd'), found('0', 'b'), found('c', 'c')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('groups', () => {
  const objects = [
    pod('p'),
    service('s'),
    workload('Deployment', 'w'),
    workload('StatefulSet', 'w'),
  ];
  const groups = groupObjects(objects, { notes: [], problems: [] });

  test('an object is found by its kind and name', () => {
    for (const object of objects) expect(findWritten(groups, referenceTo(object))).toBe(object);
    expect(findWritten(groups, referenceTo(workload('Job', 'w')))).toBeUndefined();
    expect(findWritten(groups, { kind: 'Secret', namespace: 'default', name: 'p' })).toBe(
      undefined,
    );
  });

  test('what is applied takes the place of its namesake, or is new', () => {
    const [again, other] = [service('s', { type: 'NodePort' }), service('a')];
    const after = withApplied(groups, [again, other]);
    expect(after.services).toEqual([other, again]);
    expect(after.services[1]).toBe(again);
    expect([after.pods, after.workloads]).toEqual([groups.pods, groups.workloads]);
    expect(after.pods).toBe(groups.pods);
  });

  test('what is deleted goes, and nothing else', () => {
    const after = withDeleted(groups, [objects[0]!, objects[3]!]);
    expect([after.pods, after.workloads]).toEqual([[], [objects[2]]]);
    expect(after.services).toBe(groups.services);
  });

  test('a change of nothing changes nothing', () => {
    const none: Change<Pod>[] = [];
    expect(withChanges(groups.pods, none)).toBe(groups.pods);
  });
});
