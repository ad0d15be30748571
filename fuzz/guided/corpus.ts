// The inputs worth changing: for each counter and each order of magnitude of its visits the
// shortest input that brought it there. What is the shortest for nothing any more is dropped.

interface Entry {
  readonly input: Uint8Array;
  /** For how many buckets it is the shortest. */
  buckets: number;
}

/** Visits of a point differ where these do: once, twice, three times, a few, many. */
const bucketsOfPoint = 8;
const bucketOf = Uint8Array.from({ length: 256 }, (_, visits) => {
  if (visits < 4) return Math.max(visits - 1, 0);
  return Math.min(Math.floor(Math.log2(visits)) + 1, bucketsOfPoint - 1);
});

export class Corpus {
  readonly #entries: Entry[] = [];
  readonly #shortest = new Map<number, Entry>();
  readonly #reached = new Set<number>();

  /** Inputs that it holds. */
  get size(): number {
    return this.#entries.length;
  }

  /** Points that an input visited. */
  get reached(): number {
    return this.#reached.size;
  }

  get inputs(): Uint8Array[] {
    return this.#entries.map(({ input }) => input);
  }

  /** Keeps an input that is the first, or the shortest, in a bucket; says whether it is. */
  add(input: Uint8Array, counters: Uint8Array): boolean {
    const won = this.#listWon(input.length, counters);
    if (won.length === 0) return false;
    const entry = { input, buckets: won.length };
    for (const bucket of won) {
      const loser = this.#shortest.get(bucket);
      this.#shortest.set(bucket, entry);
      this.#reached.add(Math.floor(bucket / bucketsOfPoint));
      if (loser !== undefined) this.#release(loser);
    }
    this.#entries.push(entry);
    return true;
  }

  /** One of the inputs; an empty one while there is none. */
  pick(random: (bound: number) => number): Uint8Array {
    return this.#entries[random(this.#entries.length)]?.input ?? new Uint8Array();
  }

  #listWon(lengthBytes: number, counters: Uint8Array): number[] {
    const won: number[] = [];
    for (let point = 0; point < counters.length; point++) {
      const visits = counters[point]!;
      if (visits === 0) continue;
      const bucket = point * bucketsOfPoint + bucketOf[visits]!;
      const known = this.#shortest.get(bucket);
      if (known === undefined || known.input.length > lengthBytes) won.push(bucket);
    }
    return won;
  }

  #release(entry: Entry): void {
    entry.buckets -= 1;
    if (entry.buckets === 0) this.#entries.splice(this.#entries.indexOf(entry), 1);
  }
}
