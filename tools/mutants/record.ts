// First pass: every check on sources that run as they are and say which mutants would have made a
// difference. Checks that fail here, or a second time, are asked nothing.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listTestFiles, loadChecks, loadFuzzChecks, type Check } from './battery.js';
import { hashFolders } from './stamp.js';
import type { MutantSwitch } from './switch.js';

/** What a check can tell. */
export interface Recorded {
  readonly name: string;
  readonly milliseconds: number;
  /** Mutants that would have made a difference in it. */
  readonly noted: readonly number[];
}

/** What was recorded of a test file, or of the fuzz targets. */
export interface Recording {
  /** Of all that its checks are made of. */
  readonly stamp: string;
  readonly checks: readonly Recorded[];
  /** Checks that are asked nothing, each with the reason. */
  readonly unusable: readonly string[];
}

/** By test file, or `fuzz`. */
export type Recordings = Readonly<Record<string, Recording>>;

/** Longer than this no check takes that mutants are asked of. */
const longestMs = 5000;
/** Up to this a check is made twice, to see that it can be. */
const shortMs = 300;

export const fuzz = 'fuzz';

/** Checks by test file, in an order that is always the same. */
export async function loadBattery(file: string): Promise<Check[]> {
  return file === fuzz ? await loadFuzzChecks() : await loadChecks(file);
}

/** Records what has changed since `recordFile` was written, and writes it. */
export async function record(mutants: MutantSwitch, recordFile: string): Promise<void> {
  const known = existsSync(recordFile) ? readRecordings(recordFile) : {};
  const recordings: Record<string, Recording> = {};
  const sources = hashFolders(['host', 'fuzz']);
  for (const file of [...listTestFiles(), fuzz]) {
    const stamp = sources + (await stampOf(file));
    const before = known[file];
    recordings[file] = before?.stamp === stamp ? before : await recordFileOf(mutants, file, stamp);
    // At once, so that a run that is ended goes on.
    writeFileSync(recordFile, JSON.stringify({ ...known, ...recordings }));
  }
  writeFileSync(recordFile, JSON.stringify(recordings));
}

/** What the checks of a file are made of, beside the sources. */
async function stampOf(file: string): Promise<string> {
  if (file !== fuzz) return hashFolders([dirname(file)]);
  return `${(await loadFuzzChecks()).length}`;
}

export function readRecordings(recordFile: string): Recordings {
  return JSON.parse(readFileSync(recordFile, 'utf8')) as Recordings;
}

async function recordFileOf(
  mutants: MutantSwitch,
  file: string,
  stamp: string,
): Promise<Recording> {
  const startedAt = performance.now();
  const unusable: string[] = [];
  const checks: Recorded[] = [];
  try {
    mutants.load();
    for (const check of await loadBattery(file)) {
      try {
        const recorded = await recordCheck(mutants, check);
        if (recorded.noted.length > 0) checks.push(recorded);
      } catch (error) {
        unusable.push(`${check.name}: ${messageOf(error)}`);
      }
    }
  } catch (error) {
    unusable.push(`${file}: ${messageOf(error)}`);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.error(`recorded in ${seconds} s: ${file}, ${checks.length} checks`);
  return { stamp, checks, unusable };
}

async function recordCheck(mutants: MutantSwitch, { name, run }: Check): Promise<Recorded> {
  mutants.activate(0);
  const startedAt = performance.now();
  await run();
  const milliseconds = performance.now() - startedAt;
  const noted = [...mutants.readNoted()];
  if (milliseconds > longestMs) throw new Error(`takes ${Math.round(milliseconds)} ms`);
  if (milliseconds < shortMs && noted.length > 0) await run();
  await setImmediate();
  return { name, milliseconds, noted };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
