// What long runs are counted by: the lines that the fuzzers print.

import { expect, test } from 'vitest';
import { runFuzz } from '../../fuzz/main.ts';
import { readFuzzLog } from '../../tools/fuzz-log.ts';
import { runCli } from '../host/cli/run-cli.ts';

test('runs are counted by target, failures kept with what repeats them', async () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const { runs, failures } = await runFuzz({
    targets: ['canary', 'model'],
    seed: 1,
    runs: 30,
    print,
  });
  await runFuzz({ targets: ['model'], seed: 2, runs: 7, print });
  expect(failures).toHaveLength(1);
  const log = readFuzzLog(lines.join('\n'));
  expect(Object.fromEntries(log.runs)).toEqual({ ...runs, model: 37 });
  expect(log.failures).toEqual([
    `canary: ${runs['canary']} runs, FAILED\n${failures[0]!.message}\n` +
      `repeat it with: ${failures[0]!.command}`,
  ]);
});

test('guided runs are read in the same way', async () => {
  const { out } = await runCli(['fuzz', '--guided', 'maps', '--runs', '5', '--seed', '1']);
  const { runs, failures } = readFuzzLog(out);
  expect([...runs.keys()]).toEqual(['maps']);
  expect(runs.get('maps')).toBeGreaterThanOrEqual(5);
  expect(failures).toEqual([]);
});
