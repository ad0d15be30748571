// The law of fragments, and the law of quotes: two fuzz targets, a while each.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { targets } from '../../fuzz/targets/targets.ts';
import { runs } from './setup.ts';

test.each(['fragments', 'quoted'])('%s', async (name) => {
  const target = targets.find((candidate) => candidate.name === name)!;
  await fc.assert(target.property() as fc.IAsyncProperty<unknown>, runs(60));
});
