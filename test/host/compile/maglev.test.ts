// Maglev tables, as the paper fills them. Source: Eisenbud et al., "Maglev: A Fast and Reliable
// Software Network Load Balancer", 3.4, pseudocode 1.

import { expect, test } from 'vitest';
import { fillTable, tableSize } from '../../../host/compile/maglev.ts';
import { hashText } from '../../../host/controllers/hash.ts';

/** Seeds of the two hashes: the second one starts at FNV's prime instead of its basis. */
const [first, second] = [0, (0x811c9dc5 ^ 0x01000193) >>> 0];

/** Each backend's whole order of the slots, and the turns that they take. */
function fillByPaper(names: readonly string[], size: number): number[] {
  const permutation = names.map((name) => {
    const offset = hashText(name, first) % size;
    const skip = (hashText(name, second) % (size - 1)) + 1;
    return Array.from({ length: size }, (_, j) => (offset + j * skip) % size);
  });
  const next = names.map(() => 0);
  const entry = Array.from({ length: size }, () => -1);
  for (let filled = 0; ;) {
    for (let backend = 0; backend < names.length; backend++) {
      let candidate = permutation[backend]![next[backend]!]!;
      while (entry[candidate]! >= 0) candidate = permutation[backend]![++next[backend]!]!;
      entry[candidate] = backend;
      next[backend]!++;
      if (++filled === size) return entry;
    }
  }
}

test.each([
  [['10.0.0.1:80', '10.0.0.2:80'], 7],
  [['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80'], 13],
  [['[fd00::1]:80', 'b', 'c', 'd', 'e'], 101],
  [Array.from({ length: 10 }, (_, at) => `10.244.1.${at}:8080`), 1021],
])('%j in %i slots', (names, size) => {
  expect([...fillTable(names, size)]).toEqual(fillByPaper(names, size));
});

test.each([
  [0, 0],
  [1, 0],
  [2, 1021],
  [10, 1021],
  [11, 16_381],
  [163, 16_381],
  [164, 131_071],
  [5000, 131_071],
])('%i endpoints have a table of %i slots', (endpoints, expected) => {
  expect(tableSize(endpoints)).toBe(expected);
});
