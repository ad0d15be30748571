// `podplane fuzz`: hands its arguments to the fuzzers of podplane/testing, where they are built in.

import { UsageError, type Call, type Command } from '../command.ts';

/** Of the package's door for tests, what this command calls. */
interface Testing {
  runFuzz(options: {
    targets?: readonly string[];
    seed: number;
    runs?: number;
    timeMs?: number;
    path?: string;
    subject?: string;
    answerTimeoutMs?: number;
    shard?: string;
    print: (line: string) => void;
  }): Promise<{ failures: readonly unknown[] }>;
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
  ],
  run: runFuzz,
};

async function runFuzz({ arguments: targets, options, terminal }: Call): Promise<number> {
  const runs = options.number('runs', 1);
  const seconds = options.number('time', 1) ?? (runs === undefined ? defaultSeconds : undefined);
  const path = options.text('path');
  const subject = options.text('subject');
  const timeout = options.number('timeout', 1);
  const shard = options.text('shard');
  const seed = options.number('seed', 0);
  if (shard !== undefined && seed === undefined) {
    throw new UsageError(
      'fuzz: --shard without --seed: shards share the runs of one seed',
      '--seed',
    );
  }
  const { runFuzz: fuzz } = await loadTesting();
  try {
    const { failures } = await fuzz({
      ...(targets.length > 0 && { targets }),
      seed: seed ?? Date.now() % 2 ** 31,
      ...(runs !== undefined && { runs }),
      ...(seconds !== undefined && { timeMs: seconds * 1000 }),
      ...(path !== undefined && { path }),
      ...(shard !== undefined && { shard }),
      ...(subject !== undefined && { subject }),
      ...(timeout !== undefined && { answerTimeoutMs: timeout * 1000 }),
      print: (line) => terminal.print(line),
    });
    return failures.length > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`fuzz: ${error.message}`);
    throw error;
  }
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
