// More mutants of assembly/policy and assembly/service that no test can tell from what is right,
// each with the proof.

import { readsZeros, type Proofs } from './proof.js';

const isLighter = 'the first endpoint is lighter than any such number';

export const policyAndService: Proofs = {
  'assembly/policy/policy.ts': [
    [
      readsZeros,
      'target == null ? 0 : target.namedPorts',
      'target == null ? 0 : target.namedPorts -> target.namedPorts',
    ],
  ],
  'assembly/policy/ruling.ts': [
    [
      'of the same rank is only one and the same rule',
      'rank < otherRank;',
      'rank < otherRank -> (rank) <= (otherRank)',
    ],
  ],
  'assembly/service/endpoint.ts': [
    [readsZeros, 'decision.choice == 0) return null;', 'decision.choice == 0 -> false'],
    [readsZeros, '0) return null; const choice =', '0 -> 1'],
    [
      'who chooses no endpoint names address and port 0, which nobody offers',
      '!(choice.flags & ChoiceFlag.Endpoint)) return null;',
      '!(choice.flags & ChoiceFlag.Endpoint) -> false',
    ],
  ],
  'assembly/service/scheduler.ts': [
    [readsZeros, 'load == null) return 0;', 'load == null -> false'],
    [isLighter, '0; let least: u64 = ~0; for', '0 -> 1'],
    [isLighter, '0; for (let slot: u32 = 0; slot < size; slot++) { const weight', '0 -> 1'],
    [isLighter, '0; let most: u64 = 0;', '0 -> 1'],
    [
      'the first member is the most loaded one whatever stands there',
      '0; for (let slot: u32 = 0; slot < size; slot++) { const load',
      '0 -> 1',
    ],
    [
      'the same words are hashed; the number of their bytes is mixed in as any other could be',
      '24, seed ^ MAGLEV)',
      '24 -> 23',
    ],
  ],
  'assembly/service/service.ts': [
    [
      'dialledFrontend has just written the same there',
      'key.port = packet.destinationPort; key.protocol = packet.protocol; const found',
      'key.port = packet.destinationPort; -> nothing',
    ],
    [
      'dialledFrontend has just written the same there',
      'key.protocol = packet.protocol; const found',
      'key.protocol = packet.protocol; -> nothing',
    ],
  ],
};
