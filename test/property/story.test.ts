// The dataplane against the model: random clusters, packets aimed at what is there, changes and
// time in between.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { stickyStory, story } from '../../fuzz/arbitrary/story.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { runs } from './setup.ts';

test.each([
  ['of any kind in nftables mode', story(), 'nftables'],
  ['of any kind in iptables mode', story(), 'iptables'],
  ['of any kind in ipvs mode', story(), 'ipvs'],
  ['about session affinity', stickyStory(), 'nftables'],
] as const)('stories %s: every packet ends as the model says it may', async (_, told, mode) => {
  await fc.assert(
    fc.asyncProperty(told, async (plot) => {
      const { log, wrong } = await playStory(plot, { ...defaultNodeConfig, mode });
      if (wrong.length > 0) throw new Error([...log, ...wrong].join('\n'));
    }),
    runs(100),
  );
});
