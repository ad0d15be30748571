// Numbers for names: who keeps one, who gets which, and when one is another's.

import { describe, expect, test } from 'vitest';
import {
  emptyNumbering,
  listNumbered,
  NumberingDraft,
  restingServiceNumbers,
  type Numbering,
  type NumberSpace,
} from '../../../host/compile/numbering.ts';

interface Round {
  readonly ask?: readonly string[];
  readonly release?: readonly string[];
  /** Everybody who is not asked for is released. */
  readonly isAgain?: boolean;
}

/** The numbers of those who are asked for, and what comes of them. */
function number(space: NumberSpace, before: Numbering, round: Round) {
  const draft = new NumberingDraft(before);
  if (round.isAgain) draft.askAgain(space);
  const numbers = (round.ask ?? []).map((name) => draft.numberOf(space, name));
  for (const name of round.release ?? []) draft.release(space, name);
  return { numbers, numbering: draft.finish() };
}

function run(space: NumberSpace, ...rounds: readonly Round[]) {
  let numbering = emptyNumbering;
  const given = rounds.map((round) => {
    const { numbers, numbering: next } = number(space, numbering, round);
    numbering = next;
    return numbers;
  });
  return { given, numbering };
}

const held = (numbering: Numbering, space: NumberSpace) =>
  [...listNumbered(numbering, space)].toSorted(([, a], [, b]) => a - b);

test.each([
  ['ports', 3],
  ['services', 1],
  ['identities', 1],
  ['port-sets', 1],
] as const)('numbers of %s begin at %i', (space, first) => {
  expect(run(space, { ask: ['a', 'b', 'a'] }).given).toEqual([[first, first + 1, first]]);
});

test('spaces do not know each other', () => {
  const { numbering } = run('rulesets', { ask: ['a', 'b'] });
  expect(number('selectors', numbering, { ask: ['b'] }).numbers).toEqual([1]);
  const after = number('selectors', numbering, { ask: ['b'] }).numbering;
  expect(held(after, 'rulesets')).toEqual(held(numbering, 'rulesets'));
  expect(held(after, 'ports')).toEqual([]);
});

describe('a number that is released', () => {
  test('is given out again in the next compilation, the lowest of one compilation first', () => {
    const { given, numbering } = run(
      'rulesets',
      { ask: ['a', 'b', 'c', 'd'] },
      { release: ['c', 'a'], ask: ['e'] },
      { ask: ['f', 'g', 'h'] },
    );
    expect(given).toEqual([[1, 2, 3, 4], [5], [1, 3, 6]]);
    expect(
      held(numbering, 'rulesets')
        .map(([name]) => name)
        .join(''),
    ).toBe('fbgdeh');
  });

  test('is given out in the order of its release', () => {
    const { given } = run(
      'rulesets',
      { ask: ['a', 'b', 'c'] },
      { release: ['c'] },
      { release: ['a'] },
      { ask: ['x', 'y', 'z'] },
    );
    expect(given.at(-1)).toEqual([3, 1, 4]);
  });

  test('waits until those before it were given out', () => {
    const { given } = run(
      'rulesets',
      { ask: ['a', 'b', 'c'] },
      { release: ['a', 'b', 'c'] },
      { ask: ['x'] },
      { ask: ['y'] },
      { ask: ['z', 'w'] },
    );
    expect(given.slice(2)).toEqual([[1], [2], [3, 4]]);
  });

  test('stays, where it is asked for after all', () => {
    const draft = new NumberingDraft(run('rulesets', { ask: ['a', 'b'] }).numbering);
    draft.release('rulesets', 'b');
    expect(draft.numberOf('rulesets', 'b')).toBe(2);
    expect(held(draft.finish(), 'rulesets')).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('of a name that has none is nothing', () => {
    const { numbering } = run('rulesets', { ask: ['a'] }, { release: ['z'] });
    expect(held(numbering, 'rulesets')).toEqual([['a', 1]]);
    expect(number('rulesets', numbering, { ask: ['b'] }).numbers).toEqual([2]);
  });
});

test('where all are asked for again, the others are released', () => {
  const { given, numbering } = run(
    'ports',
    { ask: ['a', 'b', 'c'] },
    { isAgain: true, ask: ['c', 'd'] },
    { isAgain: true, ask: ['d', 'e', 'f', 'c'] },
  );
  expect(given).toEqual([
    [3, 4, 5],
    [5, 6],
    [6, 3, 4, 5],
  ]);
  expect(
    held(numbering, 'ports')
      .map(([name]) => name)
      .join(''),
  ).toBe('efcd');
});

test('numbers of Services rest longer than others', () => {
  const many = Array.from({ length: restingServiceNumbers }, (_, at) => `s${at}`);
  const gone = { ask: ['first', ...many] };
  const { given } = run(
    'services',
    gone,
    { release: many },
    { ask: ['a'] },
    { release: ['first'] },
    { ask: ['b', 'c'] },
  );
  const next = restingServiceNumbers + 2;
  expect([given[2], given[4]]).toEqual([[next], [2, next + 1]]);
  const others = run('rulesets', gone, { release: many }, { ask: ['a'] }).given;
  expect(others[2]).toEqual([2]);
});

test('what a draft makes leaves what it began with as it was', () => {
  const { numbering } = run('services', { ask: ['a', 'b'] });
  const before = held(numbering, 'services');
  number('services', numbering, { isAgain: true, ask: ['c'] });
  expect(held(numbering, 'services')).toEqual(before);
});
