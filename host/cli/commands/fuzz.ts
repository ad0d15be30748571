// `podplane fuzz`: hands its arguments to the fuzzers of podplane/testing, where they are built in.

import { UsageError, type Call, type Command, type Options } from '../command.ts';
import { readGuidedFiles, type GuidedFiles } from '../guided-files.ts';

/** Of the package's door for tests, what this command calls. */
interface Testing {
  runFuzz(
    options: Limits & { path?: string; print: Print },
  ): Promise<{ failures: readonly unknown[] }>;
  runGuided(
    options: Limits & GuidedFiles & { input?: string; print: Print },
  ): readonly { failures: readonly unknown[] }[];
}

type Print = (line: string) => void;

interface Limits {
  targets?: readonly string[];
  seed: number;
  runs?: number;
  timeMs?: number;
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
    path: { type: 'string', value: 'path', help: 'repeat one failure of a run, as it was printed' },
  },
  examples: [
    { command: 'podplane fuzz --time 600', does: 'every target for ten minutes' },
    { command: 'podplane fuzz story --seed 7 --path 12:0:3', does: 'repeat a failure' },
    { command: 'podplane fuzz --guided frame', does: 'change bytes of frames for a minute' },
  ],
  run: runFuzz,
};

async function runFuzz(call: Call): Promise<number> {
  const { options, terminal } = call;
  requireFitting(options);
  const print: Print = (line) => terminal.print(line);
  const limits = readLimits(call);
  const testing = await loadTesting();
  try {
    if (options.flag('guided')) {
      const input = options.text('input');
      const files = { ...readGuidedFiles(), ...(input !== undefined && { input }) };
      const reports = testing.runGuided({ ...limits, ...files, print });
      return reports.some(({ failures }) => failures.length > 0) ? 1 : 0;
    }
    const path = options.text('path');
    const { failures } = await testing.runFuzz({
      ...limits,
      ...(path !== undefined && { path }),
      print,
    });
    return failures.length > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`fuzz: ${error.message}`);
    throw error;
  }
}

/** Each way of fuzzing has its own way to repeat a failure. */
function requireFitting(options: Options): void {
  const isGuided = options.flag('guided');
  if (isGuided && options.text('path') !== undefined) {
    throw new UsageError('fuzz: --path has no meaning with --guided', '--input');
  }
  if (!isGuided && options.text('input') !== undefined) {
    throw new UsageError('fuzz: --input has no meaning without --guided', '--path, or --guided');
  }
}

function readLimits({ arguments: targets, options }: Call): Limits {
  const runs = options.number('runs', 1);
  const seconds = options.number('time', 1) ?? (runs === undefined ? defaultSeconds : undefined);
  return {
    ...(targets.length > 0 && { targets }),
    seed: options.number('seed', 0) ?? Date.now() % 2 ** 31,
    ...(runs !== undefined && { runs }),
    ...(seconds !== undefined && { timeMs: seconds * 1000 }),
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
