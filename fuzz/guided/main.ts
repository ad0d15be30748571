// Fuzzing that is guided by what inputs visit: an input that goes where none went before, or gets
// there with fewer bytes, is kept and changed on. The same seed, runs and corpus give the same
// report.

import { randomNumbers } from '../arbitrary/random.ts';
import { Corpus } from './corpus.ts';
import { writeHex, parseHex } from '../subject/hex.ts';
import { mutate } from './mutator.ts';
import { shrink } from './shrink.ts';
import type { ByteSubject } from './byte-subject.ts';
import { guidedTargets, type GuidedTarget, type Material } from './targets.ts';

export interface GuidedOptions extends Material {
  /** Names of targets; all unless given. */
  readonly targets?: readonly string[];
  /** Executions of each target, after its seeds; one of `runs` and `timeMs` must be given. */
  readonly runs?: number;
  readonly timeMs?: number;
  /** Runs this input instead, on the one target given; in hexadecimal digits. */
  readonly input?: string;
  /** What earlier runs kept, and where this one leaves what it keeps. */
  readonly corpora?: Corpora;
  /** Takes one line of progress. */
  readonly print?: (line: string) => void;
}

/** Inputs worth changing, from run to run, by target. */
export interface Corpora {
  read(target: string): readonly Uint8Array[];
  /** Takes what is left of all that was read, given or found: nothing in it is there in vain. */
  write(target: string, inputs: readonly Uint8Array[]): void;
}

export interface GuidedFailure {
  readonly target: string;
  /** What was wrong. */
  readonly message: string;
  /** As short as it got. */
  readonly input: Uint8Array;
  /** The input in words. */
  readonly story: readonly string[];
  readonly command: string;
}

/** What a target went through. */
export interface GuidedRun {
  readonly target: string;
  readonly executions: number;
  /** Inputs that were kept. */
  readonly corpus: number;
  /** Counters that were visited. */
  readonly reached: number;
  readonly failures: readonly GuidedFailure[];
}

/** A target that fails in more ways is stopped. */
const mostFailures = 10;
/** Between looks at the clock. */
const executionsAtOnce = 64;
const maxBytes = 2048;

/** Names and claims of the targets. */
export function listGuidedTargets(): { name: string; claim: string }[] {
  return guidedTargets.map(({ name, claim }) => ({ name, claim }));
}

/** Throws RangeError for an unknown target, a run without end or an input that is no hex. */
export function runGuided(options: GuidedOptions): GuidedRun[] {
  const { runs, timeMs, input, print = () => {} } = options;
  if (input === undefined && runs === undefined && timeMs === undefined) {
    throw new RangeError('fuzzing without end; expected a number of runs or a time');
  }
  return chosenTargets(options.targets, input !== undefined).map((target) => {
    const subject = target.open(options);
    const startMs = performance.now();
    const run = fuzz(target, subject, options);
    const seconds = (performance.now() - startMs) / 1000;
    const share = `${run.reached} counters reached`;
    const rate = `${Math.round(run.executions / seconds)} a second`;
    const end = run.failures.length === 0 ? 'holds' : 'FAILED';
    print(
      `${target.name}: ${run.executions} runs, ${rate}, corpus ${run.corpus}, ${share}, ${end}`,
    );
    for (const failure of run.failures) print(textOf(target, failure));
    return run;
  });
}

function chosenTargets(names: readonly string[] | undefined, isOne: boolean): GuidedTarget[] {
  const known = guidedTargets.map(({ name }) => name);
  const chosen = (names ?? known).map((name) => {
    const found = guidedTargets.find((target) => target.name === name);
    if (found !== undefined) return found;
    throw new RangeError(`there is no guided target ${name}; there are ${known.join(', ')}`);
  });
  if (isOne && chosen.length !== 1) throw new RangeError('an input is for one target; name it');
  return chosen;
}

function fuzz(target: GuidedTarget, subject: ByteSubject, options: GuidedOptions): GuidedRun {
  const corpus = new Corpus();
  const failures = new Map<string, GuidedFailure>();
  let executions = 0;
  const execute = (input: Uint8Array): void => {
    executions += 1;
    const message = failureOf(subject, input);
    if (message === null) corpus.add(input, subject.counters);
    else if (!failures.has(message)) {
      failures.set(message, describe({ target: target.name, message }, subject, input));
    }
  };
  const { corpora } = options;
  const given =
    options.input === undefined
      ? [...subject.seeds, ...(corpora?.read(target.name) ?? [])]
      : [bytesOf(options.input)];
  for (const seed of given) execute(seed);
  const isOver = options.input === undefined ? endOf(options) : () => true;
  const random = randomNumbers(options.seed);
  const material = { random, dictionary: subject.dictionary, maxBytes };
  while (!isOver(executions - given.length) && failures.size < mostFailures) {
    execute(mutate(corpus.pick(random), corpus.pick(random), material));
  }
  if (options.input === undefined) corpora?.write(target.name, corpus.inputs);
  const found = [...failures.values()];
  const { size, reached } = corpus;
  return { target: target.name, executions, corpus: size, reached, failures: found };
}

function bytesOf(input: string): Uint8Array {
  const bytes = input === '' ? new Uint8Array() : parseHex(input);
  if (bytes === null) throw new RangeError('the input is not in hexadecimal digits, two a byte');
  return bytes;
}

function endOf({ runs = Infinity, timeMs = Infinity }: GuidedOptions): (runs: number) => boolean {
  const endMs = performance.now() + timeMs;
  return (done) => {
    if (done >= runs) return true;
    return done % executionsAtOnce === 0 && performance.now() >= endMs;
  };
}

/** What was wrong with an input; null if nothing was. */
function failureOf(subject: ByteSubject, input: Uint8Array): string | null {
  try {
    subject.run(input);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function describe(
  { target, message }: Pick<GuidedFailure, 'target' | 'message'>,
  subject: ByteSubject,
  found: Uint8Array,
): GuidedFailure {
  const input = shrink(found, (candidate) => failureOf(subject, candidate) === message);
  const command = `podplane fuzz --guided ${target} --input=${writeHex(input)}`;
  return { target, message, input, story: subject.describe(input), command };
}

function textOf({ claim }: GuidedTarget, { message, story, command }: GuidedFailure): string {
  const lines = [`It is not true that ${claim}:`, message, ...story, `repeat it with: ${command}`];
  return lines.join('\n');
}
