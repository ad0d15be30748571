// Everything that mutants are asked of, one process for all: the repository's tests, and runs of
// the fuzz targets. The working directory is a tree that `tree.ts` has made.

import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { collectTests } from './testing.js';

/** Something that holds as long as nothing is wrong. */
export interface Check {
  /** Nobody else has it, and it is the same in every process. */
  readonly name: string;
  /** Rejects when something is wrong. */
  readonly run: () => Promise<void>;
}

/** Folders of tests that load the dataplane and the host into this process. */
const folders = ['abi', 'assembly', 'golden', 'host', 'property', 'scenario', 'subject'];
/** What these start are other processes or modules, without mutants; or they read long captures. */
const elsewhere =
  /^test\/(host\/cli|golden\/(blocks|reload|shards)|property\/guided|subject\/(foreign|pipe))/;

/** Each of so many checks of a target makes runs of its own. */
const checksOfTarget = 10;
/** What is rare in targets that go deep takes more. */
const checksOfDeepTargets: Readonly<Record<string, number>> = { conversation: 60, fragments: 30 };
const runsOfCheck = 3;

/** The checks of a test file; what cannot be loaded has none. */
export async function loadChecks(file: string, isAgain = ''): Promise<Check[]> {
  const tests = await collectTests(() => {
    return import(`${pathToFileURL(resolve(file.replace(/\.ts$/, '.js')))}${isAgain}`);
  });
  // A failure is not made smaller, and seeds are those of no day.
  const { seed = 1 } = fc.readConfigureGlobal();
  fc.configureGlobal({ seed, endOnFailure: true });
  return tests.map(({ name, run }, number) => ({ name: `${file} ${number}: ${name}`, run }));
}

export function listTestFiles(): string[] {
  const listed = folders.flatMap((folder) =>
    readdirSync(join('test', folder), { recursive: true }).map((name) => `test/${folder}/${name}`),
  );
  return listed.filter((name) => name.endsWith('.test.ts') && !elsewhere.test(name)).toSorted();
}

interface Target {
  readonly name: string;
  property(): fc.IRawProperty<unknown, true>;
}

/** The fuzz targets, each in a few checks. */
export async function loadFuzzChecks(): Promise<Check[]> {
  const module = pathToFileURL(resolve('fuzz/targets/targets.js')).href;
  const { targets } = (await import(module)) as { targets: readonly Target[] };
  const usual = targets.filter(({ name }) => name !== 'canary');
  return usual.flatMap((target) => {
    const length = checksOfDeepTargets[target.name] ?? checksOfTarget;
    return Array.from({ length }, (_, index) => ({
      name: `fuzz ${target.name}, seed ${index + 1}`,
      run: () => makeRuns(target, index + 1),
    }));
  });
}

async function makeRuns(target: Target, seed: number): Promise<void> {
  const details = await fc.check(target.property(), {
    seed,
    numRuns: runsOfCheck,
    endOnFailure: true,
  });
  if (details.failed) throw new Error(`${target.name} fails`);
}
