// Numbers and name suffixes that depend on a text alone: they stand in for the random choices of
// real controllers. Not for packets: the dataplane has a seeded hash of its own.

import { compareTexts } from './written.ts';

/**
 * Letters of generated names. Source: apimachinery `pkg/util/rand`, which leaves out vowels and
 * look-alikes.
 */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a over the UTF-16 code units, finished with the mixer of MurmurHash3; 32 bits, unsigned. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** `length` letters as in the names that controllers generate. */
export function nameSuffix(text: string, length: number): string {
  let suffix = '';
  for (let index = 0; index < length; index++) {
    suffix += SUFFIX_LETTERS[hashText(text, index + 1) % SUFFIX_LETTERS.length];
  }
  return suffix;
}

/** JSON with the keys of every object sorted: equal for equal values, however they were written. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareTexts(a, b)))
      : part,
  );
}
