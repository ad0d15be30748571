// Plants each of the bugs in a copy of the repository, builds it, and lets the fuzzer look for it
// as anybody would start it: default targets, one seed, at most a minute of a processor, or
// --patience seconds. Prints which target found it, in which run, after how long; ends with exit
// code 1 if one survived. Parameters: texts, one of which the file or the kind of a bug must
// contain; all bugs unless given. With --write they become rows of the table in docs/testing.md.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtFile, FaultyCopy, moduleFile } from './faulty-copy.js';
import { plantedBugs, type PlantedBug } from './planted-bugs.js';
import { readMarkedRows, tabulate, writeMarked } from './marked-text.js';

const seed = 1;
/** Of processor time: what others do on the machine does not count. */
const patienceSeconds = 60;
const ticksPerSecond = 100;
const document = 'docs/testing.md';
const mark = 'planted bugs';
const heads = ['bug', 'in', 'found by', 'in run', 'after seconds'];
const survived = 'NOBODY';

/** What the fuzzer came to. */
interface Hunt {
  /** Null if it found nothing in time. */
  readonly found: { readonly target: string; readonly run: number } | null;
  readonly seconds: number;
}

const { values: options, positionals: words } = parseArgs({
  options: { write: { type: 'boolean' }, patience: { type: 'string' } },
  allowPositionals: true,
});
const patience = Number(options.patience ?? patienceSeconds);
const copy = new FaultyCopy();
try {
  process.exitCode = await huntAll();
} finally {
  copy.remove();
}

async function huntAll(): Promise<number> {
  const sound = words.length > 0 ? null : (await hunt()).found;
  if (sound !== null) throw new Error(`without a bug ${sound.target} fails already`);
  const wanted = plantedBugs.filter(isWanted);
  let survivors = 0;
  for (const bug of wanted) {
    const row = rowOf(bug, await copy.with(bug, () => huntIn(bug.file)));
    if (row.includes(survived)) survivors += 1;
    console.log(row.join(' | '));
    if (options.write) writeRow(row);
  }
  console.log(`${wanted.length - survivors} of ${wanted.length} found`);
  return survivors === 0 ? 0 : 1;
}

function rowOf({ kind, file }: PlantedBug, { found, seconds }: Hunt): string[] {
  const where = found === null ? [survived, ''] : [found.target, `${found.run}`];
  return [kind, `\`${file}\``, ...where, seconds.toFixed(1)];
}

/** Of bugs that are not hunted this time, the table keeps what it says. */
function writeRow(row: readonly string[]): void {
  const rows = [...readMarkedRows(document, mark).filter(([kind]) => kind !== row[0]), row];
  const kinds = plantedBugs.map(({ kind }) => kind);
  const known = rows.filter(([kind]) => kinds.includes(kind!));
  const sorted = known.toSorted(([a], [b]) => kinds.indexOf(a!) - kinds.indexOf(b!));
  writeMarked(document, { [mark]: tabulate(heads, sorted) });
}

function isWanted({ file, kind }: PlantedBug): boolean {
  return words.length === 0 || words.some((word) => `${file} ${kind}`.includes(word));
}

/** Builds what the bug has changed, first. */
function huntIn(file: string): Promise<Hunt> {
  if (file.startsWith('assembly/')) {
    // There are no types in it: as it stands it is JavaScript, too.
    cpSync(join(copy.folder, moduleFile), join(copy.folder, builtFile(moduleFile)));
  } else {
    const built = copy.run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
    if (built.status !== 0)
      throw new Error(`with its bug ${file} does not compile: ${built.stdout}`);
  }
  return hunt();
}

/** Runs the fuzzer until it tells of the first run that fails. */
async function hunt(): Promise<Hunt> {
  const startedAt = performance.now();
  const fuzzer = spawn(process.execPath, ['dist/host/cli/main.js', 'fuzz', '--seed', `${seed}`], {
    cwd: copy.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let hunted: Hunt = { found: null, seconds: 0 };
  const end = (found: Hunt['found']) => {
    hunted = { found, seconds: processorSeconds(fuzzer.pid) ?? secondsSince(startedAt) };
    if (found !== null || hunted.seconds >= patience) fuzzer.kill();
  };
  const timer = setInterval(() => end(null), 500);
  let told = '';
  fuzzer.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    const [, target, run] = /^(\S+): run (\d+) fails/m.exec(told) ?? [];
    if (target === undefined || fuzzer.killed) return;
    clearInterval(timer);
    end({ target, run: Number(run) + 1 });
  });
  await once(fuzzer, 'close');
  clearInterval(timer);
  return hunted;
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}

/** What a process has used of a processor; null where the system does not tell: proc(5). */
function processorSeconds(pid: number | undefined): number | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const [, rest = ''] = readFileSync(file, 'latin1').split(') ');
  const [user, system] = rest.split(' ').slice(11, 13).map(Number);
  return (user! + system!) / ticksPerSecond;
}
