// The reference pages are current: each equals what is made from the code.

import { expect, test } from 'vitest';
import { commandsPage, lintPage, mapsPage, reasonsPage } from './reference.ts';

test.each([
  ['commands', commandsPage],
  ['reasons', reasonsPage],
  ['maps', mapsPage],
  ['lint', lintPage],
])('docs/reference/%s.md', async (name, page) => {
  await expect(await page()).toMatchFileSnapshot(`../../../docs/reference/${name}.md`);
});
