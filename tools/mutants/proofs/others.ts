// Mutants of the other folders that no test can tell from what is right, each with the proof.

import { readsZeros, type Proofs } from './proof.js';

const isMemory = 'more memory, and nothing else';

export const others: Proofs = {
  'assembly/fragment/coverage.ts': [[isMemory, '1) * COVERAGE_BYTES);', '1 -> 2']],
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
    [
      'frames without gaps between them are moved to where they are',
      'return; hasGaps = false;',
      'return; -> nothing',
    ],
    [
      'frames without gaps between them are moved to where they are',
      'false; top = frames;',
      'false -> true',
    ],
    [
      'none ends before an earlier time, either: it is searched in vain',
      'expired == null) findEarliest();',
      'expired == null -> (expired) != (null)',
    ],
    [
      'none ends before an earlier time, either: it is searched in vain',
      'findEarliest();',
      'findEarliest(); -> nothing',
    ],
    [
      'none ends before an earlier time, either: it is searched in vain',
      'earliestMs = NEVER;',
      'earliestMs = NEVER; -> nothing',
    ],
  ],
  'assembly/nat/port-sequence.ts': [
    [
      'any order of all ports will do',
      '<u64>stride * tries) % count);',
      '<u64>stride * tries -> (<u64>stride) + (tries)',
    ],
    ['any number that shares no factor will do', 'stride++;', 'stride++ -> stride--'],
  ],
  'assembly/policy/policy.ts': [
    [
      readsZeros,
      'peer == null ? 0 : peer.identity;',
      'peer == null ? 0 : peer.identity -> peer.identity',
    ],
    [
      readsZeros,
      'peer == null ? 0 : peer.neighbour;',
      'peer == null ? 0 : peer.neighbour -> peer.neighbour',
    ],
    [
      'a shortcut: where no rule is about addresses a search finds none',
      'ruleset.flags & RulesetFlag.HasBlocks) {',
      'ruleset.flags & RulesetFlag.HasBlocks -> (ruleset.flags) | (RulesetFlag.HasBlocks)',
    ],
  ],
  'assembly/policy/tables.ts': [
    [
      readsZeros,
      'value == 0 ? 0 : changetype<PortName>(value).name;',
      'value == 0 ? 0 : changetype<PortName>(value).name -> changetype<PortName>(value).name',
    ],
    [readsZeros, '0) return null;', '0 -> 1'],
    [readsZeros, '', 'value == 0 -> false'],
    [readsZeros, '0 : findElement(rulesets, number);', '0 -> 1'],
    [readsZeros, '0 ? 0 : changetype<PortName>(value).name;', '0 -> 1'],
  ],
  'assembly/route/route.ts': [
    [
      readsZeros,
      'value == 0 ? 0 : changetype<Locality>(value).flags;',
      'value == 0 ? 0 : changetype<Locality>(value).flags -> changetype<Locality>(value).flags',
    ],
    [readsZeros, 'value == 0 ? noRoute : value);', 'value == 0 ? noRoute : value -> value'],
    [readsZeros, '0 ? noRoute : value);', '0 -> 1'],
    [readsZeros, 'value == 0 ? noPort : value);', 'value == 0 ? noPort : value -> value'],
    [readsZeros, '0 ? noPort : value);', '0 -> 1'],
    [readsZeros, '0 ? 0 : changetype<Locality>(value).flags;', '0 -> 1'],
    [
      'ff80::/10 is multicast, and not forwarded either',
      '0xc0ff) == 0x80fe; const isMulticast',
      '0xc0ff -> 49406',
    ],
  ],
  'assembly/service/endpoint.ts': [
    [
      'who chooses no endpoint names address and port 0, which nobody offers',
      'choice.flags & ChoiceFlag.Endpoint)) return null;',
      'choice.flags & ChoiceFlag.Endpoint -> (choice.flags) | (ChoiceFlag.Endpoint)',
    ],
    ['any number that comes of the seed will do', '', 'seed ^ DRAW -> (seed) & (DRAW)'],
  ],
  'assembly/service/scheduler.ts': [
    [
      readsZeros,
      'load == null ? 0 : load.active;',
      'load == null ? 0 : load.active -> load.active',
    ],
    ['the key holds the port wherever it stands there', '16);', '16 -> 16 + 1'],
    ['any number that comes of the seed will do', '', 'seed ^ MAGLEV -> (seed) & (MAGLEV)'],
  ],
  'assembly/service/service.ts': [
    [
      readsZeros,
      'frontend == null ? 0 : frontend.service;',
      'frontend == null ? 0 : frontend.service -> frontend.service',
    ],
    [
      readsZeros,
      'frontend == null ? 0 : frontend.kind);',
      'frontend == null ? 0 : frontend.kind -> frontend.kind',
    ],
  ],
  'assembly/answer/limit.ts': [
    [
      'no time brings no tokens',
      'nowMs > filledAtMs) {',
      'nowMs > filledAtMs -> (nowMs) >= (filledAtMs)',
    ],
  ],
  'assembly/nat/rewrite.ts': [
    ['the next line writes over the rest', '1); copyWords(at + (bytes >> 1), other', '1 -> 0'],
  ],
  'assembly/nat/rewrite-error.ts': [
    [
      'what is beyond the packet adds the same before and after, and memory goes on there',
      'packet.networkBytes - <u32>(quote.network - packet.network);',
      'packet.networkBytes - <u32>(quote.network - packet.network) -> (packet.networkBytes) + ' +
        '(<u32>(quote.network - packet.network))',
    ],
    [
      'an untranslated destination is where the error goes already: findRelated',
      'effects & Effect.DestinationTranslated) memory.copy',
      'effects & Effect.DestinationTranslated -> (effects) | (Effect.DestinationTranslated)',
    ],
  ],
  'assembly/route/passage.ts': [
    [
      'a sound option has no pointer to its last byte: no entry would fit',
      'load<u8>(option, POINTER) > load<u8>(option, 1);',
      'load<u8>(option, POINTER) > load<u8>(option, 1) -> (load<u8>(option, POINTER)) >= ' +
        '(load<u8>(option, 1))',
    ],
  ],
};
