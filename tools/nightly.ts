// A long run: every target, guided ones included, on as many processes as there are cores, which
// share the runs of one seed. `npm run nightly -- --hours 8`; the seed is the date unless given,
// the folder `nightly/<seed>`. Each process writes a log there; what failed is in `failures.txt`,
// each with the command that repeats it. What guided fuzzing keeps is in `nightly/corpus`. Ends
// with exit code 1 if anything failed. Targets may be named.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readFuzzLog, type FuzzLog } from './fuzz-log.js';
import { root } from './root.js';

/** Of the hours, what guided fuzzing gets. */
const guidedShare = 1 / 4;

const { values: options, positionals: names } = parseArgs({
  options: {
    hours: { type: 'string', default: '8' },
    seed: { type: 'string', default: new Date().toISOString().slice(0, 10).replaceAll('-', '') },
    shards: { type: 'string', default: `${availableParallelism()}` },
    folder: { type: 'string' },
    corpus: { type: 'string', default: join(root, 'nightly', 'corpus') },
  },
  allowPositionals: true,
});
const shards = Array.from({ length: numberOf('shards') }, (_, index) => index + 1);
const folder = options.folder ?? join(root, 'nightly', options.seed);
mkdirSync(folder, { recursive: true });

/** A variable, so that this compiles before the fuzzers do. */
const testingDoor: string = 'podplane/testing';
const { listTargets, listGuidedTargets } = (await import(testingDoor)) as {
  listTargets(): { name: string; isStory: boolean }[];
  listGuidedTargets(): { name: string }[];
};
const usual = listTargets().filter(({ name }) => name !== 'canary');
const seconds = numberOf('hours') * 3600;

const wholes = await runShards('whole', (shard) => [
  ...names,
  ...limits(seconds * (names.length > 0 ? 1 : 1 - guidedShare), names.length || usual.length),
  ...['--seed', options.seed, '--shard', `${shard}/${shards.length}`],
]);
// Named targets are those of whole packets. Guided fuzzing cannot share a seed: each has its own,
// and all have one corpus, which stays for the next night.
const guided =
  names.length > 0
    ? []
    : await runShards('guided', (shard) => [
        '--guided',
        ...limits(seconds * guidedShare, listGuidedTargets().length),
        ...['--seed', `${Number(options.seed) * shards.length + shard}`],
        ...['--corpus', options.corpus],
      ]);
report();

function numberOf(name: 'hours' | 'shards'): number {
  const value = Number(options[name]);
  if (value > 0) return value;
  throw new RangeError(`--${name}: ${options[name]} is no number above 0`);
}

/** The options that give each of so many targets its part of the time. */
function limits(secondsInAll: number, targets: number): string[] {
  return ['--time', `${Math.max(1, Math.round(secondsInAll / targets))}`];
}

/** One process for each shard; what they printed, when all have ended. */
function runShards(kind: string, wordsOf: (shard: number) => string[]): Promise<FuzzLog[]> {
  return Promise.all(
    shards.map(async (shard) => {
      const file = join(folder, `${kind}-${shard}.log`);
      const log = openSync(file, 'w');
      const words = ['dist/host/cli/main.js', 'fuzz', ...wordsOf(shard)];
      const fuzzer = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', log, log] });
      const [code] = await once(fuzzer, 'close');
      closeSync(log);
      const read = readFuzzLog(readFileSync(file, 'utf8'));
      if (code === (read.failures.length > 0 ? 1 : 0)) return read;
      const ended = `${file}: the fuzzer ended with ${code}: ${words.slice(1).join(' ')}`;
      return { ...read, failures: [...read.failures, ended] };
    }),
  );
}

function report(): void {
  const failures = [...wholes, ...guided].flatMap((log) => log.failures);
  const stories = usual.filter(({ isStory }) => isStory).map(({ name }) => name);
  const made = sumRuns(wholes, () => true) + sumRuns(guided, () => true);
  const told = sumRuns(wholes, (name) => stories.includes(name));
  for (const failure of failures) console.log(`${failure}\n`);
  writeFileSync(join(folder, 'failures.txt'), failures.map((text) => `${text}\n\n`).join(''));
  const counts = [made, told].map((count) => count.toLocaleString('en'));
  console.log(`seed ${options.seed}: ${counts[0]} executions, ${counts[1]} of them stories`);
  console.log(failures.length === 0 ? 'nothing failed' : `${failures.length} failed, in ${folder}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function sumRuns(logs: readonly FuzzLog[], isCounted: (target: string) => boolean): number {
  const counted = logs.flatMap(({ runs }) => [...runs].filter(([target]) => isCounted(target)));
  return counted.reduce((sum, [, runs]) => sum + runs, 0);
}
