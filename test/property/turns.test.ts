// How the fuzzers share out runs: between targets, which take turns, and between processes, which
// make a part each. What is found is the same, and repeated without either.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { runFuzz } from '../../fuzz/main.ts';
import { parseShard, portionsOf, type Portion } from '../../fuzz/portion.ts';
import type { NodeSettings } from '../../fuzz/subject/subject.ts';
import { WasmSubject, wasmSubjects } from '../../fuzz/subject/wasm-subject.ts';

function numbers(portions: Iterable<Portion>): number[] {
  return [...portions].flatMap(({ first, runs }) =>
    Array.from({ length: runs }, (_, index) => first + index),
  );
}

test('shards make every run once, and about equally many', () => {
  const shards = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(shards, fc.nat({ max: 5000 }), (count, runs) => {
      const made = Array.from({ length: count }, (_, index) =>
        numbers(portionsOf({ index: index + 1, count }, runs)),
      );
      const all = made.flat().sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: runs }, (_, number) => number));
      const sizes = made.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(256);
    }),
  );
});

test('portions without end begin small and grow', () => {
  const portions = portionsOf({ index: 2, count: 3 }, Infinity);
  const taken = Array.from({ length: 4 }, () => portions.next().value);
  expect(taken).toEqual([
    { first: 1, runs: 1 },
    { first: 5, runs: 2 },
    { first: 13, runs: 4 },
    { first: 29, runs: 8 },
  ]);
});

test.each(['', '0/2', '3/2', '1', '1/0', '-1/2', '1/2/3'])('"%s" is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(`there is no shard "${text}"; expected i/n`);
});

test('what a shard finds is repeated without it', async () => {
  const options = { targets: ['canary'], seed: 1 };
  const [whole, ...shards] = await Promise.all(
    [undefined, '1/3', '2/3', '3/3'].map((shard) =>
      runFuzz({ ...options, runs: 100, ...(shard !== undefined && { shard }) }),
    ),
  );
  const paths = shards.map(({ failures }) => failures[0]!.path);
  expect(new Set(paths).size).toBe(3);
  expect(paths).toContain(whole!.failures[0]!.path);
  for (const { failures } of shards) {
    const { path, message, command } = failures[0]!;
    expect(command).not.toContain('shard');
    const again = await runFuzz({ ...options, path, runs: 1 });
    expect(again.failures[0]?.message).toBe(message);
  }
  await expect(runFuzz({ ...options, path: paths[0]!, runs: 1, shard: '1/3' })).rejects.toThrow(
    'a failure is repeated without its shard',
  );
});

test('targets take turns: one that fails, or lasts, leaves the others their share', async () => {
  const lines: string[] = [];
  const { runs, failures } = await runFuzz({
    targets: ['laws', 'frame', 'canary', 'model'],
    seed: 1,
    timeMs: 1000,
    print: (line) => lines.push(line.split('\n')[0]!),
  });
  expect(failures.map(({ target }) => target)).toEqual(['canary']);
  const told = /^canary: run \d+ fails; it is made smaller$/;
  expect(lines).toContainEqual(expect.stringMatching(told));
  expect(Object.keys(runs)).toEqual(['laws', 'frame', 'canary', 'model']);
  for (const made of Object.values(runs)) expect(made).toBeGreaterThan(0);
});

test('time is over between two runs: none is left half done', async () => {
  let [started, closed] = [0, 0];
  class Counting extends WasmSubject {
    override close(): void {
      closed += 1;
      super.close();
    }
  }
  const start = (settings: NodeSettings) => {
    started += 1;
    return new Counting(settings);
  };
  const subject = { ...wasmSubjects, start };
  const { runs, failures } = await runFuzz({ subject, targets: ['story'], seed: 1, timeMs: 300 });
  expect(failures).toEqual([]);
  expect(started).toBe(runs['story']);
  expect(closed).toBe(started);
});
