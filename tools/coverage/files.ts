// Where a coverage run keeps what it needs, from the root of the repository.

import { readFileSync } from 'node:fs';
import type { Point } from './instrument.ts';

export const countedWasm = 'build/counted.wasm';
export const countedPoints = 'build/counted.json';
/** A file for each process that ran tests. */
export const visitedFolder = 'build/visited';

/** What `countedPoints` holds. */
export interface CountedPoints {
  /** Stands in memory before the counters. */
  readonly mark: string;
  readonly points: readonly Point[];
}

/** Relative to the working directory, which is the root. */
export function readCountedPoints(): CountedPoints {
  return JSON.parse(readFileSync(countedPoints, 'utf8')) as CountedPoints;
}
