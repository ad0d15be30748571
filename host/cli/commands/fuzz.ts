// `podplane fuzz`: hands its arguments to the fuzzers of podplane/testing, where they are built in.

import { UsageError, type Call, type Command } from '../command.ts';

/** Of the package's door for tests, what this command calls. */
interface Testing {
  /** Runs the fuzzers; returns the exit code. */
  runFuzzers(
    words: readonly string[],
    print: { out(text: string): void; err(text: string): void },
  ): Promise<number>;
}

/** A variable, so that the program loads without the fuzzers. */
const testingDoor: string = 'podplane/testing';

export const fuzzCommand: Command = {
  name: 'fuzz',
  summary: 'Race the dataplane against the reference model with random packets and objects',
  arguments: '[target…]',
  argumentCount: { least: 0, most: Infinity },
  options: {
    time: { type: 'string', value: 'seconds', help: 'how long; default 60' },
    seed: { type: 'string', value: 'n', help: 'repeat a run' },
    path: { type: 'string', value: 'path', help: 'repeat one failure of a run, as it was printed' },
  },
  examples: [
    { command: 'podplane fuzz --time 600', does: 'every target for ten minutes' },
    { command: 'podplane fuzz story --seed 7 --path 12:0:3', does: 'repeat a failure' },
  ],
  run: runFuzz,
};

async function runFuzz({ arguments: targets, options, terminal }: Call): Promise<number> {
  const words = ['time', 'seed', 'path'].flatMap((name) => {
    const value = options.text(name);
    return value === undefined ? [] : [`--${name}`, value];
  });
  const testing = await loadTesting();
  return testing.runFuzzers([...targets, ...words], {
    out: (text) => terminal.print(text),
    err: (text) => terminal.note(text),
  });
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
