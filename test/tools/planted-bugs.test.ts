// The bugs that `tools/hunt-bugs.ts` plants: each must still be one of the sources there are.
// Whether the fuzzer finds them takes long, and is asked by that tool.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { plant } from '../../tools/fault.ts';
import { plantedBugs } from '../../tools/planted-bugs.ts';

test.each(plantedBugs)('$kind: there is one place for it', (bug) => {
  expect(() => plant(bug, readFileSync(bug.file, 'utf8'))).not.toThrow();
});

test('there are more than forty, of different kinds', () => {
  const kinds = plantedBugs.map(({ kind }) => kind);
  expect(new Set(kinds).size).toBe(kinds.length);
  expect(kinds.length).toBeGreaterThan(40);
});

test.each([
  ['twice', 'once once', 'files has 2 places that read: once'],
  ['nowhere', '', 'files has 0 places that read: once'],
])('a fault that fits %s is refused', (_, text, message) => {
  const fault = { file: 'files', right: 'once', wrong: 'never' };
  expect(() => plant(fault, text)).toThrow(message);
  expect(plant(fault, 'just once $&')).toBe('just never $&');
});
