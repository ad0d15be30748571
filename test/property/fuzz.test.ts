// The fuzz driver: its canary is caught and repeated, what once failed is replayed, and a flood of
// mutants does no harm.

import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Story } from '../../fuzz/arbitrary/story.ts';
import { runFuzz } from '../../fuzz/main.ts';
import { flood } from '../../fuzz/targets/flood.ts';
import { sampleObjects } from '../../fuzz/targets/sample-cluster.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';

const folder = new URL('../../fuzz/regressions/', import.meta.url);
const regressions = readdirSync(folder).filter((name) => name.endsWith('.json'));

type Settings = Pick<NodeConfig, 'mode' | 'profile' | 'policy' | 'scheduler'>;

/** A story that once ended wrong, in the sample cluster. */
interface Regression extends Pick<Story, 'steps'>, Settings {
  readonly why: string;
}

test.each(regressions)('%s does not come back', async (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const { why, steps, ...settings } = JSON.parse(text) as Regression;
  const story = { objects: sampleObjects, steps };
  const { log, wrong } = await playStory(story, { ...defaultNodeConfig, ...settings });
  expect(wrong, [why, ...log].join('\n')).toEqual([]);
  expect(log.length).toBeGreaterThan(0);
});

test('docs/testing.md tells of each', () => {
  const document = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8');
  const rows = document.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const name of regressions) {
    const { why } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Regression;
    expect(rows).toContainEqual(['', `\`${name.replace('.json', '')}\``, why, '']);
  }
});

test('the canary is caught, and its path leads to the same failure at once', async () => {
  const { failures } = await runFuzz({ targets: ['canary'], seed: 1, runs: 1000 });
  expect(failures).toHaveLength(1);
  const { seed, path, message, command } = failures[0]!;
  expect(message).toContain('it carries 9 bytes');
  expect(command).toBe(`podplane fuzz canary --seed ${seed} --path ${path} --runs 1`);
  const again = await runFuzz({ targets: ['canary'], seed, path, runs: 1 });
  expect(again.failures[0]?.message).toBe(message);
});

test('a path whose run holds is no failure', async () => {
  const { failures, runs } = await runFuzz({ targets: ['frame'], seed: 1, path: '0', runs: 1 });
  expect(failures).toEqual([]);
  expect(runs).toEqual({ frame: 1 });
});

test('a target nobody knows is refused, and so is a run without end', async () => {
  await expect(runFuzz({ targets: ['parrot'], seed: 1, runs: 1 })).rejects.toThrow(
    'there is no target parrot; there are frame, story, story-iptables, story-ipvs, ' +
      'balance, persistence, affinity, profiles, doors, courses, vectors, reload, restore, ' +
      'workers, model, policy, cluster-nftables, cluster-iptables, cluster-ipvs, conversation, ' +
      'express, fragments, quoted, laws, canary',
  );
  await expect(runFuzz({ seed: 1 })).rejects.toThrow('without end');
});

test('a million random and mutated frames: no trap, and each refusal has a reason', async () => {
  const packets = 1_000_000;
  const report = await flood(7, packets);
  expect(report.unreasoned).toBe(0);
  const counted = Object.values(report.verdicts).reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(packets);
  expect(Object.keys(report.reasons).length).toBeGreaterThan(20);
});

test('floods of equal seeds end alike', async () => {
  expect(await flood(7, 20_000)).toEqual(await flood(7, 20_000));
});
