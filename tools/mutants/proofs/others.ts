// Mutants of the other folders that no test can tell from what is right, each with the proof.

import { readsZeros, type Proofs } from './proof.js';

export const others: Proofs = {
  'assembly/fragment/held.ts': [
    ['frames that lie close are moved to where they are', '', '!hasGaps -> false'],
    ['they are looked through in vain', '', 'earliestMs > nowMs -> false'],
    ['numbers only differ from each other', '', '++numbers -> --numbers'],
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
      'a ruleset without blocks has none to find',
      '',
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
  ],
  'assembly/route/route.ts': [
    [
      readsZeros,
      'value == 0 ? 0 : changetype<Locality>(value).flags;',
      'value == 0 ? 0 : changetype<Locality>(value).flags -> changetype<Locality>(value).flags',
    ],
    [readsZeros, 'value == 0 ? noRoute : value);', 'value == 0 ? noRoute : value -> value'],
    [readsZeros, '0 ? noRoute : value);', '0 -> 1'],
  ],
  'assembly/service/scheduler.ts': [
    [
      readsZeros,
      'load == null ? 0 : load.active;',
      'load == null ? 0 : load.active -> load.active',
    ],
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
};
