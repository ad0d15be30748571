// Plants each of the faults of policy in a copy of the repository and asks the tests of policy:
// prints which test caught it, and ends with exit code 1 if one survived. Parameters: texts, one
// of which the file or the line of a fault must contain; all faults unless given.

import type { Fault } from './fault.js';
import { FaultyCopy } from './faulty-copy.js';
import { policyFaults } from './policy-faults.js';

/** Those that are quick and catch much come first: the rest is asked about survivors only. */
const testGroups: readonly (readonly string[])[] = [
  ['test/property/policy.test.ts'],
  ['test/scenario/rules', '-t', 'P[0-9]|A[0-9]'],
  [
    'test/host/compile',
    'test/host/cluster',
    'test/property/model-policies.test.ts',
    'test/host/kubernetes-policy-problems.test.ts',
    'test/host/kubernetes-tier-policies.test.ts',
    'test/assembly/policy-arguments.test.ts',
    'test/assembly/port-sets.test.ts',
  ],
];

interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const words = process.argv.slice(2);
const copy = new FaultyCopy();
try {
  process.exitCode = await plantAll();
} finally {
  copy.remove();
}

async function plantAll(): Promise<number> {
  const known = askTests();
  if (known !== null) throw new Error(`without a fault the tests fail already: ${known}`);
  const faults = policyFaults.filter(isWanted);
  let survivors = 0;
  for (const [index, fault] of faults.entries()) {
    const by = await copy.with(fault, askTests);
    if (by === null) survivors += 1;
    const outcome = by === null ? 'SURVIVED' : `caught by ${by}`;
    console.log(`${index + 1} ${fault.file}: ${fault.right}\n    ${outcome}`);
  }
  console.log(`${faults.length - survivors} of ${faults.length} caught`);
  return survivors === 0 ? 0 : 1;
}

function isWanted({ file, right }: Fault): boolean {
  return words.length === 0 || words.some((word) => `${file} ${right}`.includes(word));
}

/** The first test that fails, or null. */
function askTests(): string | null {
  for (const group of testGroups) {
    const asked = copy.run([
      'node_modules/vitest/vitest.mjs',
      'run',
      '--bail=1',
      '--reporter=json',
      ...group,
    ]);
    if (asked.status === 0) continue;
    return firstFailure(asked.stdout) ?? group[0]!;
  }
  return null;
}

function firstFailure(output: string): string | null {
  if (!output.includes('{')) return null;
  const report = JSON.parse(output.slice(output.indexOf('{'))) as TestReport;
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return tests.find(({ status }) => status === 'failed')?.fullName.trim() ?? null;
}
