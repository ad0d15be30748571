// What takes the express lane comes to the same as what takes the whole walk.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { expressTarget } from '../../fuzz/targets/express.ts';
import { runs } from './setup.ts';

test(expressTarget.claim, async () => {
  await fc.assert(expressTarget.property() as fc.IAsyncProperty<[unknown]>, runs(600));
});
