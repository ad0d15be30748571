// Plants each of the bugs in a copy of the repository, builds it, and lets the fuzzer look for it
// as anybody would start it: default targets, one seed, at most a minute. Prints which target found
// it, in which run, after how long; ends with exit code 1 if one survived. Parameters: texts, one
// of which the file or the kind of a bug must contain; all bugs unless given. With --write the table
// of docs/testing.md becomes what was found.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FaultyCopy } from './faulty-copy.js';
import { plantedBugs, type PlantedBug } from './planted-bugs.js';
import { tabulate, writeMarked } from './marked-text.js';

const seed = 1;
const patienceMs = 60_000;

/** What the fuzzer came to. */
interface Hunt {
  /** Null if it found nothing in time. */
  readonly found: { readonly target: string; readonly run: number } | null;
  readonly seconds: number;
}

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const copy = new FaultyCopy();
try {
  process.exitCode = await huntAll();
} finally {
  copy.remove();
}

async function huntAll(): Promise<number> {
  const sound = await hunt();
  if (sound.found !== null) throw new Error(`without a bug ${sound.found.target} fails already`);
  const rows: string[][] = [];
  for (const bug of plantedBugs.filter(isWanted)) {
    const { found, seconds } = await copy.with(bug, huntBuilt);
    const where = found === null ? ['SURVIVED', '', ''] : [found.target, `${found.run}`];
    rows.push([bug.kind, `\`${bug.file}\``, ...where, found ? seconds.toFixed(1) : '']);
    console.log(rows.at(-1)!.join(' | '));
  }
  const table = tabulate(['bug', 'in', 'found by', 'runs', 'seconds'], rows);
  if (process.argv.includes('--write')) writeMarked('docs/testing.md', { 'planted bugs': table });
  const survivors = rows.filter(([, , target]) => target === 'SURVIVED').length;
  console.log(`${rows.length - survivors} of ${rows.length} found`);
  return survivors === 0 ? 0 : 1;
}

function isWanted({ file, kind }: PlantedBug): boolean {
  return words.length === 0 || words.some((word) => `${file} ${kind}`.includes(word));
}

/** What the copy's sources say is compiled before. */
function huntBuilt(): Promise<Hunt> {
  const built = copy.run(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']);
  if (built.status !== 0) throw new Error(`the copy does not compile: ${built.stdout}`);
  return hunt();
}

/** Runs the fuzzer until it tells of the first run that fails. */
async function hunt(): Promise<Hunt> {
  const startedAt = performance.now();
  const fuzzer = spawn(process.execPath, ['dist/host/cli/main.js', 'fuzz', '--seed', `${seed}`], {
    cwd: copy.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const timer = setTimeout(() => fuzzer.kill(), patienceMs);
  let [told, found] = ['', null as Hunt['found']];
  fuzzer.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    const [, target, run] = /^(\S+): run (\d+) fails/m.exec(told) ?? [];
    if (target === undefined) return;
    found ??= { target, run: Number(run) + 1 };
    fuzzer.kill();
  });
  await once(fuzzer, 'close');
  clearTimeout(timer);
  return { found, seconds: (performance.now() - startedAt) / 1000 };
}
