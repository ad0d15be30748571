// Numbers for names: the same name keeps its number from one compilation to the next, so that an
// unrelated change leaves an entry as it is, byte for byte. Knows nothing of what the names stand
// for.

import { PortClassNumber, PortNumber } from '../abi/abi.gen.ts';

/**
 * First number of each space; smaller ones mean something by themselves (no service, ports `host`
 * and `uplink`).
 */
const firstNumbers = {
  ports: PortNumber.Uplink + 1,
  services: 1,
  identities: 1,
  blocks: 1,
  'port-classes': PortClassNumber.NoPort + 1,
  'port-sets': 1,
};

export type NumberSpace = keyof typeof firstNumbers;

/** The numbers given out by one compilation: input of the next. */
export type Numbering = Readonly<Partial<Record<NumberSpace, ReadonlyMap<string, number>>>>;

/** Nothing has been numbered yet. */
export const emptyNumbering: Numbering = {};

/** Numbers under construction. The numbering it starts from is not changed. */
export class NumberingDraft {
  readonly #spaces = new Map<NumberSpace, SpaceDraft>();
  readonly #previous: Numbering;

  constructor(previous: Numbering) {
    this.#previous = previous;
  }

  /**
   * The number of a name: the one it had, else the lowest that was free before this compilation and
   * still is. Numbers of names that vanish stay unused until the compilation after this one.
   */
  numberOf(space: NumberSpace, name: string): number {
    let draft = this.#spaces.get(space);
    if (draft === undefined) {
      draft = new SpaceDraft(this.#previous[space] ?? new Map(), firstNumbers[space]);
      this.#spaces.set(space, draft);
    }
    return draft.numberOf(name);
  }

  /** The numbers of all names that were asked for. */
  finish(): Numbering {
    return Object.fromEntries([...this.#spaces].map(([space, draft]) => [space, draft.current]));
  }
}

class SpaceDraft {
  readonly current = new Map<string, number>();
  readonly #previous: ReadonlyMap<string, number>;
  readonly #reserved: ReadonlySet<number>;
  #nextFree: number;

  constructor(previous: ReadonlyMap<string, number>, first: number) {
    this.#previous = previous;
    this.#reserved = new Set(previous.values());
    this.#nextFree = first;
  }

  numberOf(name: string): number {
    let number = this.current.get(name) ?? this.#previous.get(name);
    if (number === undefined) {
      while (this.#reserved.has(this.#nextFree)) this.#nextFree++;
      number = this.#nextFree++;
    }
    this.current.set(name, number);
    return number;
  }
}
