// Repeats a failure: SEED and RUN_PATH are what the failure printed, RUNS how many runs to make. Without them the seed is
// fixed, so that two runs of the suite test the same things.

import * as fc from 'fast-check';

const { SEED = '1', RUN_PATH, RUNS } = process.env;

fc.configureGlobal({
  seed: Number(SEED),
  ...(RUN_PATH === undefined ? {} : { path: RUN_PATH, endOnFailure: true }),
  ...(RUNS === undefined ? {} : { numRuns: Number(RUNS) }),
});

/** The command that repeats a failing property. */
export function repeatCommand(file: string, seed: number, path: string | null): string {
  return `SEED=${seed} RUN_PATH=${path ?? ''} npx vitest run ${file}`;
}
