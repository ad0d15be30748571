// Asks the tests about mutants: how many of the changes that somebody might make by mistake they
// notice. Parameters: assembly or host (both unless given) and words, one of which a mutant's path
// must contain. Who was killed in an earlier run is not asked again unless --fresh. --shard i/n
// asks every n-th one, --changed REV those in lines that are not as in that revision, --survivors
// those that were asked in vain and have no proof; --patience says for how many seconds of checks
// each; --report asks nobody, and tells what is known; --write puts scores into docs/testing.md.

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tabulate, writeMarked } from '../marked-text.js';
import { linesChangedSince } from './changed-lines.js';
import { equivalents, isAbout } from './equivalent.js';
import { addFate, forgetFates, readFates } from './fates.js';
import { readRecordings } from './record.js';
import { killAll, prepare, readPrepared, type Prepared } from './run.js';
import type { Mutant } from './schemata.js';
import { kinds, type Kind } from './sources.js';
import { placeOf, rowOf, scoreOf, summarise, type Result, type Summary } from './summary.js';

/** Below these percentages a whole run fails. */
const wanted: Readonly<Record<Kind, number>> = { assembly: 95, host: 85 };
const heads = ['file', 'mutants', 'killed', 'equivalent', 'survived', 'score'];
const document = 'docs/testing.md';

const { values: options, positionals } = parseArgs({
  options: {
    shard: { type: 'string', default: '1/1' },
    changed: { type: 'string' },
    patience: { type: 'string', default: '60' },
    fresh: { type: 'boolean' },
    survivors: { type: 'boolean' },
    report: { type: 'boolean' },
    write: { type: 'boolean' },
  },
  allowPositionals: true,
});
const words = positionals.filter((word) => !kinds.includes(word as Kind));
const named = kinds.filter((kind) => positionals.includes(kind));
const [shard = 1, shards = 1] = options.shard.split('/').map(Number);
const isChanged = options.changed === undefined ? () => true : linesChangedSince(options.changed);

for (const kind of named.length > 0 ? named : kinds) await ask(kind);

async function ask(kind: Kind): Promise<void> {
  const known = options.report ? readPrepared(kind) : null;
  if (known !== null) return report(known);
  const prepared = await prepare(kind);
  const { folder, mutants } = prepared;
  if (options.fresh) forgetFates(folder);
  const before = readFates(folder);
  const fateOf = (number: number) => before.get(placeOf(mutants[number - 1]!));
  const isSurvivor = (number: number) =>
    fateOf(number) === null && !equivalents.some((one) => isAbout(one, mutants[number - 1]!));
  const wasAsked = (number: number) => Number(fateOf(number) !== undefined);
  const numbers = listWanted(prepared)
    .filter((number) => number % shards === shard % shards)
    .filter((number) => (options.survivors ? isSurvivor(number) : !fateOf(number)))
    .toSorted((a, b) => wasAsked(a) - wasAsked(b) || scattered(a) - scattered(b));
  let asked = 0;
  const questions = { numbers, patienceSeconds: Number(options.patience) };
  await killAll(prepared, questions, ({ number, killer }) => {
    addFate(folder, placeOf(mutants[number - 1]!), killer);
    asked += 1;
    if (asked % 100 === 0) console.error(`${asked} of ${numbers.length} mutants`);
  });
  report(prepared);
}

/**
 * From all files at once, always in the same order: a run that is ended has a fair sample. What was
 * never asked comes before what survived an earlier run.
 */
function scattered(number: number): number {
  return Math.imul(number, 0x9e3779b1) >>> 0;
}

/** Those that compile, and that the parameters are about. */
function listWanted({ mutants, leftOut }: Prepared): number[] {
  return [...mutants.keys()]
    .map((index) => index + 1)
    .filter((number) => !leftOut.includes(number))
    .filter((number) => isNamed(mutants[number - 1]!) && isChanged(mutants[number - 1]!));
}

function isNamed({ path }: Mutant): boolean {
  return words.length === 0 || words.some((word) => path.includes(word));
}

/** What is known by now, of this run and of those before. */
function report(prepared: Prepared): void {
  const { kind, folder, mutants, leftOut } = prepared;
  const fates = readFates(folder);
  const wantedMutants = listWanted(prepared).map((number) => mutants[number - 1]!);
  const results = wantedMutants.flatMap((mutant): Result[] => {
    const killer = fates.get(placeOf(mutant));
    return killer === undefined ? [] : [{ mutant, killer }];
  });
  const isWhole = results.length + leftOut.length === mutants.length;
  const own = equivalents.filter(({ path }) => path.startsWith(kind));
  const summary = summarise(results, own, isWhole);
  console.log(tableOf(summary));
  for (const survivor of summary.survivors) console.log(placeOf(survivor));
  for (const number of leftOut) console.log(`does not compile: ${placeOf(mutants[number - 1]!)}`);
  for (const mutant of listUnnoticed(prepared)) {
    if (own.some((entry) => isAbout(entry, mutant))) continue;
    console.log(`makes no difference in any check: ${placeOf(mutant)}`);
  }
  const asked = `${results.length} of ${wantedMutants.length} mutants were asked.`;
  console.log(asked);
  for (const problem of summary.problems) console.error(problem);
  const isWeak = isWhole && scoreOf(summary.total) < wanted[kind];
  if (summary.problems.length > 0 || isWeak) process.exitCode = 1;
  if (!options.write) return;
  // Of a part not the files, but the whole can be told.
  const table = tableOf(isWhole ? summary : { ...summary, files: [] });
  writeMarked(document, { [`mutants ${kind}`]: `${asked}\n\n${table}` });
}

/** Those that need not be asked: no check goes otherwise where they stand. */
function listUnnoticed(prepared: Prepared): Mutant[] {
  const recordings = Object.values(readRecordings(join(prepared.folder, 'record.json')));
  const checks = recordings.flatMap((recording) => recording.checks);
  const noted = new Set(checks.flatMap((check) => check.noted));
  const unnoticed = listWanted(prepared).filter((number) => !noted.has(number));
  return unnoticed.map((number) => prepared.mutants[number - 1]!);
}

function tableOf({ files, total }: Summary): string {
  return tabulate(heads, [...files, total].map(rowOf));
}
