// What a run says to people: the share of each file's mutants that were killed, every one that was
// not, and what was asked of nobody.

import { isAbout, type Equivalent } from './equivalent.js';
import type { Mutant } from './schemata.js';

/** A mutant that was asked. */
export interface Result {
  readonly mutant: Mutant;
  /** The check that failed; null if none did. */
  readonly killer: string | null;
}

export interface Count {
  readonly name: string;
  readonly mutants: number;
  readonly killed: number;
  /** Those that no test can kill are no part of the score. */
  readonly equivalent: number;
}

export interface Summary {
  /** Of each file, by path. */
  readonly files: readonly Count[];
  readonly total: Count;
  /** Who survived without a proof. */
  readonly survivors: readonly Mutant[];
  /** What is wrong with the list of equivalents. */
  readonly problems: readonly string[];
}

/** `isWhole`: all mutants were asked, so that every proof must be about one. */
export function summarise(
  results: readonly Result[],
  equivalents: readonly Equivalent[],
  isWhole: boolean,
): Summary {
  const isExcused = ({ mutant }: Result): boolean =>
    equivalents.some((entry) => isAbout(entry, mutant));
  const countOf = (name: string, own: readonly Result[]): Count => ({
    name,
    mutants: own.length,
    killed: own.filter(({ killer }) => killer !== null).length,
    equivalent: own.filter((result) => result.killer === null && isExcused(result)).length,
  });
  const paths = [...new Set(results.map(({ mutant }) => mutant.path))].toSorted();
  const survived = results.filter(({ killer }) => killer === null);
  return {
    files: paths.map((path) =>
      countOf(
        path,
        results.filter(({ mutant }) => mutant.path === path),
      ),
    ),
    total: countOf('all', results),
    survivors: survived.filter((result) => !isExcused(result)).map(({ mutant }) => mutant),
    problems: equivalents.flatMap((entry) => findWrong(entry, results, isWhole)),
  };
}

function findWrong(entry: Equivalent, results: readonly Result[], isWhole: boolean): string[] {
  const about = results.filter(({ mutant }) => isAbout(entry, mutant));
  const name = `${entry.path}: ${entry.change}`;
  if (about.length === 0) return isWhole ? [`${name} is there no more: take it off the list`] : [];
  const killed = about.filter(({ killer }) => killer !== null);
  return killed.map(({ mutant, killer }) => `${placeOf(mutant)} is killed, by ${killer}`);
}

/** `file:line:column: what was changed`. */
export function placeOf({ path, line, column, change }: Mutant): string {
  return `${path}:${line}:${column}: ${change}`;
}

/** Killed of those that can be, from 0 to 100. */
export function scoreOf({ mutants, killed, equivalent }: Count): number {
  const mortal = mutants - equivalent;
  return mortal === 0 ? 100 : (100 * killed) / mortal;
}

export function rowOf(count: Count): string[] {
  const { name, mutants, killed, equivalent } = count;
  const survived = mutants - killed - equivalent;
  const score = `${scoreOf(count).toFixed(1)} %`;
  return [name, ...[mutants, killed, equivalent, survived].map(String), score];
}
