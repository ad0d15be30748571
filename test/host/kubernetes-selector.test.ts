// Label selectors against the definition: each requirement on its own, and their conjunction.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesLabels, matchesSelector } from '../../host/kubernetes/selector.ts';
import type { LabelSelector } from '../../host/kubernetes/types.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

describe('matchesSelector', () => {
  const labels = { app: 'web', empty: '', constructor: 'x' };

  it.each<[Requirement, boolean]>([
    [{ key: 'app', operator: 'In', values: ['db', 'web'] }, true],
    [{ key: 'app', operator: 'In', values: ['Web'] }, false],
    [{ key: 'none', operator: 'In', values: ['web'] }, false],
    [{ key: 'app', operator: 'NotIn', values: ['web'] }, false],
    [{ key: 'app', operator: 'NotIn', values: ['db'] }, true],
    [{ key: 'none', operator: 'NotIn', values: ['web'] }, true],
    [{ key: 'empty', operator: 'Exists' }, true],
    [{ key: 'none', operator: 'Exists' }, false],
    [{ key: 'none', operator: 'DoesNotExist' }, true],
    [{ key: 'empty', operator: 'DoesNotExist' }, false],
    [{ key: 'toString', operator: 'Exists' }, false],
    [{ key: 'constructor', operator: 'In', values: ['x'] }, true],
  ])('%j: %j', (requirement, matches) =>
    expect(matchesSelector({ matchExpressions: [requirement] }, labels)).toBe(matches),
  );

  it('needs the key of matchLabels, also for an empty value', () => {
    expect(matchesSelector({ matchLabels: { empty: '' } }, labels)).toBe(true);
    expect(matchesSelector({ matchLabels: { none: '' } }, labels)).toBe(false);
    expect(matchesLabels({ app: 'web', none: '' }, labels)).toBe(false);
  });

  const key = fc.constantFrom('a', 'b');
  const value = fc.constantFrom('', 'x', 'y');
  const someLabels = fc.dictionary(key, value);
  const requirement: fc.Arbitrary<Requirement> = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom('In' as const, 'NotIn' as const),
      values: fc.array(value, { minLength: 1 }),
    }),
    fc.record({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
  );
  const selector = fc.record({
    matchLabels: someLabels,
    matchExpressions: fc.array(requirement, { maxLength: 3 }),
  });

  it('is the conjunction of its parts, and empty matches everything', () => {
    fc.assert(
      fc.property(selector, selector, someLabels, (one, other, set) => {
        const both = {
          matchExpressions: [
            ...[one, other].flatMap(({ matchLabels }) =>
              Object.entries(matchLabels).map(([name, text]): Requirement => ({
                key: name,
                operator: 'In',
                values: [text],
              })),
            ),
            ...one.matchExpressions,
            ...other.matchExpressions,
          ],
        };
        const expected = matchesSelector(one, set) && matchesSelector(other, set);
        expect(matchesSelector(both, set)).toBe(expected);
        expect(matchesSelector({}, set)).toBe(true);
      }),
    );
  });
});
