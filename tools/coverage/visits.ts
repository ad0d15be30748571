// What running modules with counters visited, put together: of many instances, however short they
// live.

/** An instance, as far as its memory matters. */
export interface Counted {
  readonly exports: WebAssembly.Exports;
}

/** So many of the newest instances are kept alive until their counters are read. */
const keptInstances = 64;

/** Adds up the visits of instances. */
export class Visits {
  readonly #mark: Uint8Array;
  readonly #visited: Uint8Array;
  #newest: Counted[] = [];
  /** Read once, and once more at the end if somebody still uses them. */
  #older: WeakRef<Counted>[] = [];

  /** `mark` is what stands in memory before the counters, one byte for each point. */
  constructor(mark: string, points: number) {
    this.#mark = new TextEncoder().encode(mark);
    this.#visited = new Uint8Array(points);
  }

  /** From now on the visits of an instance count; of other modules there are none. */
  watch(instance: Counted): void {
    this.#newest.push(instance);
    if (this.#newest.length <= keptInstances) return;
    const oldest = this.#newest.shift()!;
    this.#add(oldest);
    this.#older.push(new WeakRef(oldest));
  }

  /** A byte for each point, 1 where an instance visited it. */
  read(): Uint8Array {
    for (const older of this.#older) {
      const instance = older.deref();
      if (instance !== undefined) this.#add(instance);
    }
    for (const instance of this.#newest) this.#add(instance);
    return this.#visited.slice();
  }

  #add({ exports: { memory } }: Counted): void {
    if (!(memory instanceof WebAssembly.Memory)) return;
    const bytes = Buffer.from(memory.buffer);
    const at = bytes.indexOf(this.#mark);
    if (at < 0) return;
    const counters = bytes.subarray(at + this.#mark.length);
    for (const point of this.#visited.keys()) {
      if (counters[point] !== 0) this.#visited[point] = 1;
    }
  }
}

/** Marks in `all` what is marked in `more`. */
export function addVisited(all: Uint8Array, more: Uint8Array): void {
  for (const [point, isVisited] of more.entries()) if (isVisited !== 0) all[point] = 1;
}
