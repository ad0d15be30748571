// What native programs are made from: the dataplane's text without vectors, and the boundary as C.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeAbiHeader } from '../../tools/native/abi-header.ts';
import { lowerVectors } from '../../tools/native/lower-vectors.ts';

const linesOf = (...instructions: string[]): string =>
  ['(module', ' (global $g i32)', ...instructions, ')'].join('\n');
const lowered = (...instructions: string[]): string[] =>
  lowerVectors(linesOf(...instructions))
    .split('\n')
    .slice(6, -1);

describe('vectors', () => {
  test('are compared by a call', () => {
    expect(
      lowered('v128.load offset=4', 'local.get $6', 'i16x8.splat', 'i16x8.eq', 'i16x8.bitmask'),
    ).toEqual(['i32.const 4', 'i32.add', 'local.get $6', 'call $vector/matches']);
  });

  test('are compared with zeroes', () => {
    const zeroes = 'v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000';
    expect(lowered('v128.load', zeroes, 'i16x8.eq', 'i16x8.bitmask')).toEqual([
      'i32.const 0',
      'call $vector/matches',
    ]);
  });

  test('are copied by a call', () => {
    expect(lowered('v128.load', 'v128.store offset=16')).toEqual([
      'i32.const 16',
      'call $vector/copy',
    ]);
  });

  test.each([
    ['another instruction', ['i8x16.shuffle 0 1']],
    ['another constant', ['v128.const i32x4 0x00000001 0x00000000 0x00000000 0x00000000']],
    ['a value that is kept', ['v128.load', 'v128.load', 'v128.store']],
    ['a form without an end', ['v128.load']],
  ])('of another form are refused: %s', (_, instructions) => {
    expect(() => lowered(...instructions)).toThrow('no C is known for');
  });

  test('of the dataplane are all known', () => {
    const text = readFileSync(join(import.meta.dirname, '../../build/release.wat'), 'utf8');
    expect(lowerVectors(text)).not.toMatch(/^\s*(v128|[if]\d+x\d+)\./m);
  });
});

test('what is read ahead is kept', () => {
  const lines = [
    ' (func $assembly/conntrack/lookahead/f',
    '  i64.load',
    ' )',
    ' (func $g',
    '  i32.load',
  ];
  const text = lowerVectors(linesOf(...lines));
  expect(text).toContain('  i64.load\ncall $vector/keep64\n )');
  expect(text).not.toContain('keep32\n');
});

test('structs in C have gaps where the boundary has them', () => {
  const header = writeAbiHeader();
  expect(header).toContain('uint8_t state;\n  uint8_t gap42[2];\n  uint32_t held;');
  expect(header).toContain('Verdict_Drop = 0');
});
