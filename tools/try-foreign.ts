// Runs the fuzzer on the foreign dataplane of the examples, with each of its planted mistakes and
// without, and prints what it found, after how many stories, in what time. With --write the tables
// of its README become what was found.

import { spawnSync } from 'node:child_process';
import { tabulate, writeMarked } from './marked-text.js';
import { root } from './root.js';

const subject = 'python3 examples/foreign-dataplane/dataplane.py';
const seed = 1;
const mostRuns = 1000;

const mistakes = [
  ['', 'none'],
  ['checksum', 'the sum is folded once, not twice'],
  ['reply', 'a change of endpoints forgets TCP connections, too: replies are not translated back'],
  ['affinity', 'session affinity is ignored'],
] as const;

interface Trial {
  readonly runs: number;
  readonly holds: boolean;
  readonly seconds: number;
  readonly output: string;
}

const trials = mistakes.map(([bug]) => tryWith(bug));
const heads = [
  '`BUG`',
  'what is wrong',
  'seed',
  'outcome',
  'stories',
  'seconds, shrinking included',
];
const table = tabulate(heads, mistakes.map(rowOf));
console.log(table);
if (process.argv.includes('--write')) {
  const { output } = trials[2]!;
  const happened = output.slice(output.indexOf('# what happened:')).trimEnd();
  writeMarked('examples/foreign-dataplane/README.md', {
    table,
    story: `\`\`\`text\n${happened}\n\`\`\``,
  });
}
process.exitCode = trials.every(({ holds }, index) => holds === (index === 0)) ? 0 : 1;

function tryWith(bug: string): Trial {
  const words = ['fuzz', '--subject', subject, '--seed', `${seed}`, '--runs', `${mostRuns}`];
  const startedAt = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, ['dist/host/cli/main.js', ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, BUG: bug },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const [, runs, end] = /^story: (\d+) runs, (holds|FAILED)$/m.exec(stdout) ?? [];
  if (runs === undefined) throw new Error(`the fuzzer did not run: ${stderr}`);
  return { runs: Number(runs), holds: end === 'holds', seconds, output: stdout };
}

function rowOf([bug, what]: (typeof mistakes)[number], index: number): string[] {
  const { runs, holds, seconds } = trials[index]!;
  const name = bug === '' ? '' : `\`${bug}\``;
  return [name, what, `${seed}`, holds ? 'holds' : 'found', `${runs}`, seconds.toFixed(1)];
}
