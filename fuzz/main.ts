// The fuzzers as a long-running program: targets in, failures out, each with the command that
// repeats it.

import * as fc from 'fast-check';
import { describeClaims } from './subject/claims.ts';
import { openCommand } from './subject/open-command.ts';
import type { SubjectSource } from './subject/subject.ts';
import { SubjectError } from './subject/subject.ts';
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
  /**
   * Instead of our dataplane: the command that starts another one, which speaks the protocol of
   * `docs/reference/pipe-protocol.md`; or what starts one in this process. Unless targets are
   * named, those run that are told within its claims.
   */
  readonly subject?: string | SubjectSource;
  /** How long an answer of a command may take; 10 seconds unless given. */
  readonly answerTimeoutMs?: number;
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
 * Runs targets one after the other; throws RangeError for an unknown one, a run without end, a path
 * that leads to no failure, and a subject that cannot be started or claims too little.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { runs, timeMs, print = () => {} } = options;
  if (runs === undefined && timeMs === undefined) {
    throw new RangeError('fuzzing without end; expected a number of runs or a time');
  }
  const subjects = await openSubjects(options);
  const report = { runs: {} as Record<string, number>, failures: [] as FuzzFailure[] };
  try {
    if (subjects) print(`${subjects.name}: ${describeClaims(subjects.claims)}`);
    for (const trial of chosenTrials(options.targets, subjects)) {
      const { name } = trial.target;
      const details = await check(trial, options);
      report.runs[name] = details.numRuns;
      const failure = details.failed ? failureOf(trial.target, details, options) : null;
      if (failure !== null) report.failures.push(failure);
      print(`${name}: ${amountOf(trial.target, details)}, ${failure ? 'FAILED' : 'holds'}`);
      if (failure !== null) print(`${failure.message}\nrepeat it with: ${failure.command}`);
      if (!subjects?.isGivenUp) continue;
      print(`${subjects.name} was silent too often: it is not asked again`);
      break;
    }
  } finally {
    await subjects?.close();
  }
  return report;
}

function amountOf({ amount }: Target, { numRuns }: fc.RunDetails<unknown>): string {
  return amount === undefined ? `${numRuns} runs` : `${numRuns} runs (${amount()})`;
}

async function openSubjects({
  subject,
  answerTimeoutMs = 10_000,
}: FuzzOptions): Promise<SubjectSource | null> {
  if (typeof subject !== 'string') return subject ?? null;
  try {
    return await openCommand(subject, answerTimeoutMs);
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    throw new RangeError(`the subject ${subject}: ${error.message}`);
  }
}

/** A target, and its property of whoever is tested. */
interface Trial {
  readonly target: Target;
  readonly property: fc.IRawProperty<unknown, true>;
}

/** A path that the target does not have any more is the caller's mistake, not the target's. */
async function check(
  { target, property }: Trial,
  options: FuzzOptions,
): Promise<fc.RunDetails<unknown>> {
  try {
    return await fc.check(property, parametersOf(options));
  } catch (error) {
    if (options.path === undefined) throw error;
    const why = 'what was made at it holds now, or the target has changed since';
    throw new RangeError(`${target.name} does not fail at path ${options.path}: ${why}`);
  }
}

function chosenTrials(
  names: readonly string[] | undefined,
  subjects: SubjectSource | null,
): Trial[] {
  const known = targets.map(({ name }) => name);
  if (names === undefined) {
    const usual = targets.filter(({ name }) => name !== 'canary');
    return usual.map((target) => trialOf(target, subjects)).filter((trial) => trial !== null);
  }
  return names.map((name) => {
    const target = targets.find((candidate) => candidate.name === name);
    if (target === undefined) {
      throw new RangeError(`there is no target ${name}; there are ${known.join(', ')}`);
    }
    const trial = trialOf(target, subjects);
    if (trial !== null) return trial;
    const why = target.propertyOf ? 'it claims too little' : "it is about podplane's own dataplane";
    throw new RangeError(`target ${name} is not for ${subjects!.name}: ${why}`);
  });
}

/** Null for a target that is not for these subjects. */
function trialOf(target: Target, subjects: SubjectSource | null): Trial | null {
  const property = subjects === null ? target.property() : (target.propertyOf?.(subjects) ?? null);
  return property === null ? null : { target, property };
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

function failureOf(
  { name, claim }: Target,
  details: fc.RunDetails<unknown>,
  { subject }: FuzzOptions,
): FuzzFailure {
  const path = details.counterexamplePath ?? '';
  const { errorInstance, counterexample, seed } = details;
  const wrong = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const values = Array.isArray(counterexample) ? counterexample : [counterexample];
  const what = values.map((value) => fc.stringify(value)).join('\n');
  const message = `It is not true that ${claim}:\n${what}\n# what happened:\n${wrong}`;
  const on = typeof subject === 'string' ? ` --subject '${subject.replaceAll("'", `'\\''`)}'` : '';
  const command = `podplane fuzz ${name}${on} --seed ${seed} --path ${path} --runs 1`;
  return { target: name, seed, path, message, command };
}
