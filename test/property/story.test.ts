// The dataplane against the model: random clusters, packets aimed at what is there, changes and
// time in between.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { story } from '../../fuzz/arbitrary/story.ts';
import { playStory } from '../../fuzz/targets/story.ts';
import { runs } from './setup.ts';

test('every packet of a story ends as the model says it may', async () => {
  await fc.assert(
    fc.asyncProperty(story(), async (told) => {
      const { log, wrong } = await playStory(told);
      if (wrong.length > 0) throw new Error([...log, ...wrong].join('\n'));
    }),
    runs(200),
  );
});
