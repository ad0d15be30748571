// `podplane fuzz`: hands its arguments to the fuzzers of podplane/testing, where they are built in.

import { UsageError, type Call, type Command, type Options } from '../command.ts';
import type { Section } from '../command.ts';
import { openCorpora, type Corpora } from '../corpora.ts';
import { readGuidedFiles, type GuidedFiles } from '../guided-files.ts';

/** Of the package's door for tests, what this command calls. */
interface Testing {
  listTargets(): readonly Listed[];
  listGuidedTargets(): readonly Listed[];
  runFuzz(options: Limits & Repetition): Promise<{ failures: readonly unknown[] }>;
  runGuided(
    options: Limits & GuidedFiles & GuidedInputs,
  ): readonly { failures: readonly unknown[] }[];
}

interface Listed {
  readonly name: string;
  readonly claim: string;
}

interface Limits {
  targets?: readonly string[];
  seed: number;
  runs?: number;
  timeMs?: number;
  print: (line: string) => void;
}

/** What runs of whole packets take besides. */
interface Repetition {
  path?: string;
  subject?: string;
  answerTimeoutMs?: number;
  shard?: string;
}

/** What runs of bytes take besides. */
interface GuidedInputs {
  input?: string;
  corpora?: Corpora;
}

const defaultSeconds = 60;

/** A variable, so that the program loads without the fuzzers. */
const testingDoor: string = 'podplane/testing';

export const fuzzCommand: Command = {
  name: 'fuzz',
  summary: 'Race the dataplane against the reference model with random packets and objects',
  arguments: '[target…]',
  argumentCount: { least: 0, most: Infinity },
  options: {
    time: { type: 'string', value: 'seconds', help: `for each target; default ${defaultSeconds}` },
    runs: { type: 'string', value: 'n', help: 'runs of each target, instead of a time' },
    seed: { type: 'string', value: 'n', help: 'repeat a run' },
    guided: { type: 'boolean', help: 'bytes instead, guided by what they reach in the dataplane' },
    input: { type: 'string', value: 'hex', help: 'with --guided: run this input, as printed' },
    corpus: {
      type: 'string',
      value: 'folder',
      help: 'with --guided: go on from the inputs kept there, and keep there what is worth it',
    },
    path: { type: 'string', value: 'path', help: 'repeat one failure of a run, as it was printed' },
    shard: {
      type: 'string',
      value: 'i/n',
      help: 'of n processes with this seed the i-th: each makes its own part of the runs',
    },
    subject: {
      type: 'string',
      value: 'command',
      help: 'test another dataplane, which this command starts, over a pipe',
    },
    timeout: { type: 'string', value: 'seconds', help: 'for each answer of a subject; default 10' },
  },
  examples: [
    { command: 'podplane fuzz --time 600', does: 'every target for ten minutes' },
    { command: 'podplane fuzz story --seed 7 --path 12:0:3', does: 'repeat a failure' },
    {
      command: 'podplane fuzz --runs 10000 --seed 7 --shard 2/4',
      does: 'one of four processes that make these runs',
    },
    {
      command: "podplane fuzz --subject 'python3 dataplane.py' --runs 1000",
      does: 'test another dataplane',
    },
    { command: 'podplane fuzz --guided frame', does: 'change bytes of frames for a minute' },
    {
      command: 'podplane fuzz --guided frame --corpus corpus --time 600',
      does: 'go on where the last run ended',
    },
  ],
  sections,
  run: runFuzz,
};

const advice = [
  'Targets take turns; each makes its runs in an order of its own, which the seed says.',
  'A run that fails is made smaller and printed, with the command that repeats it.',
  'With --shard 1/4 to 4/4 four processes share the runs; repeating takes no shard.',
  'canary fails on purpose, to show all this; it runs only where it is named.',
  'npm run nightly runs everything for hours, on every core.',
];

/** The targets that there are, and how to go on from what they find; none in a package without. */
async function sections(): Promise<Section[]> {
  const testing = await loadTesting().catch(() => null);
  if (testing === null) return [];
  const { listTargets, listGuidedTargets } = testing;
  const rowsOf = (targets: readonly Listed[]) => targets.map(({ name, claim }) => [name, claim]);
  return [
    { title: 'Targets', rows: rowsOf(listTargets()) },
    { title: 'Targets with --guided', rows: rowsOf(listGuidedTargets()) },
    { title: 'How it works', rows: advice.map((line) => [line]) },
  ];
}

async function runFuzz(call: Call): Promise<number> {
  requireFitting(call.options);
  const limits = readLimits(call);
  const testing = await loadTesting();
  try {
    const runs = call.options.flag('guided')
      ? testing.runGuided({ ...limits, ...readGuidedFiles(), ...readInputs(call.options) })
      : [await testing.runFuzz({ ...limits, ...readRepetition(call.options) })];
    return runs.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`fuzz: ${error.message}`);
    throw error;
  }
}

/** Options that have no meaning in the other way of fuzzing. */
const wholePacketOptions = ['path', 'subject', 'timeout', 'shard'];
const guidedOptions = ['input', 'corpus'];

function requireFitting(options: Options): void {
  const isGuided = options.flag('guided');
  const unfit = isGuided ? wholePacketOptions : guidedOptions;
  const name = unfit.find((option) => options.text(option) !== undefined);
  if (name === undefined) return;
  const other = isGuided ? 'with' : 'without';
  throw new UsageError(`fuzz: --${name} has no meaning ${other} --guided`);
}

function readLimits({ arguments: targets, options, terminal }: Call): Limits {
  const runs = options.number('runs', 1);
  const seconds = options.number('time', 1) ?? (runs === undefined ? defaultSeconds : undefined);
  return {
    ...(targets.length > 0 && { targets }),
    seed: options.number('seed', 0) ?? Date.now() % 2 ** 31,
    ...(runs !== undefined && { runs }),
    ...(seconds !== undefined && { timeMs: seconds * 1000 }),
    print: (line) => terminal.print(line),
  };
}

function readInputs(options: Options): GuidedInputs {
  const input = options.text('input');
  const corpus = options.text('corpus');
  return {
    ...(input !== undefined && { input }),
    ...(corpus !== undefined && { corpora: openCorpora(corpus) }),
  };
}

function readRepetition(options: Options): Repetition {
  const path = options.text('path');
  const subject = options.text('subject');
  const timeout = options.number('timeout', 1);
  const shard = options.text('shard');
  if (shard !== undefined && options.text('seed') === undefined) {
    throw new UsageError('fuzz: shards share the runs of one seed', '--seed');
  }
  return {
    ...(path !== undefined && { path }),
    ...(subject !== undefined && { subject }),
    ...(timeout !== undefined && { answerTimeoutMs: timeout * 1000 }),
    ...(shard !== undefined && { shard }),
  };
}

async function loadTesting(): Promise<Testing> {
  try {
    return (await import(testingDoor)) as Testing;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('ERR_')) throw error;
    throw new UsageError(
      'the fuzzers are not in this package',
      'run them from a clone: npm run fuzz',
    );
  }
}
