// The pure parts of `npm run mutants`: what is changed, how a switch stands before it, how tests
// are collected without vitest, and what is printed.

import { describe, expect, test } from 'vitest';
import { isAbout } from '../../tools/mutants/equivalent.ts';
import { writeMutants, type Mutant, type Writing } from '../../tools/mutants/schemata.ts';
import { placeOf, scoreOf, summarise } from '../../tools/mutants/summary.ts';
import { collectTests, describe as suite, test as define } from '../../tools/mutants/testing.ts';
import { beforeEach as prepare, afterAll as conclude } from '../../tools/mutants/testing.ts';
import { assemblyNoted, assemblySwitched, hostNoted } from '../../tools/mutants/writings.ts';

function mutated(statements: string, writing: Writing = assemblySwitched) {
  const mutants: Mutant[] = [];
  const text = `function h(): void { ${statements} }\n`;
  const written = writeMutants({ path: 'assembly/nat/sample.ts', text }, mutants, writing);
  const [, body] = /^import [^;]*; function h\(\): void \{ ([^]*) \}\n$/.exec(written) ?? [];
  return { body, mutants, changes: mutants.map(({ change }) => change) };
}

test.each([
  ['a boundary', 'return a < b;', ['a < b -> (a) <= (b)', 'a < b -> (a) >= (b)']],
  ['an equality', 'return a == b;', ['a == b -> (a) != (b)']],
  ['arithmetic', 'return a + b;', ['a + b -> (a) - (b)']],
  ['a constant', 'return 0xff;', ['0xff -> 256', '0xff -> 254']],
  [
    'a large constant',
    'return 0xffff000000000000;',
    ['0xffff000000000000 -> 18446462598732840961', '0xffff000000000000 -> 18446462598732840959'],
  ],
  ['nothing, which is no constant less', 'return 0;', ['0 -> 1']],
  ['a truth', 'return true;', ['true -> false']],
  ['a join', 'return a && b;', ['a && b -> (a) || (b)']],
  ['a condition', 'if (a) b = c;', ['a -> !(a)', 'b = c; -> nothing']],
  ['a denial', 'if (!a) b = c;', ['!a -> a', 'b = c; -> nothing']],
  ['an early end', 'if (a()) return;', ['a() -> !(a())', 'a() -> false', 'return; -> nothing']],
  ['a choice', 'return a ? b : c;', ['a ? b : c -> b', 'a ? b : c -> c']],
  ['a call', 'f();', ['f(); -> nothing']],
  ['a count', 'a++;', ['a++; -> nothing', 'a++ -> a--']],
  ['a sum', 'a += b;', ['a += b; -> nothing', 'a += b; -> a = (a) - (b);']],
  ['an offset', 'return load<u8>(at, 12);', ['12 -> 12 + 1']],
  ['the lesser of two', 'return min(a, b);', ['min(a, b) -> max(a, b)']],
])('changes %s', (_, statement, changes) => {
  expect(mutated(statement).changes).toEqual(changes);
});

test('a switch stands before what is right, with all that is below it', () => {
  expect(mutated('return f(a < 1);').body).toBe(
    'return f((isMutant(1) ? ((a) <= (1)) : isMutant(2) ? ((a) >= (1)) : ' +
      'a < (isMutant(3) ? (2) : isMutant(4) ? (0) : 1)));',
  );
  expect(mutated('f();').body).toBe('{ if (isMutant(1)) {  } else { f(); } }');
  expect(mutated('return load<u8>(at, 12);').body).toBe(
    'return load<u8>((isMutant(1) ? ((at) + 1) : at), 12);',
  );
});

test('no loop goes on for ever', () => {
  expect(mutated('while (a()) b;').body).toContain('{ spendRound(); ');
  expect(mutated('for (;;) { break; }').body).toContain('{ spendRound(); ');
});

test('it is noted where a mutant would have made a difference', () => {
  expect(mutated('return a < b;', assemblyNoted).body).toBe(
    'return (noteMutant(1, ((a) <= (b)) != (a < b)), ' +
      'noteMutant(2, ((a) >= (b)) != (a < b)), a < b);',
  );
  // What a call does cannot be done twice.
  expect(mutated('return f() < b;', assemblyNoted).body).toContain('noteMutant(1, true)');
  expect(mutated("return 'a';", hostNoted).body).toBe(
    "return (noteMutant(1, isOther(() => (''), () => ('a'))), 'a');",
  );
});

test('each element of a table of constants is a mutant, where it is read', () => {
  const mutants: Mutant[] = [];
  const table = 'const t: usize = memory.data<u8>([\n  A, 2,\n]);\n';
  const text = `${table}function f(): u8 { return load<u8>(t + n); }`;
  const written = writeMutants({ path: 'assembly/x/y.ts', text }, mutants, assemblySwitched);
  expect(written).toContain('return elementOf(1, <u32>(t + n - t), load<u8>(');
  expect(mutants.map(placeOf)).toEqual([
    'assembly/x/y.ts:2:3: A -> another element',
    'assembly/x/y.ts:2:6: 2 -> another element',
    'assembly/x/y.ts:4:36: t + n -> (t) - (n)',
  ]);
  const rest = '2, ]); function f(): u8 { return load<u8>(t + n); }';
  expect(mutants.map(({ context }) => context)).toEqual([`A, ${rest}`, rest, 't + n); }']);
});

test('outside of functions nothing is changed', () => {
  const text = 'const limit = 5;\nclass C { size: u32 = 1 + 2; }\n';
  expect(writeMutants({ path: 'assembly/x/y.ts', text }, [], assemblySwitched)).toBe(text);
});

describe('tests without vitest', () => {
  test('are run alone, with what is to be done before and after', async () => {
    const log: string[] = [];
    const tests = await collectTests(async () => {
      await Promise.resolve();
      prepare(() => void log.push('before'));
      suite.each([['a'], ['b']])('of %s', (name) => {
        conclude(() => void log.push(`end of ${name}`));
        define.each([1, 2])('%s', (number) => void log.push(`${name}${number}`));
      });
      define('last', () => void log.push('last'));
    });
    expect(tests).toHaveLength(5);
    await tests[0]!.run();
    await tests[4]!.run();
    expect(log).toEqual(['before', 'last', 'before', 'b2', 'end of b']);
  });

  test('fail as they do with it', async () => {
    const { expect: own } = await import('../../tools/mutants/testing.ts');
    const [one] = await collectTests(() => {
      define('wrong', () => void own(1).equal(2));
      return Promise.resolve();
    });
    await expect(one!.run()).rejects.toThrow();
  });
});

describe('what is told', () => {
  const at = (line: number): Mutant => ({
    path: 'host/a.ts',
    line,
    column: 1,
    change: `${line}`,
    context: 'x',
  });
  const results = [
    { mutant: at(1), killer: 'a test' },
    { mutant: at(2), killer: null },
    { mutant: at(3), killer: null },
  ];
  const proof = { path: 'host/a.ts', context: 'x', change: '3', why: 'it is' };

  test('who survives, and the share of those that can be killed', () => {
    const { total, survivors, problems } = summarise(results, [proof], true);
    expect(survivors.map(placeOf)).toEqual(['host/a.ts:2:1: 2']);
    expect([total.mutants, total.killed, total.equivalent, scoreOf(total)]).toEqual([3, 1, 1, 50]);
    expect(problems).toEqual([]);
    expect(isAbout(proof, at(3))).toBe(true);
  });

  test('a proof that does not hold, or is about nothing', () => {
    const wrong = [
      { ...proof, change: '1' },
      { ...proof, change: '4' },
    ];
    expect(summarise(results, wrong, true).problems).toEqual([
      'host/a.ts:1:1: 1 is killed, by a test',
      'host/a.ts: 4 is there no more: take it off the list',
    ]);
    expect(summarise(results, wrong, false).problems).toHaveLength(1);
  });
});
