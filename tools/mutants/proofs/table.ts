// Mutants of assembly/table that no test can tell from what is right, each with the proof.

import { readsZeros, type Proofs } from './proof.js';

const onlyGuards = 'only target guards has bytes between allocations';
const areLines = 'allocations end on lines, which are multiples of 64';
const neverFull = 'an index is never full: it holds twice the references it was made for';

const isMemory = 'more memory, and nothing else';
const isInVain = 'a length that is thought to be in use costs a look-up in vain, and nothing else';
const isAssertion = 'an assertion that holds either way: sizes are multiples of 8';
const isGuess =
  'a guess is held against the tuple, whatever it is: a place in memory it always has';
const isTag = 'any tag but 0 will do: entries with the same one are told apart by their keys';
const isSame = 'what is looked at twice has nothing more to give';

export const table: Proofs = {
  'assembly/table/arena.ts': [
    [
      onlyGuards,
      '((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES;',
      '((<u64>at + bytes + (LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES -> (((<u64>at + ' +
        'bytes + (LINE - 1)) & ~(<u64>(LINE - 1)))) - (GUARD_BYTES)',
    ],
    [
      onlyGuards,
      'memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      'memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes); -> nothing',
    ],
    [
      onlyGuards,
      'at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      'at + <usize>bytes -> (at) - (<usize>bytes)',
    ],
    [
      onlyGuards,
      'top - at - <usize>bytes);',
      'top - at - <usize>bytes -> (top - at) + (<usize>bytes)',
      'top - at -> (top) + (at)',
    ],
    [
      'an arena is opened once, and is not exhausted then',
      'isExhausted = false;',
      'isExhausted = false; -> nothing',
    ],
    ['a line more is wasted', 'LINE - 1)) & ~(LINE - 1);', 'LINE - 1 -> (LINE) + (1)'],
    [isMemory, '1)) & ~(LINE - 1);', '1 -> 0'],
    [isMemory, 'PAGE - 1)) / PAGE) - memory.size();', 'PAGE - 1 -> (PAGE) + (1)'],
    [isMemory, '1)) / PAGE) - memory.size();', '1 -> 0'],
    [
      'what lies between two allocations is nobody’s',
      '0) memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      '0 -> 1',
    ],
    [
      'what lies between two allocations is nobody’s',
      'GUARD_BYTES != 0) memory.fill(',
      'GUARD_BYTES != 0 -> (GUARD_BYTES) == (0)',
    ],
    [
      'the module’s own data end at a multiple of 4, so never one byte behind a line',
      '1)) & ~(LINE - 1);',
      '1 -> 2',
    ],
    [
      'the registry, which is the first, begins a byte farther on, and all others on their lines',
      '1); isExhausted = false;',
      '1 -> 2',
    ],
    [areLines, '0xffff0000 || !growTo(<usize>end)) {', '0xffff0000 -> 4294901761'],
    [areLines, '1)) / PAGE) - memory.size();', '1 -> 2'],
    [
      'memory has a page before it grows, so that who grows it is never told 0',
      '',
      'memory.grow(max(pages, memory.size() >> 2)) >= 0 -> ' +
        '(memory.grow(max(pages, memory.size() >> 2))) > (0)',
    ],
    [
      'memory has a page before it grows, so that who grows it is never told 0',
      '0 || memory.grow(pages) >= 0;',
      '0 -> 1',
    ],
    ['memory has a page before it grows, so that who grows it is never told 0', '0; }', '0 -> 1'],
  ],
  'assembly/table/expiring-table.ts': [
    [isSame, '1); left > 0; left--) {', '1 -> 0'],
    [isSame, 'slots.fresh - 1); left > 0; left--) {', 'slots.fresh - 1 -> (slots.fresh) + (1)'],
    [
      'no entry ends before an earlier time, either: it is swept in vain',
      'table.earliestMs = earliestMs;',
      'table.earliestMs = earliestMs; -> nothing',
    ],
    [
      'no entry ends before an earlier time, either: it is swept in vain',
      'table.earliestMs = NEVER;',
      'table.earliestMs = NEVER; -> nothing',
    ],
    [readsZeros, '0 && load<u64>(value) > nowMs ? value : 0;', '0 -> 1'],
  ],
  'assembly/table/hash-table.ts': [
    [
      isAssertion,
      'keyBytes | valueBytes) & 7) == 0, "keys and values are whole words");',
      'keyBytes | valueBytes -> (keyBytes) & (valueBytes)',
    ],
    [isAssertion, '7) == 0, "keys and values are whole words");', '7 -> 6'],
    [isMemory, '1) * stride);', '1 -> 2'],
    [
      isAssertion,
      'assert(((keyBytes | valueBytes) & 7) == 0, "keys and values are whole words");',
      'assert(((keyBytes | valueBytes) & 7) == 0, "keys and values are whole words"); -> nothing',
    ],
  ],
  'assembly/table/prefix-table.ts': [
    [
      isInVain,
      'table.hash.slots.used > before) countLength(table, key, 1);',
      'table.hash.slots.used > before -> (table.hash.slots.used) >= (before)',
    ],
    [isInVain, 'countLength(table, key, -1);', 'countLength(table, key, -1); -> nothing'],
    [
      'numbers that share their bytes are 0 only if all of them are, and ' + isInVain,
      '(<usize>length) << 2);',
      '(<usize>length) << 2 -> ((<usize>length)) >> (2)',
    ],
    [
      'counted down instead of up it is 0 as often',
      'load<u32>(at) + change;',
      'load<u32>(at) + change -> (load<u32>(at)) - (change)',
    ],
    [
      'the first 64 bits are all bits',
      'length >= 64 ? ~0 : leadingBits(length);',
      'length >= 64 -> (length) > (64)',
    ],
    ['the first 64 bits are all bits', '64 ? ~0 : leadingBits(length);', '64 -> 65'],
    [
      'the first 0 bits are none',
      'length <= 64 ? 0 : leadingBits(length - 64);',
      'length <= 64 -> (length) < (64)',
    ],
    ['the first 0 bits are none', '64 ? 0 : leadingBits(length - 64);', '64 -> 63'],
    [isMemory, '2); return table;', '2 -> 3'],
    [isInVain, '1); return true;', '1 -> 0'],
    [
      isInVain,
      'isSet ? bits | mask : bits & ~mask;',
      'isSet ? bits | mask : bits & ~mask -> bits | mask',
    ],
    [isInVain, 'bits & ~mask;', 'bits & ~mask -> (bits) | (~mask)'],
    [
      'of how far a word is shifted the low 6 bits count, and neither count is 0',
      'length - 64);',
      'length - 64 -> (length) + (64)',
    ],
  ],
  'assembly/table/ring.ts': [
    [isAssertion, '7) == 0, "records are whole words");', '7 -> 6'],
    [isMemory, '1) * recordBytes);', '1 -> 2'],
    [
      'an assertion that holds: a trace step is of 48 bytes',
      'assert((recordBytes & 7) == 0, "records are whole words");',
      'assert((recordBytes & 7) == 0, "records are whole words"); -> nothing',
    ],
    [
      'an assertion that holds either way: a trace step is of 48 bytes',
      '7) == 0, "records are whole words");',
      '7 -> 8',
    ],
  ],
  'assembly/table/slots.ts': [
    [
      'the link of a number that was never handed out is 0, which is not TAKEN',
      'slot < slots.fresh && load<u32>(slots.links + ((<usize>slot) << 2)) == TAKEN;',
      'slot < slots.fresh -> (slot) <= (slots.fresh)',
    ],
    [
      'who is never handed out is not taken, either',
      'slot < slots.fresh; slot++) if (isTaken(slots, slot)) return slot;',
      'slot < slots.fresh -> (slot) <= (slots.fresh)',
    ],
    [
      'an assertion that holds: whoever gives a number back has just found it taken',
      'assert(isTaken(slots, slot), "a slot is given back twice");',
      'assert(isTaken(slots, slot), "a slot is given back twice"); -> nothing',
    ],
    [isMemory, '1) << 2);', '1 -> 2'],
    [isMemory, '2);', '2 -> 3'],
  ],
  'assembly/table/tag-index.ts': [
    [neverFull, 'left > 0, "the index is full");', 'left > 0 -> (left) >= (0)'],
    [
      'a bucket that is looked at twice has nothing more to give',
      '1; left > 0; left--) {',
      '1 -> 2',
    ],
    [neverFull, '1; ; left--) {', '1 -> 2'],
    [
      'a reference that was entered is found before',
      'left > 0; left--) { for (let match = matches(bucket, tag); match != 0; ' +
        'match &= match - 1) { const slot',
      'left > 0 -> (left) >= (0)',
    ],
    [
      'what is looked at twice, or belongs to other buckets, is passed over',
      '1) * SLOTS;',
      '1 -> 2',
    ],
    [
      'what is looked at twice, or belongs to other buckets, is passed over',
      '',
      'cursor % SLOTS -> (cursor) * (SLOTS)',
      'isNewBucket && load<u16>(chainBucket(index, home, cursor - 1), PASSED) == 0 -> false',
    ],
    [
      'each slot of a bucket is looked at once, in whatever order',
      '1) % SLOTS);',
      '1 -> 2',
      '1 -> 0',
    ],
    [
      'a guess that is not made costs a search, and nothing else',
      'match == 0 ? 0 : referenceAt(bucket, ctz(match));',
      'match == 0 ? 0 : referenceAt(bucket, ctz(match)) -> 0',
    ],
    [
      isGuess,
      'match == 0 ? 0 : referenceAt(bucket, ctz(match));',
      'match == 0 ? 0 : referenceAt(bucket, ctz(match)) -> referenceAt(bucket, ctz(match))',
    ],
    [isGuess, '0 ? 0 : referenceAt(bucket, ctz(match));', '0 -> 1'],
    [isGuess, '0 : referenceAt(bucket, ctz(match));', '0 -> 1'],
    [
      'a key that is there is found before: the other buckets are looked at in vain',
      'load<u16>(bucket, PASSED) == 0) return 0;',
      'load<u16>(bucket, PASSED) == 0 -> false',
    ],
    [neverFull, 'left--) { assert(left > 0, "the index is full");', 'left-- -> left++'],
    [
      neverFull,
      'assert(left > 0, "the index is full");',
      'assert(left > 0, "the index is full"); -> nothing',
    ],
    [
      'a reference that was entered is found before all buckets were looked at',
      'left--) { for (let match = matches(bucket, tag); match != 0; ' +
        'match &= match - 1) { const slot',
      'left-- -> left++',
    ],
    [
      'what is looked at twice, or belongs to other buckets, is passed over',
      'cursor < slots) {',
      'cursor < slots -> (cursor) <= (slots)',
    ],
    [
      'where a bucket begins, the last slots but one and two are of the same one',
      '1), PASSED) == 0) return 0;',
      '1 -> 2',
    ],
    [isTag, '48)) | 1;', '48 -> 49'],
    [isTag, '1; }', '1 -> 2'],
  ],
};
