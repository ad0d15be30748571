// The faults that `tools/mutate-policy.ts` plants: each must still be a fault of the sources there
// are. Whether the tests catch them takes long, and is asked by that tool.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { policyFaults } from '../../tools/policy-faults.ts';

test('every fault fits the sources: what it changes is found once', () => {
  const unfit = policyFaults.filter(({ file, right, wrong }) => {
    const places = readFileSync(file, 'utf8').split(right).length - 1;
    return places !== 1 || right === wrong;
  });
  expect(unfit).toEqual([]);
});

test('there are more than fifty, no two alike', () => {
  const texts = policyFaults.map(({ file, right, wrong }) => [file, right, wrong].join('\n'));
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.length).toBeGreaterThan(50);
});
