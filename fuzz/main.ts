// The fuzzers as a long-running program: targets in, failures out, each with the command that
// repeats it.

import * as fc from 'fast-check';
import { parseShard, portionsOf, type Portion } from './portion.ts';
import { hasFailed, repeat, search, shrink, type Details, type Trial } from './search.ts';
import { describeClaims } from './subject/claims.ts';
import type { SubjectSource } from './subject/subject.ts';
import type { Target } from './targets/target.ts';
import { targets } from './targets/targets.ts';
import { chosenTrials, openSubjects } from './trials.ts';

export interface FuzzOptions {
  /** Names of targets; unless given, all but the canary. */
  readonly targets?: readonly string[];
  readonly seed: number;
  /** Runs of each target; unless given, as many as the time allows. */
  readonly runs?: number;
  /** Time for each target. One of `runs` and `timeMs` must be given. */
  readonly timeMs?: number;
  /**
   * `i/n`: of n processes that share the runs of a seed, this is the i-th. Unless given, all runs
   * are made here. `runs` are those of all together.
   */
  readonly shard?: string;
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

/** What there is to choose from. */
export function listTargets(): { name: string; claim: string; isStory: boolean }[] {
  return targets.map(({ name, claim, isStory = false }) => ({ name, claim, isStory }));
}

/**
 * Runs targets in turns, so that at any time each has had its share; throws RangeError for an
 * unknown one, a run without end, a path that leads to no failure, a shard that cannot be, and a
 * subject that cannot be started or claims too little.
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  requireEnd(options);
  const { path, print = () => {} } = options;
  const subjects = await openSubjects(options.subject, options.answerTimeoutMs ?? 10_000);
  try {
    if (subjects) print(`${subjects.name}: ${describeClaims(subjects.claims)}`);
    const trials = chosenTrials(options.targets, subjects);
    const fuzzing = new Fuzzing(trials, { ...options, print });
    if (path !== undefined) await fuzzing.repeatAll(path);
    else await fuzzing.takeTurns(() => subjects?.isGivenUp ?? false);
    if (subjects?.isGivenUp) print(`${subjects.name} was silent too often: it is not asked again`);
    return fuzzing.report;
  } finally {
    await subjects?.close();
  }
}

function requireEnd({ runs, timeMs, path, shard }: FuzzOptions): void {
  if (runs === undefined && timeMs === undefined) {
    throw new RangeError('fuzzing without end; expected a number of runs or a time');
  }
  if (path !== undefined && shard !== undefined) {
    throw new RangeError('a failure is repeated without its shard: the path says which run it is');
  }
}

/** A target on its way through its runs. */
interface Course extends Trial {
  readonly portions: Iterator<Portion, void>;
  spentMs: number;
}

type Reporting = FuzzOptions & { readonly print: (line: string) => void };

const minuteMs = 60_000;

/** All targets of one call, and what came of them so far. */
class Fuzzing {
  readonly report: { readonly runs: Record<string, number>; readonly failures: FuzzFailure[] };
  readonly #trials: readonly Trial[];
  readonly #options: Reporting;

  constructor(trials: readonly Trial[], options: Reporting) {
    this.#trials = trials;
    this.#options = options;
    const runs = Object.fromEntries(trials.map(({ target }) => [target.name, 0]));
    this.report = { runs, failures: [] };
  }

  async repeatAll(path: string): Promise<void> {
    for (const trial of this.#trials) {
      const details = await repeat(trial, this.#options.seed, path);
      this.report.runs[trial.target.name] = details.numRuns;
      this.#conclude(trial.target, hasFailed(details) ? details : null);
    }
  }

  /** Whoever has had the least time is next. */
  async takeTurns(isGivenUp: () => boolean): Promise<void> {
    const { runs = Infinity, shard = '1/1' } = this.#options;
    const own = parseShard(shard);
    const courses = this.#trials.map((trial): Course => {
      return { ...trial, portions: portionsOf(own, runs), spentMs: 0 };
    });
    const underWay = new Set(courses);
    let told = 0;
    while (underWay.size > 0 && !isGivenUp()) {
      const course = [...underWay].reduce((a, b) => (b.spentMs < a.spentMs ? b : a));
      if (!(await this.#takeTurn(course))) underWay.delete(course);
      const minutes = Math.floor(sum(courses.map(({ spentMs }) => spentMs)) / minuteMs);
      if (minutes > told && underWay.size > 0) this.#options.print(this.#progress(minutes));
      told = minutes;
    }
  }

  /** Makes a portion of the target's runs; false when it is through. */
  async #takeTurn(course: Course): Promise<boolean> {
    const { seed, timeMs = Infinity, print } = this.#options;
    const { target, portions } = course;
    const portion = portions.next().value;
    if (portion === undefined) return this.#conclude(target, null);
    const startedAt = performance.now() - course.spentMs;
    const isOver = () => performance.now() - startedAt >= timeMs;
    const found = await search(course, seed, portion, isOver);
    course.spentMs = performance.now() - startedAt;
    this.report.runs[target.name]! += found.numRuns;
    if (!hasFailed(found)) return isOver() ? this.#conclude(target, null) : true;
    print(`${target.name}: run ${found.counterexamplePath} fails; it is made smaller`);
    const shrinkingAt = performance.now();
    const small = await shrink(course, found, () => performance.now() - shrinkingAt >= timeMs);
    return this.#conclude(target, small);
  }

  /** Reports a target that is through; `details` of its failure. */
  #conclude(target: Target, details: Details | null): false {
    const { print } = this.#options;
    const runs = this.report.runs[target.name]!;
    const amount = target.amount === undefined ? '' : ` (${target.amount()})`;
    print(`${target.name}: ${runs} runs${amount}, ${details === null ? 'holds' : 'FAILED'}`);
    if (details === null) return false;
    const failure = failureOf(target, details, this.#options);
    this.report.failures.push(failure);
    print(`${failure.message}\nrepeat it with: ${failure.command}`);
    return false;
  }

  #progress(minutes: number): string {
    const { runs, failures } = this.report;
    const made = sum(Object.values(runs));
    const found = failures.length === 0 ? 'nothing found' : `${failures.length} found`;
    return `after ${minutes} min: ${made.toLocaleString('en')} runs, ${found}`;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function failureOf(
  { name, claim }: Target,
  details: Details,
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
