// Stands for vitest where tests run without it: the same tests, collected once and run as often as
// there are mutants. As much of vitest's interface as the repository's tests use.

import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import * as fc from 'fast-check';

type Step = (...values: never[]) => unknown;

/** A test, as it stands in its file. */
export interface CollectedTest {
  readonly name: string;
  /** Runs it with all that is to be done before and after; rejects when it fails. */
  readonly run: () => Promise<void>;
}

/** What stands in one `describe`, or in a file outside of any. */
class Suite {
  readonly tests: { readonly name: string; readonly step: Step }[] = [];
  readonly suites: { readonly suite: Suite; readonly fill: Step }[] = [];
  readonly beforeAll: Step[] = [];
  readonly beforeEach: Step[] = [];
  readonly afterEach: Step[] = [];
  readonly afterAll: Step[] = [];
}

let current = new Suite();

/** The tests that `load` defines, in the order of the text. */
export async function collectTests(load: () => Promise<unknown>): Promise<CollectedTest[]> {
  const file = (current = new Suite());
  await load();
  return await listTests(file, []);
}

async function listTests(suite: Suite, around: readonly Suite[]): Promise<CollectedTest[]> {
  const suites = [...around, suite];
  const listed = suite.tests.map(({ name, step }): CollectedTest => {
    return { name, run: () => runTest(step, suites) };
  });
  for (const { suite: inner, fill } of suite.suites) {
    current = inner;
    await fill();
    listed.push(...(await listTests(inner, suites)));
  }
  return listed;
}

/** What is done before all tests of a suite is done before each: none sees what another did. */
async function runTest(step: Step, suites: readonly Suite[]): Promise<void> {
  for (const { beforeAll: steps } of suites) await runSteps(steps);
  for (const { beforeEach: steps } of suites) await runSteps(steps);
  try {
    await step();
  } finally {
    for (const { afterEach: steps } of suites.toReversed()) await runSteps(steps);
    for (const { afterAll: steps } of suites.toReversed()) await runSteps(steps);
  }
}

async function runSteps(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await step();
}

type Definition = (name: string, ...more: unknown[]) => void;

function withVariants(define: Definition) {
  const each = (rows: readonly unknown[]) => (name: string, step: Step) => {
    for (const [number, row] of rows.entries()) {
      const values = (Array.isArray(row) ? row : [row]) as never[];
      define(`${name} (${number})`, () => step(...values));
    }
  };
  const skip = (): void => {};
  const skipIf = (isSkipped: unknown) => (isSkipped ? skip : define);
  return Object.assign(define, { each, skip, skipIf });
}

function stepOf(more: readonly unknown[]): Step {
  return more.find((value): value is Step => typeof value === 'function')!;
}

export const test = withVariants((name, ...more) => {
  current.tests.push({ name, step: stepOf(more) });
});
export const it = test;
export const describe = withVariants((_, ...more) => {
  current.suites.push({ suite: new Suite(), fill: stepOf(more) });
});

export const beforeAll = (step: Step): void => void current.beforeAll.push(step);
export const beforeEach = (step: Step): void => void current.beforeEach.push(step);
export const afterEach = (step: Step): void => void current.afterEach.push(step);
export const afterAll = (step: Step): void => void current.afterAll.push(step);

/** As @fast-check/vitest has it. */
export const propertyTest = Object.assign(test, {
  prop: (arbitraries: readonly fc.Arbitrary<unknown>[] | Record<string, fc.Arbitrary<unknown>>) => {
    const given = Array.isArray(arbitraries)
      ? fc.tuple(...arbitraries)
      : fc.record(arbitraries as Record<string, fc.Arbitrary<unknown>>).map((one) => [one]);
    return (name: string, step: Step) => {
      const property = fc.asyncProperty(given, async (values) => {
        await step(...(values as never[]));
      });
      test(name, () => fc.assert(property));
    };
  },
});

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
const matchers = (globalThis as Record<symbol, unknown>)[ASYMMETRIC_MATCHERS_OBJECT];
export const expect = Object.assign(
  (value: unknown, message?: string) => chai.expect(value, message),
  chai.expect,
  matchers,
);
setState({ assertionCalls: 0 }, expect as never);
