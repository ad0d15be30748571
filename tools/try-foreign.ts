// Runs the fuzzer on the foreign dataplane of the examples, with each of its planted mistakes and
// without, and prints what it found, after how many stories, in what time. With --write the tables
// of its README become what was found.

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const readme = join(root, 'examples/foreign-dataplane/README.md');
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
const table = tabulate();
console.log(table);
if (process.argv.includes('--write')) writeReadme();
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

function tabulate(): string {
  const rows = mistakes.map(([bug, what], index) => {
    const { runs, holds, seconds } = trials[index]!;
    const name = bug === '' ? '' : `\`${bug}\``;
    const found = holds ? 'holds' : 'found';
    return `| ${[name, what, seed, found, runs, seconds.toFixed(1)].join(' | ')} |`;
  });
  const heads = [
    '`BUG`',
    'what is wrong',
    'seed',
    'outcome',
    'stories',
    'seconds, shrinking included',
  ];
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}

function writeReadme(): void {
  const { output } = trials[2]!;
  const happened = output.slice(output.indexOf('# what happened:')).trimEnd();
  const text = readFileSync(readme, 'utf8');
  const told = `\`\`\`text\n${happened}\n\`\`\``;
  writeFileSync(readme, between(between(text, 'table', table), 'story', told));
}

/** The text with something else between two marks. */
function between(text: string, mark: string, inner: string): string {
  const [first, last] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [before = '', rest = ''] = text.split(first);
  return `${before}${first}\n\n${inner}\n\n${last}${rest.split(last)[1] ?? ''}`;
}
