// Which runs of a target belong together: a target takes its runs in portions, so that targets can
// take turns, and processes that share a seed each make every n-th portion. Runs are numbered
// through all of them, so that a run has one number whoever makes it.

/** One of `count` processes that share the runs of a seed: the `index`-th, from 1. */
interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Consecutive runs. */
export interface Portion {
  /** Number of the first one, from 0. */
  readonly first: number;
  readonly runs: number;
}

/** Finding the first run of a portion takes time in proportion to its number: not too small. */
const mostRuns = 256;

/**
 * The portions of a shard, small ones first so that every target has its turn soon. `runs`: of all
 * shards together.
 */
export function* portionsOf({ index, count }: Shard, runs: number): Generator<Portion, void> {
  let start = 0;
  for (let size = 1; start < runs; size = Math.min(2 * size, mostRuns)) {
    const first = start + (index - 1) * size;
    if (first < runs) yield { first, runs: Math.min(size, runs - first) };
    start += count * size;
  }
}

/** Reads `i/n`; throws RangeError. */
export function parseShard(text: string): Shard {
  const [, index = 0, count = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index >= 1 && index <= count) return { index, count };
  throw new RangeError(`there is no shard "${text}"; expected i/n with i from 1 to n, like 2/4`);
}
