// The dataplane against the model: random clusters, packets aimed at what is there, changes and
// time in between.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { balancedStory, stickyStory, story } from '../../fuzz/arbitrary/story.ts';
import type { Story } from '../../fuzz/arbitrary/story.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { schedulers } from '../../host/compile/balancing.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import { runs } from './setup.ts';

interface Case {
  readonly told: fc.Arbitrary<Story>;
  readonly config: Partial<NodeConfig>;
  readonly usual: number;
}

const schedulerCases = Object.keys(schedulers).map((scheduler): [string, Case] => [
  `of any kind in ipvs mode, scheduler ${scheduler}`,
  { told: balancedStory(), config: { mode: 'ipvs', scheduler }, usual: 40 },
]);

test.each<[string, Case]>([
  ['of any kind in nftables mode', { told: story(), config: { mode: 'nftables' }, usual: 100 }],
  ['of any kind in iptables mode', { told: story(), config: { mode: 'iptables' }, usual: 100 }],
  ['of any kind in ipvs mode', { told: story(), config: { mode: 'ipvs' }, usual: 100 }],
  ['about session affinity', { told: stickyStory(), config: { mode: 'nftables' }, usual: 100 }],
  ['about ipvs persistence', { told: stickyStory(), config: { mode: 'ipvs' }, usual: 100 }],
  ['balanced by Maglev', { told: balancedStory(), config: { balancing: 'maglev' }, usual: 40 }],
  ...schedulerCases,
])('stories %s: every packet ends as the model says it may', async (_, { told, config, usual }) => {
  await fc.assert(
    fc.asyncProperty(told, async (plot) => {
      const { log, wrong } = await playStory(plot, { ...defaultNodeConfig, ...config });
      if (wrong.length > 0) throw new Error([...log, ...wrong].join('\n'));
    }),
    runs(usual),
  );
});
