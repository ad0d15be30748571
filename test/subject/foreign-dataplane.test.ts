// The example of a foreign dataplane: without a mistake it holds, and each of its planted mistakes
// is found. It is written in Python; where that is not installed, these tests are skipped by name.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runFuzz } from '../../fuzz/main.ts';

const subject = 'python3 examples/foreign-dataplane/dataplane.py';
const isMissing = spawnSync('python3', ['--version']).status !== 0;
const condition = isMissing ? ' (skipped: python3 is not installed)' : '';

async function tryWith(bug: string) {
  process.env['BUG'] = bug;
  try {
    return await runFuzz({ subject, targets: ['story'], seed: 1, runs: 600 });
  } finally {
    delete process.env['BUG'];
  }
}

test.skipIf(isMissing)(`without a mistake it holds${condition}`, async () => {
  expect((await tryWith('')).failures).toEqual([]);
});

test.skipIf(isMissing).each([
  ['checksum', 'a checksum is wrong'],
  ['reply', 'packet.source'],
  ['affinity', 'packet.destination: expected '],
])(
  `mistake %s is found, and told as a story that can be repeated${condition}`,
  async (bug, wrong) => {
    const { failures } = await tryWith(bug);
    expect(failures).toHaveLength(1);
    const { message, command, seed, path } = failures[0]!;
    expect(message).toContain(wrong);
    expect(message).toContain('\napiVersion: v1\nkind: Service\nmetadata: {name: s0');
    expect(message).toMatch(/\npod\/default\/p\d: IP \d.* > \d.*\n {2}45[0-9a-f]{38,}\n/);
    expect(command).toBe(
      `podplane fuzz story --subject '${subject}' --seed ${seed} --path ${path} --runs 1`,
    );
    process.env['BUG'] = bug;
    const again = await runFuzz({ subject, targets: ['story'], seed, path, runs: 1 });
    delete process.env['BUG'];
    expect(again.failures[0]?.message).toBe(message);
  },
);

test('it is small, and its README shows what was found', () => {
  const program = readFileSync('examples/foreign-dataplane/dataplane.py', 'utf8');
  expect(program.split('\n').length).toBeLessThan(300);
  const readme = readFileSync('examples/foreign-dataplane/README.md', 'utf8');
  const rows = [...readme.matchAll(/^\| *`?(\w*)`? *\|.*\| 1 +\| (\w+) +\|/gm)];
  expect(rows.map(([, bug, outcome]) => [bug, outcome])).toEqual([
    ['', 'holds'],
    ['checksum', 'found'],
    ['reply', 'found'],
    ['affinity', 'found'],
  ]);
});
