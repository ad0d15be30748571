// The fuzzers as a long-running program: targets in, failures out, each with the command that
// repeats it.

import * as fc from 'fast-check';
import type { Target } from './targets/target.ts';
import { targets } from './targets/targets.ts';

export interface FuzzOptions {
  /** Names of targets; unless given, all but the canary. */
  readonly targets?: readonly string[];
  readonly seed: number;
  /** Runs of each target; unless given, as many as the time allows. */
  readonly runs?: number;
  /** Time for each target. One of `runs` and `timeMs` must be given. */
  readonly timeMs?: number;
  /** Path of a failure to repeat, as an earlier run printed it. */
  readonly path?: string;
  /** Takes one line of progress. */
  readonly print?: (line: string) => void;
}

export interface FuzzFailure {
  readonly target: string;
  readonly seed: number;
  readonly path: string;
  /** The shrunk counterexample and what was wrong with it. */
  readonly message: string;
  readonly command: string;
}

export interface FuzzReport {
  readonly runs: Readonly<Record<string, number>>;
  readonly failures: readonly FuzzFailure[];
}

/** Names and claims of the targets. */
export function listTargets(): { name: string; claim: string }[] {
  return targets.map(({ name, claim }) => ({ name, claim }));
}

/**
 * Runs targets one after the other; throws RangeError for an unknown one, a run
 * without end or a path that leads to no failure. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { runs, timeMs, print = () => {} } = options;
  if (runs === undefined && timeMs === undefined) {
    throw new RangeError('fuzzing without end; expected a number of runs or a time');
  }
  const report = { runs: {} as Record<string, number>, failures: [] as FuzzFailure[] };
  for (const target of chosenTargets(options.targets)) {
    const details = await check(target, options);
    report.runs[target.name] = details.numRuns;
    const failure = details.failed ? failureOf(target, details) : null;
    if (failure !== null) report.failures.push(failure);
    const amount = target.amount === undefined ? '' : ` (${target.amount()})`;
    const end = failure === null ? 'holds' : 'FAILED';
    print(`${target.name}: ${details.numRuns} runs${amount}, ${end}`);
    if (failure !== null) print(`${failure.message}\nrepeat it with: ${failure.command}`);
  }
  return report;
}

/** A path that the target does not have any more is the caller's mistake, not the target's. */
async function check(target: Target, options: FuzzOptions): Promise<fc.RunDetails<unknown>> {
  try {
    return await fc.check(target.property(), parametersOf(options));
  } catch (error) {
    if (options.path === undefined) throw error;
    const why = 'what was made at it holds now, or the target has changed since';
    throw new RangeError(`${target.name} does not fail at path ${options.path}: ${why}`);
  }
}

function chosenTargets(names: readonly string[] | undefined): Target[] {
  const known = targets.map(({ name }) => name);
  const chosen = names ?? known.filter((name) => name !== 'canary');
  return chosen.map((name) => {
    const found = targets.find((target) => target.name === name);
    if (found !== undefined) return found;
    throw new RangeError(`there is no target ${name}; there are ${known.join(', ')}`);
  });
}

function parametersOf({ seed, runs, timeMs, path }: FuzzOptions): fc.Parameters<unknown> {
  return {
    seed,
    numRuns: runs ?? Number.POSITIVE_INFINITY,
    ...(timeMs === undefined
      ? {}
      : { interruptAfterTimeLimit: timeMs, markInterruptAsFailure: false }),
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  };
}

function failureOf({ name, claim }: Target, details: fc.RunDetails<unknown>): FuzzFailure {
  const path = details.counterexamplePath ?? '';
  const { errorInstance, counterexample, seed } = details;
  const wrong = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const message = `It is not true that ${claim}:\n${wrong}\n${fc.stringify(counterexample)}`;
  const command = `podplane fuzz ${name} --seed ${seed} --path ${path} --runs 1`;
  return { target: name, seed, path, message, command };
}
