// Mutants of `host/compile`, from ports to Services, that no test can tell from what is right, each
// with the proof.

import type { Proofs } from './proof.js';

export const compileServices: Proofs = {
  'host/compile/ruling.ts': [
    [
      'without a range the whole protocol is ruled as every protocol, and nothing is left to rule',
      'ranges.length === 0) return [];',
      'ranges.length === 0 -> false',
    ],
  ],
};
