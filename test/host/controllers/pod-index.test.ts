// Pods found by their labels: the same as by looking at all of them.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexPods, selectPods, selectWorkloadPods } from '../../../host/controllers/pod-index.ts';
import { matchesLabels, matchesSelector } from '../../../host/kubernetes/selector.ts';
import type { Pod } from '../../../host/kubernetes/types.ts';
import { pod } from './objects.ts';

const someLabels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'));
const namespace = fc.constantFrom('one', 'two');
const somePods = fc
  .array(fc.tuple(namespace, someLabels), { maxLength: 12 })
  .map((list) => list.map(([at, labels], number) => pod(`${at}/p${number}`, { labels })));
const selector = fc.record(
  {
    matchLabels: someLabels,
    matchExpressions: fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
      }),
      { maxLength: 1 },
    ),
  },
  { requiredKeys: [] },
);

const within = (pods: readonly Pod[], place: string) =>
  pods.filter(({ metadata }) => metadata.namespace === place);

test('a Service selects the pods of its namespace that have all labels, and by none nobody', () => {
  fc.assert(
    fc.property(somePods, namespace, someLabels, (pods, place, labels) => {
      const isWanted = ({ metadata }: Pod) => matchesLabels(labels, metadata.labels);
      const isEmpty = Object.keys(labels).length === 0;
      const expected = isEmpty ? [] : within(pods, place).filter(isWanted);
      expect(selectPods(indexPods(pods), place, labels)).toEqual(expected);
    }),
  );
});

test('a workload selects by expressions too, and by nothing all of its namespace', () => {
  fc.assert(
    fc.property(somePods, namespace, selector, (pods, place, wanted) => {
      const isWanted = ({ metadata }: Pod) => matchesSelector(wanted, metadata.labels);
      const expected = within(pods, place).filter(isWanted);
      expect(selectWorkloadPods(indexPods(pods), place, wanted)).toEqual(expected);
    }),
  );
});
