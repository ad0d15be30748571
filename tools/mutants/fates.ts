// What became of mutants in earlier runs, kept beside what was built of them, so that a run that
// was ended goes on, and shards add up. Sources that change bring new mutants, and forget those of
// theirs that were.

import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Of each mutant, as `placeOf` names it, the check that killed it; null if none did. */
export type Fates = Map<string, string | null>;

export function readFates(folder: string): Fates {
  const file = fileIn(folder);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  return new Map(lines.map((line) => JSON.parse(line) as [string, string | null]));
}

export function addFate(folder: string, place: string, killer: string | null): void {
  appendFileSync(fileIn(folder), `${JSON.stringify([place, killer])}\n`);
}

export function forgetFates(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

function fileIn(folder: string): string {
  return join(folder, 'fates.jsonl');
}
