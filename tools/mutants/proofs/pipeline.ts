// Mutants of assembly/pipeline that no test can tell from what is right, each with the proof.

import type { Proofs } from './proof.js';

const walksMore = 'it has more packets take the whole walk, which comes to the same';

export const pipeline: Proofs = {
  'assembly/pipeline/commit.ts': [
    ['no packet is so short', '0;', '0 -> 1'],
    [walksMore, '', '0xffff -> 65534'],
  ],
  'assembly/pipeline/express.ts': [
    [
      walksMore,
      '',
      'packet.networkBytes > state.mtuBytes -> (packet.networkBytes) >= (state.mtuBytes)',
      'packet.family == 4 -> false',
      '4 -> 5',
      '4 -> 3',
    ],
    [walksMore, '1) return false;', '1 -> 2'],
    [
      'what is not translated is rewritten to what it is',
      '',
      'state.effects & BOTH -> (state.effects) | (BOTH)',
    ],
  ],
  'assembly/pipeline/open.ts': [
    [
      'judge asks for it under the same setting',
      '',
      'isSet(ConfigFlag.AllowToOwnNode) ? localityOf(decision.destinationHigh, ' +
        'decision.destinationLow) : 0 -> localityOf(decision.destinationHigh, ' +
        'decision.destinationLow)',
    ],
  ],
  'assembly/pipeline/process.ts': [
    [
      'nobody is looked for ahead, and everybody is found in turn',
      '',
      'lookAhead(count); -> nothing',
    ],
  ],
  'assembly/pipeline/translate.ts': [
    [
      'after all ports the first one would be tried again, in vain',
      'tries < count; tries++) {',
      'tries < count -> (tries) <= (count)',
    ],
  ],
};
