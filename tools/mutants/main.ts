// Asks the tests about mutants: how many of the changes that somebody might make by mistake they
// notice. Parameters: assembly or host (both unless given) and words, one of which a mutant's path
// must contain. --shard i/n asks every n-th one, --changed REV those in lines that are not as
// in that revision, --survivors those that survived the last time; --write puts the scores of a
// whole run into docs/testing.md. Prints every survivor without a proof.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tabulate, writeMarked } from '../marked-text.js';
import { linesChangedSince } from './changed-lines.js';
import { equivalents } from './equivalent.js';
import type { Fate } from './kill.js';
import { killAll, prepare, type Prepared } from './run.js';
import type { Mutant } from './schemata.js';
import { kinds, type Kind } from './sources.js';
import { placeOf, rowOf, scoreOf, summarise, type Result, type Summary } from './summary.js';

/** Below these percentages a whole run fails. */
const wanted: Readonly<Record<Kind, number>> = { assembly: 95, host: 85 };
const heads = ['file', 'mutants', 'killed', 'equivalent', 'survived', 'score'];

const { values: options, positionals } = parseArgs({
  options: {
    patience: { type: 'string', default: '20' },
    shard: { type: 'string', default: '1/1' },
    changed: { type: 'string' },
    survivors: { type: 'boolean' },
    write: { type: 'boolean' },
  },
  allowPositionals: true,
});
const words = positionals.filter((word) => !kinds.includes(word as Kind));
const asked = kinds.filter((kind) => positionals.includes(kind));
const [shard, shards] = options.shard.split('/').map(Number) as [number, number];

for (const kind of asked.length > 0 ? asked : kinds) await ask(kind);

async function ask(kind: Kind): Promise<void> {
  const prepared = await prepare(kind);
  const isChanged = options.changed === undefined ? () => true : linesChangedSince(options.changed);
  const survived = options.survivors ? readSurvivors(prepared) : null;
  const numbers = prepared.mutants
    .map((mutant, index) => ({ mutant, number: index + 1 }))
    .filter(
      ({ number }) => !prepared.leftOut.includes(number) && number % shards === shard % shards,
    )
    .filter(({ mutant }) => isNamed(mutant) && isChanged(mutant))
    .filter(({ mutant }) => survived?.has(placeOf(mutant)) ?? true)
    .map(({ number }) => number);
  const results = await resultsOf(prepared, numbers);
  const isWhole = numbers.length + prepared.leftOut.length === prepared.mutants.length;
  const own = equivalents.filter(({ path }) => path.startsWith(kind));
  const summary = summarise(results, own, isWhole);
  writeFileSync(survivorsFile(prepared), JSON.stringify(listSurvivors(results)));
  print(prepared, summary);
  if (summary.problems.length > 0 || (isWhole && scoreOf(summary.total) < wanted[kind])) {
    process.exitCode = 1;
  }
  if (options.write && isWhole) {
    writeMarked('docs/testing.md', { [`mutants ${kind}`]: tableOf(summary) });
  }
}

async function resultsOf(prepared: Prepared, numbers: readonly number[]): Promise<Result[]> {
  const results: Result[] = [];
  await killAll(
    prepared,
    { numbers, patienceSeconds: Number(options.patience) },
    ({ number, killer }: Fate) => {
      results.push({ mutant: prepared.mutants[number - 1]!, killer });
      appendFileSync(
        join(prepared.folder, 'fates.log'),
        `${new Date().toISOString()} ${number} ${placeOf(prepared.mutants[number - 1]!)} : ${killer}\n`,
      );
      const { length } = results;
      if (length % 500 === 0) console.error(`${length} of ${numbers.length} mutants`);
    },
  );
  return results;
}

function isNamed({ path }: Mutant): boolean {
  return words.length === 0 || words.some((word) => path.includes(word));
}

function survivorsFile({ folder }: Prepared): string {
  return join(folder, 'survivors.json');
}

function listSurvivors(results: readonly Result[]): string[] {
  return results.filter(({ killer }) => killer === null).map(({ mutant }) => placeOf(mutant));
}

function readSurvivors(prepared: Prepared): Set<string> {
  const file = survivorsFile(prepared);
  return new Set(existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : []);
}

function print({ mutants, leftOut }: Prepared, summary: Summary): void {
  console.log(tableOf(summary));
  for (const survivor of summary.survivors) console.log(placeOf(survivor));
  for (const number of leftOut) console.log(`does not compile: ${placeOf(mutants[number - 1]!)}`);
  for (const problem of summary.problems) console.error(problem);
}

function tableOf({ files, total }: Summary): string {
  return tabulate(heads, [...files, total].map(rowOf));
}
