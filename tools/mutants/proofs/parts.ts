// Proofs about the parts that the packet path is made of: tables, policy, routes, services and what
// is held. Each is a sentence on changes that no test can tell from what is right.

import { readsZeros, type Proofs } from './proof.js';

const isMemory = 'more memory, and nothing else';
const isInVain = 'a length that is thought to be in use costs a look-up in vain, and nothing else';
const isAssertion = 'an assertion that holds either way: sizes are multiples of 8';
const isSame = 'what is looked at twice has nothing more to give';

export const parts: Proofs = {
  'assembly/fragment/held.ts': [
    [
      'a shortcut: a search for what has ended finds nothing',
      'earliestMs > nowMs) return null;',
      'earliestMs > nowMs -> false',
    ],
    [
      'frames without gaps between them are moved to where they are',
      '!hasGaps) return;',
      '!hasGaps -> false',
    ],
    [
      'frames without gaps between them are moved to where they are',
      'hasGaps = false;',
      'hasGaps = false; -> nothing',
    ],
    [isMemory, '1) * STRIDE);', '1 -> 2'],
    ['numbers need only differ', '++numbers;', '++numbers -> --numbers'],
    ['the time counts only where no datagram is named', '0, after);', '0 -> 1'],
  ],
  'assembly/nat/port-sequence.ts': [
    [
      'any order of all ports will do',
      '<u64>stride * tries) % count);',
      '<u64>stride * tries -> (<u64>stride) + (tries)',
    ],
  ],
  'assembly/policy/policy.ts': [
    [
      'a shortcut: where no rule is about addresses a search finds none',
      'ruleset.flags & RulesetFlag.HasBlocks) {',
      'ruleset.flags & RulesetFlag.HasBlocks -> (ruleset.flags) | (RulesetFlag.HasBlocks)',
    ],
  ],
  'assembly/policy/tables.ts': [
    [readsZeros, '0 ? 0 : changetype<PortName>(value).name;', '0 -> 1'],
  ],
  'assembly/route/route.ts': [
    [readsZeros, 'value == 0 ? noPort : value);', 'value == 0 ? noPort : value -> value'],
    [readsZeros, '0 ? noPort : value);', '0 -> 1'],
    [readsZeros, '0 ? 0 : changetype<Locality>(value).flags;', '0 -> 1'],
  ],
  'assembly/service/endpoint.ts': [
    [
      'who chooses no endpoint names address and port 0, which nobody offers',
      'choice.flags & ChoiceFlag.Endpoint)) return null;',
      'choice.flags & ChoiceFlag.Endpoint -> (choice.flags) | (ChoiceFlag.Endpoint)',
    ],
  ],
  'assembly/service/scheduler.ts': [
    ['the key holds the port wherever it stands there', '16);', '16 -> 16 + 1'],
  ],
  'assembly/table/arena.ts': [
    [isMemory, '1)) & ~(LINE - 1);', '1 -> 0'],
    [isMemory, 'PAGE - 1)) / PAGE) - memory.size();', 'PAGE - 1 -> (PAGE) + (1)'],
    [isMemory, '1)) / PAGE) - memory.size();', '1 -> 0'],
    [
      'what lies between two allocations is nobody’s',
      '0) memory.fill(at + <usize>bytes, GUARD_MARK, top - at - <usize>bytes);',
      '0 -> 1',
    ],
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
  ],
  'assembly/table/ring.ts': [
    [isAssertion, '7) == 0, "records are whole words");', '7 -> 6'],
    [isMemory, '1) * recordBytes);', '1 -> 2'],
  ],
  'assembly/table/slots.ts': [
    [isMemory, '1) << 2);', '1 -> 2'],
    [isMemory, '2);', '2 -> 3'],
  ],
  'assembly/table/tag-index.ts': [
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
  ],
  'assembly/wire/checksum.ts': [
    ['adding nothing changes nothing', 'delta == 0) return;', 'delta == 0 -> false'],
  ],
  'assembly/wire/ipv4.ts': [
    [
      'what is not called plain goes the long way, to the same end',
      'this.flagsAndOffset & FRAGMENT_BITS) == 0;',
      'this.flagsAndOffset & FRAGMENT_BITS -> (this.flagsAndOffset) | (FRAGMENT_BITS)',
    ],
  ],
};
