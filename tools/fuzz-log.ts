// Reads what `podplane fuzz` prints: how many runs each target made, and what it found.

export interface FuzzLog {
  /** By target, as far as targets were through. */
  readonly runs: ReadonlyMap<string, number>;
  /** Each as it was told, with the command that repeats it. */
  readonly failures: readonly string[];
}

/** A target that is through: `frame: 12,345 runs, holds`, and what may stand between. */
const through = /^(\S+): (\d+) runs\b.*, (?:holds|FAILED)$/;
const repeated = /^repeat it with: /;

export function readFuzzLog(text: string): FuzzLog {
  const runs = new Map<string, number>();
  const failures: string[] = [];
  let told: string[] = [];
  for (const line of text.split('\n')) {
    const [, target, count] = through.exec(line) ?? [];
    told = target === undefined ? [...told, line] : [line];
    if (target !== undefined) runs.set(target, (runs.get(target) ?? 0) + Number(count));
    if (!repeated.test(line)) continue;
    failures.push(told.join('\n'));
    told = [];
  }
  return { runs, failures };
}
