// Mutants of assembly/table that no test can tell from what is right, each with the proof.

import type { Proofs } from './proof.js';

const onlyGuards = 'only target guards has bytes between allocations';
const neverFull = 'an index is never full: it holds twice the references it was made for';

const isMemory = 'more memory, and nothing else';
const isInVain = 'a length that is thought to be in use costs a look-up in vain, and nothing else';
const isAssertion = 'an assertion that holds either way: sizes are multiples of 8';
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
    [
      'sizes are multiples of 4, so nothing ends one byte behind a line',
      '1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES;',
      '1 -> 2',
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
      'more memory, and nothing else',
      'LINE - 1)) & ~(<u64>(LINE - 1))) + GUARD_BYTES;',
      'LINE - 1 -> (LINE) + (1)',
    ],
    ['more memory, and nothing else', '', 'pages <= 0 -> (pages) < (0)', '2 -> 3'],
    [
      'what lies between two allocations is nobody’s',
      '',
      'GUARD_BYTES != 0 -> (GUARD_BYTES) == (0)',
    ],
    ['memory was never without a page', '0 || memory.grow(pages) >= 0;', '0 -> 1'],
    [
      'memory was never without a page',
      '',
      'memory.grow(pages) >= 0 -> (memory.grow(pages)) > (0)',
    ],
    ['memory was never without a page', '0;', '0 -> 1'],
  ],
  'assembly/table/expiring-table.ts': [
    [isSame, '1); left > 0; left--) {', '1 -> 0'],
    [isSame, 'slots.fresh - 1); left > 0; left--) {', 'slots.fresh - 1 -> (slots.fresh) + (1)'],
    [
      'no entry ends before an earlier time, either: it is swept in vain',
      'table.earliestMs = earliestMs;',
      'table.earliestMs = earliestMs; -> nothing',
    ],
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
      'an assertion that holds either way: sizes are multiples of 8',
      '',
      'assert(((keyBytes | valueBytes) & 7) == 0, "keys and values are whole words"); -> ' +
        'nothing',
    ],
  ],
  'assembly/table/prefix-table.ts': [
    [
      'no bit of the other half belongs to a prefix of 64',
      '64 ? ~0 : leadingBits(length);',
      '64 -> 63',
    ],
    [
      'it counts below 0 then, and is 0 again at the same time',
      '',
      'load<u32>(at) + change -> (load<u32>(at)) - (change)',
    ],
    ['of 64 bits all are leading', '', 'length >= 64 -> (length) > (64)'],
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
    ['more memory, and nothing else', '2); return table;', '2 -> 3'],
    [
      'a length that is thought to be in use costs a look-up in vain, and nothing else',
      '1); return value;',
      '1 -> 2',
    ],
    [
      'a length that is thought to be in use costs a look-up in vain, and nothing else',
      '1); return true;',
      '1 -> 0',
    ],
    [
      'a length that is thought to be in use costs a look-up in vain, and nothing else',
      '',
      'bits & ~mask -> (bits) | (~mask)',
    ],
    ['any number below 0 ends the search', '1;', '1 -> 2'],
    [
      'numbers that share their bytes are 0 only if all of them are',
      '2); const count = load<u32>(at) + change;',
      '2 -> 1',
    ],
    ['shifts are by the remainder of 64', '', 'length - 64 -> (length) + (64)'],
  ],
  'assembly/table/ring.ts': [
    [
      'behind the last record lies the one for those that are lost',
      '',
      'number >= ring.capacity -> (number) > (ring.capacity)',
    ],
    [isAssertion, '7) == 0, "records are whole words");', '7 -> 6'],
    [isMemory, '1) * recordBytes);', '1 -> 2'],
    [
      'an assertion that holds either way: sizes are multiples of 8',
      '',
      'assert((recordBytes & 7) == 0, "records are whole words"); -> nothing',
    ],
    ['an assertion that holds either way: steps are 48 bytes', '', '7 -> 8'],
  ],
  'assembly/table/slots.ts': [
    [
      'the link of a number that was never handed out is 0, which is not TAKEN',
      'slot < slots.fresh && load<u32>(slots.links + ((<usize>slot) << 2)) == TAKEN;',
      'slot < slots.fresh -> (slot) <= (slots.fresh)',
    ],
    [isMemory, '1) << 2);', '1 -> 2'],
    [isMemory, '2);', '2 -> 3'],
    [
      'only what is taken is given back',
      '',
      'assert(isTaken(slots, slot), "a slot is given back twice"); -> nothing',
    ],
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
      'more memory, and nothing else',
      '1; while (buckets * (SLOTS / 2) < references) buckets <<= 1;',
      '1 -> 2',
    ],
    [
      'who may be farther on is looked for there in vain',
      '',
      'load<u16>(bucket, PASSED) == 0 -> false',
    ],
    [
      'an index is never full: it holds twice the references it was made for',
      '',
      'assert(left > 0, "the index is full"); -> nothing',
    ],
    ['both slots are of the same bucket', '1), PASSED) == 0) return 0;', '1 -> 2'],
    [
      'each slot of a bucket is looked at once, in whatever order',
      'cursor - 1) % SLOTS);',
      'cursor - 1 -> (cursor) + (1)',
    ],
    ['any bits of the hash will do, if they are not all 0', '', '48 -> 49'],
    ['any bits of the hash will do, if they are not all 0', '1; } /** One bit', '1 -> 2'],
    [
      'who is in the chain is live, or looked at twice: only full tables are walked',
      '',
      'store<u32>(bucket + (slot << 2), 0, REFERENCES); -> nothing',
    ],
  ],
};
