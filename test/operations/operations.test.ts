// How many WebAssembly operations a packet takes, counted and so the same on every machine: no load
// may take a twentieth more than is written down. `UPDATE_OPERATIONS=1 npx vitest run
// test/operations` writes down what they take now.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { countOperations } from '../../tools/operations/count-operations.ts';
import { openCounting } from './counting.ts';
import { countLoads, type OperationCounts } from './loads.ts';

const file = join(import.meta.dirname, 'operations.json');
const command = 'UPDATE_OPERATIONS=1 npx vitest run test/operations';
/** Part by which a load may grow. */
const tolerance = 0.05;

describe('operations are counted', () => {
  const lines = (...body: string[]): string =>
    ['(module', ' (global $g i32)', ' (func $f', ...body, ' )', ')'].join('\n');
  const counted = (...body: string[]): string[] =>
    countOperations(lines(...body))
      .text.split('\n')
      .slice(4, -2);

  test('before the stretch that they are in', () => {
    const body = ['local.get 0', 'i32.load', 'drop', 'loop', 'i32.add', 'br_if 0', 'end'];
    expect(counted('  (local $0 i32)', ...body)).toEqual([
      '  (local $0 i32)',
      ...['i32.const 1', 'i32.const 0', 'call $count', 'local.get 0', 'i32.load', 'drop', 'loop'],
      ...['i32.const 2', 'i32.const 0', 'call $count', 'i32.add', 'br_if 0', 'end'],
    ]);
  });

  test('on each of two ways', () => {
    expect(counted('if', 'i32.store', 'else', 'end')).toEqual([
      ...['i32.const 1', 'i32.const 0', 'call $count', 'if'],
      ...['i32.const 1', 'i32.const 0', 'call $count', 'i32.store', 'else', 'end'],
    ]);
  });
});

describe('a packet takes no more operations than it did', () => {
  let counts: OperationCounts = {};
  let before: OperationCounts = {};

  beforeAll(async () => {
    const text = readFileSync(join(import.meta.dirname, '../../build/release.wat'), 'utf8');
    counts = await countLoads(openCounting(text));
    if (process.env['UPDATE_OPERATIONS'] !== undefined) {
      writeFileSync(file, `${JSON.stringify(counts, null, 2)}\n`);
    }
    before = JSON.parse(readFileSync(file, 'utf8')) as OperationCounts;
  });

  test('for the loads that are written down', () => {
    expect(Object.keys(counts)).toEqual(Object.keys(before));
  });

  test('for each of them', () => {
    const grown = Object.entries(counts)
      .filter(([name, count]) => count > (before[name] ?? Infinity) * (1 + tolerance))
      .map(([name, count]) => `${name}: ${count}, it was ${before[name]}`);
    expect(grown, `if that is meant: ${command}`).toEqual([]);
  });
});
