// A fast 64-bit hash, the same on every platform: tells packets apart. Not for secrets. Two 32-bit
// lanes, each MurmurHash3's (public domain, A. Appleby) with a seed of its own.

import { spanOf, type Span } from '../net/span.ts';

/** Two unsigned 32-bit halves. */
export interface Hash64 {
  low: number;
  high: number;
}

const lowSeed = 0x9747b28c;
const highSeed = 0x3c6ef372;

/** The memory that was hashed last: mostly it is the same again. */
let hashed: DataView = new DataView(new ArrayBuffer(0));

/** Hash of up to `limitBytes` bytes after a word that says what they are. */
export function hashSpan(span: Span, limitBytes: number, word = 0): Hash64 {
  const { bytes } = span;
  const length = Math.min(limitBytes, span.lengthBytes);
  if (hashed.buffer !== bytes.buffer) hashed = new DataView(bytes.buffer);
  const words = hashed;
  const first = bytes.byteOffset + span.start;
  const end = first + length;
  let low = mixWord(lowSeed, word);
  let high = mixWord(highSeed, word);
  let at = first;
  for (; at + 4 <= end; at += 4) {
    const next = words.getInt32(at, true);
    low = mixWord(low, next);
    high = mixWord(high, next);
  }
  let rest = 0;
  for (let index = end - 1; index >= at; index--) rest = (rest << 8) | words.getUint8(index);
  low = mixWord(low, rest);
  high = mixWord(high, rest);
  return { low: finish(low ^ length), high: finish(high ^ length) };
}

/** As `hashSpan`, of a view. */
export function hashBytes(bytes: Uint8Array, limitBytes: number, word = 0): Hash64 {
  return hashSpan(spanOf(bytes), limitBytes, word);
}

/** Number of 53 bits, to be used as a key. */
export function toKey(hash: Hash64): number {
  return (hash.high & 0x1fffff) * 2 ** 32 + hash.low;
}

function mixWord(lane: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  const sum = lane ^ mixed;
  return (Math.imul((sum << 13) | (sum >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
