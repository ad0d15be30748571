// `podplane fuzz --subject` and `--guided` from the command line.

import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listGuidedTargets } from '../../../fuzz/guided/main.ts';
import { listTargets } from '../../../fuzz/main.ts';
import { runCli } from './run-cli.ts';

/** A dataplane that drops everything. */
const program =
  'console.log(JSON.stringify({hello: 1, name: "a black hole", protocols: ["UDP"]}));' +
  'require("node:readline").createInterface({input: process.stdin}).on("line", (line) => {' +
  'console.log(JSON.stringify({id: JSON.parse(line).id, verdict: "drop"})); });';
const subject = `'${process.execPath}' -e '${program}'`;

test('what it claims and what it does wrong are printed, and the command repeats it', async () => {
  const words = ['fuzz', '--subject', subject, '--seed', '1'];
  const { code, out } = await runCli([...words, '--runs', '20']);
  expect(code).toBe(1);
  expect(out.split('\n').slice(0, 3)).toEqual([
    'a black hole: UDP; IPv4; nftables; cluster-ip',
    expect.stringMatching(/^story: run \d+ fails; it is made smaller$/),
    expect.stringMatching(/^story: \d+ runs, FAILED$/),
  ]);
  expect(out).toContain('\nverdict: expected forward, got drop\n');
  const [, path = ''] = /--seed 1 --path ([0-9:]+) --runs 1\n$/.exec(out) ?? [];
  const again = await runCli([...words, 'story', '--path', path, '--runs', '1']);
  expect(again.code).toBe(1);
  expect(again.out.split('\n').slice(2)).toEqual(out.split('\n').slice(3));
});

test.each([
  [['--subject', 'no-such-program'], 'fuzz: the subject no-such-program: it cannot be started: '],
  [['--subject', subject, 'frame'], 'fuzz: target frame is not for a black hole: it is about '],
  [['--subject', subject, '--timeout', '0'], '--timeout'],
  [['--guided', '--subject', subject], 'fuzz: --subject has no meaning with --guided'],
  [['--guided', 'story'], 'fuzz: there is no guided target story; there are frame, '],
  [['--guided', '--shard', '1/2', '--seed', '1'], 'fuzz: --shard has no meaning with --guided'],
  [['--shard', '1/2'], 'fuzz: shards share the runs of one seed; --seed'],
  [['--shard', '3/2', '--seed', '1'], 'fuzz: there is no shard "3/2"; expected i/n'],
  [['--input', '00'], 'fuzz: --input has no meaning without --guided'],
  [['--guided', 'maps', '--corpus', 'package.json'], 'package.json/maps: '],
  [['--corpus', 'corpus'], 'fuzz: --corpus has no meaning without --guided'],
])('%j is bad usage', async (words, message) => {
  const { code, err } = await runCli(['fuzz', ...words, '--runs', '1']);
  expect(code).toBe(2);
  expect(err).toContain(message);
});

test('guided fuzzing says what it reached, and runs one input alone', async () => {
  const { code, out } = await runCli(['fuzz', '--guided', 'maps', '--runs', '5', '--seed', '1']);
  expect(code).toBe(0);
  expect(out).toMatch(/^maps: \d+ runs, \d+ a second, corpus \d+, \d+ counters reached, holds\n$/);
  const one = await runCli(['fuzz', '--guided', 'maps', '--input=0100']);
  expect(one.out).toMatch(/^maps: 1 runs, .*, holds\n$/);
});

test('runs share a corpus, which holds nothing in vain', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podplane-'));
  const own = join(folder, 'maps');
  const fuzz = async (seed: number) => {
    const words = ['fuzz', '--guided', 'maps', '--runs', '300', '--corpus', folder];
    const { out } = await runCli([...words, '--seed', `${seed}`]);
    const [, size, reached] = /corpus (\d+), (\d+) counters/.exec(out)!.map(Number);
    return { size: size!, reached: reached! };
  };
  try {
    const first = await fuzz(1);
    expect(readdirSync(own)).toHaveLength(first.size);
    cpSync(join(own, readdirSync(own)[0]!), join(own, 'not-an-input'));
    // Longer than what does the same: it is taken away.
    writeFileSync(join(own, '0'.repeat(32)), new Uint8Array(2048));
    const second = await fuzz(2);
    expect(second.reached).toBeGreaterThanOrEqual(first.reached);
    const names = readdirSync(own);
    expect(names).toHaveLength(second.size + 1);
    expect(names).toContain('not-an-input');
    expect(names).not.toContain('0'.repeat(32));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('--help has a line for every target, and says how to repeat and share out', async () => {
  const { code, out } = await runCli(['fuzz', '--help']);
  expect(code).toBe(0);
  const lines = out.split('\n').map((line) => line.trim().split(/ {3,}/).join(' | '));
  for (const { name, claim } of [...listTargets(), ...listGuidedTargets()]) {
    expect(lines).toContain(`${name} | ${claim}`);
  }
  for (const told of ['--path <path>', '--shard <i/n>', 'canary fails on purpose', 'nightly']) {
    expect(out).toContain(told);
  }
});

test('a shard makes its part of the runs', async () => {
  const made = await Promise.all(
    ['1/2', '2/2'].map(async (shard) => {
      const words = ['fuzz', 'model', '--runs', '5', '--seed', '1', '--shard', shard];
      const { out } = await runCli(words);
      return Number(/^model: (\d+) runs, holds\n$/.exec(out)?.[1]);
    }),
  );
  expect(made).toEqual([3, 2]);
});
