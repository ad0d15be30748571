// Plants each of the faults of policy in a copy of the repository and asks the tests of policy:
// prints which test caught it, and ends with exit code 1 if one survived. Parameters: texts, one
// of which the file or the line of a fault must contain; all faults unless given.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyFaults, type Fault } from './policy-faults.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

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
  ],
];

interface TestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const words = process.argv.slice(2);
const copy = mkdtempSync(join(tmpdir(), 'podplane-faults-'));
try {
  process.exitCode = plantAll();
} finally {
  rmSync(copy, { recursive: true });
}

function plantAll(): number {
  copyRepository();
  const known = askTests();
  if (known !== null) throw new Error(`without a fault the tests fail already: ${known}`);
  const faults = policyFaults.filter(isWanted);
  const survivors = faults.filter((fault, index) => {
    const by = plant(fault);
    const outcome = by === null ? 'SURVIVED' : `caught by ${by}`;
    console.log(`${index + 1} ${fault.file}: ${fault.right}\n    ${outcome}`);
    return by === null;
  });
  console.log(`${faults.length - survivors.length} of ${faults.length} caught`);
  return survivors.length === 0 ? 0 : 1;
}

function isWanted({ file, right }: Fault): boolean {
  return words.length === 0 || words.some((word) => `${file} ${right}`.includes(word));
}

/** What git knows of, and what was built of it. */
function copyRepository(): void {
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root });
  const paths = listed.stdout.toString().split('\0').filter(Boolean);
  for (const path of [...paths, 'build', 'dist', 'host/dataplane/module.gen.ts']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
}

/** The first test that notices the fault, or null. The copy is as before afterwards. */
function plant({ file, right, wrong }: Fault): string | null {
  const path = join(copy, file);
  const sound = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    sound.replace(right, () => wrong),
  );
  const isAssembly = file.startsWith('assembly/');
  try {
    if (isAssembly) buildModule(file);
    return askTests();
  } finally {
    writeFileSync(path, sound);
    if (isAssembly) buildModule(file);
  }
}

function buildModule(file: string): void {
  const compiler = 'node_modules/assemblyscript/bin/asc.js';
  const built = run([compiler, '--config', 'asconfig.json', '--target', 'release']);
  const embedded = run(['build/tools/embed.js']);
  if (built.status !== 0 || embedded.status !== 0) {
    throw new Error(`with its fault ${file} does not compile: ${built.stderr}`);
  }
}

/** The first test that fails, or null. */
function askTests(): string | null {
  for (const group of testGroups) {
    const asked = run([
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

function run(parameters: readonly string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}
