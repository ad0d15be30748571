// Allocation by itself: every place of a range is found, none twice, and the end is noticed.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allocateAddress,
  createPool,
  findFree,
  startFor,
  usableRange,
} from '../../../host/controllers/allocate.ts';
import { parsePrefix } from '../../../host/net/prefix.ts';

test.each([
  ['10.0.0.0/24', 1, 1, 254],
  ['10.0.0.0/30', 2, 2, 2],
  ['10.0.0.0/31', 1, 0, 1],
  ['10.0.0.0/32', 2, 0, 0],
  ['fd00::/126', 1, 1, 3],
  ['fd00::/64', 1, 1, 2 ** 20 - 1],
])('usable addresses of %s without the first %i', (text, reserved, first, last) => {
  expect(usableRange(parsePrefix(text)!, reserved)).toEqual({ first, preferred: first, last });
});

const aRange = fc
  .tuple(fc.nat(1000), fc.nat(50), fc.nat(50))
  .map(([first, a, b]) => ({ first, preferred: first + a, last: first + a + b }));

test('a search starts in the preferred part', () => {
  fc.assert(
    fc.property(aRange, fc.string(), (range, key) => {
      const start = startFor(range, key);
      expect(start).toBeGreaterThanOrEqual(range.preferred);
      expect(start).toBeLessThanOrEqual(range.last);
    }),
  );
});

test('a range gives out each of its numbers once, and then none', () => {
  fc.assert(
    fc.property(aRange, fc.string(), (range, key) => {
      const given = new Set<number>();
      const next = () => findFree(range, startFor(range, key), (number) => given.has(number));
      for (let number = next(); number !== null; number = next()) given.add(number);
      const all = Array.from({ length: range.last - range.first + 1 }, (_, at) => range.first + at);
      expect([...given].sort((a, b) => a - b)).toEqual(all);
    }),
  );
});

test('a pool fills one block after the other and says when it is exhausted', () => {
  const blocks = ['10.0.0.0/30', '10.0.1.0/30'].map((text) => parsePrefix(text)!);
  const pool = createPool(blocks, new Map([['10.0.1.2', 'other']]), (one) => usableRange(one, 1));
  const given = ['a', 'b', 'c'].map((owner) => allocateAddress(pool, owner));
  expect([...given].sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.1.1']);
  expect(pool.isExhausted).toBe(false);
  expect(allocateAddress(pool, 'd')).toBeNull();
  expect(pool.isExhausted).toBe(true);
});
