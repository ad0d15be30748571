// Names and places that follow from a hash must stay what they are from version to version:
// scenarios and captures name them. The hash is held to what was published about its two halves.

import { describe, expect, test } from 'vitest';
import { canonicalText, hashText, nameSuffix } from '../../../host/controllers/hash.ts';

const basis = 0x811c9dc5;

/** The finisher of a value: a text without letters is the basis, changed by the seed. */
const finish = (value: number) => hashText('', (basis ^ value) >>> 0);

// MurmurHash3_x86_32 of no bytes is its finisher of the seed: vectors of SMHasher's kind.
test.each([
  [0, 0],
  [1, 0x514e28b7],
  [0xffffffff, 0x81f16f39],
])('the finisher of MurmurHash3 makes of %i what is published', (value, expected) => {
  expect(finish(value)).toBe(expected);
});

// Source: Fowler, Noll, Vo: test vectors of FNV-1a, 32 bits.
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['b', 0xe70c2de5],
  ['foobar', 0xbf9cf968],
])('before that, %o is FNV-1a', (text, published) => {
  expect(hashText(text)).toBe(finish(published));
});

test('another seed is another hash', () => {
  expect(hashText('foobar', 1)).not.toBe(hashText('foobar'));
});

describe('suffixes', () => {
  test('have the letters of generated names, each by a seed of its own', () => {
    const letters = 'bcdfghjklmnpqrstvwxz2456789';
    const expected = [1, 2, 3, 4, 5].map((seed) => letters[hashText('web', seed) % 27]).join('');
    expect(nameSuffix('web', 5)).toBe(expected);
    expect(nameSuffix('web', 10)).toHaveLength(10);
  });
});

test.each([
  [{ b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
  [{ c: 1, a: 2, d: 3, b: 4 }, '{"a":2,"b":4,"c":1,"d":3}'],
  [[{ b: null, a: 'x' }, [2, 1]], '[{"a":"x","b":null},[2,1]]'],
])('a value is spelled with the keys in order: %j', (value, text) => {
  expect(canonicalText(value)).toBe(text);
});
