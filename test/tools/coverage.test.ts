// The pure parts of `npm run coverage`: where counters are put, how visits add up, what is printed.

import { expect, test } from 'vitest';
import { counterMark, instrument, type Point } from '../../tools/coverage/instrument.ts';
import { summarise } from '../../tools/coverage/summary.ts';
import { addVisited, Visits } from '../../tools/coverage/visits.ts';

function counted(text: string): { body: string; points: Point[] } {
  const points: Point[] = [];
  const body = instrument('assembly/nat/sample.ts', text, points);
  return { body: body.replace('import { visit } from "../visited"; ', ''), points };
}

test.each([
  ['a statement', 'f(1);', 'visit(0); f(1);'],
  ['a branch without braces', 'if (a) return;', 'visit(0); if (a) { visit(1); return; }'],
  [
    'an else if, whose branches count',
    'if (a) f(); else if (b) g();',
    'visit(0); if (a) { visit(1); f(); } else if (b) { visit(2); g(); }',
  ],
  ['a loop', 'while (a) { f(); }', 'visit(0); while (a) { visit(1); f(); }'],
  [
    'a switch',
    'switch (a) { case 1: f(); break; }',
    'visit(0); switch (a) { case 1: visit(1); f(); visit(2); break; }',
  ],
  ['what && guards', 'return a && b;', 'visit(1); return a && (visit(0), b);'],
  ['a chain', 'f(a || b || c);', 'visit(2); f(a || (visit(0), b) || (visit(1), c));'],
  [
    'both ends of a choice',
    'const x = a ? 1 : b ? 2 : 3;',
    'visit(4); const x = a ? (visit(0), 1) : (visit(1), b ? (visit(2), 2) : (visit(3), 3));',
  ],
])('counts %s', (_, statement, expected) => {
  const { body, points } = counted(`function h(): void { ${statement} }\n`);
  const numbersOf = (text: string): number[] =>
    [...text.matchAll(/visit\((\d+)\)/g)].map(([, number]) => Number(number));
  // Which number a point has is of no interest, as long as no two have one.
  expect(body.replaceAll(/visit\(\d+\)/g, 'visit')).toBe(
    `function h(): void { ${expected} }\n`.replaceAll(/visit\(\d+\)/g, 'visit'),
  );
  expect(numbersOf(body).toSorted()).toEqual([...points.keys()]);
});

test('says where a point stands, and moves no line', () => {
  const text = 'export class C {\n  m(): u32 {\n    f();\n    return a && b;\n  }\n}\n';
  const { body, points } = counted(text);
  expect(body.split('\n').length).toBe(text.split('\n').length);
  const places = points.map(({ path, line, column }) => `${path}:${line}:${column}`).toSorted();
  expect(places).toEqual([
    'assembly/nat/sample.ts:3:5',
    'assembly/nat/sample.ts:4:17',
    'assembly/nat/sample.ts:4:5',
  ]);
});

test('a source without functions stays as it is', () => {
  const points: Point[] = [];
  expect(instrument('assembly/x.ts', 'const a: u32 = b && c;\n', points)).toBe(
    'const a: u32 = b && c;\n',
  );
  expect(points).toEqual([]);
});

/** An instance whose memory holds the mark and then these counters. */
function instanceWith(counters: readonly number[], mark = counterMark) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const bytes = new TextEncoder().encode(mark);
  new Uint8Array(memory.buffer).set([...bytes, ...counters], 77);
  return { exports: { memory } };
}

test('visits of many instances add up, also those made long ago', () => {
  const visits = new Visits(counterMark, 4);
  const first = instanceWith([0, 3, 0, 0]);
  visits.watch(first);
  for (let more = 0; more < 100; more++) visits.watch(instanceWith([0, 0, 0, 0]));
  new Uint8Array(first.exports.memory.buffer)[77 + counterMark.length] = 1;
  visits.watch(instanceWith([0, 0, 0, 255]));
  expect([...visits.read()]).toEqual([1, 1, 0, 1]);
});

test('another module visits nothing', () => {
  const visits = new Visits(counterMark, 2);
  visits.watch(instanceWith([1, 1], 'something else'));
  visits.watch({ exports: {} });
  expect([...visits.read()]).toEqual([0, 0]);
});

test('what several processes visited adds up', () => {
  const all = Uint8Array.of(0, 1, 0);
  addVisited(all, Uint8Array.of(1, 0, 0));
  expect([...all]).toEqual([1, 1, 0]);
});

test('the summary has each file, each missed place, and the total', () => {
  const at = (path: string, line: number): Point => ({ path, line, column: 3 });
  const points = [at('b.ts', 1), at('a.ts', 4), at('a.ts', 9), at('a.ts', 12)];
  const { lines, percent } = summarise(points, Uint8Array.of(1, 1, 0, 1));
  expect(percent).toBe(75);
  expect(lines).toEqual([
    ' 66.7 %  a.ts: 2 of 3',
    '  a.ts:9:3',
    '100.0 %  b.ts: 1 of 1',
    ' 75.0 %  all statements and conditional operands: 3 of 4',
  ]);
});
