// Repeats a failure: SEED and RUN_PATH are what the failure printed, RUNS how many runs to make.
// Without them the seed is fixed, so that two runs of the suite test the same things.

import * as fc from 'fast-check';

const { SEED = '1', RUN_PATH, RUNS } = process.env;

fc.configureGlobal({
  seed: Number(SEED),
  ...(RUN_PATH === undefined ? {} : { path: RUN_PATH, endOnFailure: true }),
  reporter: report,
});

/** How many runs to make where RUNS does not say. */
export function runs(usual: number): { numRuns: number } {
  return { numRuns: RUNS === undefined ? usual : Number(RUNS) };
}

/** fast-check's report, and the command that repeats the failure. */
function report(details: fc.RunDetails<unknown>): void {
  if (!details.failed) return;
  const path = details.counterexamplePath === null ? '' : ` RUN_PATH=${details.counterexamplePath}`;
  const repeat = `repeat it with: SEED=${details.seed}${path} npm test -- <this file>`;
  const error = new Error(`${repeat}\n${fc.defaultReportMessage(details)}`);
  if (details.errorInstance instanceof Error) error.cause = details.errorInstance;
  throw error;
}
