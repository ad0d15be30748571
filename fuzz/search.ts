// Looks for runs of a target that fail, and makes what fails small. Knows fast-check's numbering of
// runs and its paths; what is run, and for how long, is the caller's affair.

import * as fc from 'fast-check';
import type { Portion } from './portion.ts';
import type { Target } from './targets/target.ts';

/** A target, and its property of whoever is tested. */
export interface Trial {
  readonly target: Target;
  readonly property: fc.IRawProperty<unknown, true>;
}

export type Details = fc.RunDetails<unknown>;

/** Runs that were ended before the first one count as failed to fast-check; not here. */
export function hasFailed({ counterexamplePath }: Details): boolean {
  return counterexamplePath !== null;
}

/** Makes the runs of a portion until one fails or it is over; nothing is made smaller. */
export function search(
  { property }: Trial,
  seed: number,
  { first, runs }: Portion,
  isOver: () => boolean,
): Promise<Details> {
  const parameters = { seed, path: `${first}`, numRuns: runs, endOnFailure: true };
  return fc.check(until(property, isOver), parameters);
}

/** The smallest failure that follows from one that was found, as far as time goes. */
export async function shrink(
  { property }: Trial,
  found: Details,
  isOver: () => boolean,
): Promise<Details> {
  const parameters = { seed: found.seed, path: found.counterexamplePath ?? '', numRuns: 1 };
  const details = await fc.check(until(property, isOver), parameters);
  // A foreign dataplane may have failed by chance, or be silent by now.
  return hasFailed(details) ? details : found;
}

/**
 * Makes the run at a path. Throws RangeError for a path that the target does not have any more:
 * that is the caller's mistake, not the target's.
 */
export async function repeat(
  { target, property }: Trial,
  seed: number,
  path: string,
): Promise<Details> {
  try {
    return await fc.check(property, { seed, path, numRuns: 1, endOnFailure: true });
  } catch {
    const why = 'what was made at it holds now, or the target has changed since';
    throw new RangeError(`${target.name} does not fail at path ${path}: ${why}`);
  }
}

/** A property whose runs end between two of them: what is begun is never left half done. */
function until(
  property: fc.IRawProperty<unknown, true>,
  isOver: () => boolean,
): fc.IRawProperty<unknown, true> {
  return {
    isAsync: () => true,
    generate: (random, runId) => property.generate(random, runId),
    shrink: (value) => property.shrink(value),
    runBeforeEach: () => property.runBeforeEach(),
    runAfterEach: () => property.runAfterEach(),
    run: async (value) => (isOver() ? new fc.PreconditionFailure(true) : property.run(value)),
  };
}
