// The laws of connections and translation over random commands: a share of what `podplane fuzz
// laws` does by the million.

import { expect, test } from 'vitest';
import { runFuzz } from '../../fuzz/main.ts';

test('the laws hold, whatever happens to a node meanwhile', async () => {
  const lines: string[] = [];
  const print = (line: string): void => void lines.push(line);
  const { failures } = await runFuzz({ targets: ['laws'], seed: 1, runs: 15, print });
  expect(failures).toEqual([]);
  // It went through packets, and by the thousands.
  expect(lines[0]).toMatch(/^laws: 15 runs \(\d{2},\d{3} packets\), holds$/);
});
