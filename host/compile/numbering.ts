// Numbers for names: the same name keeps its number from one compilation to the next, so that an
// unrelated change leaves an entry as it is, byte for byte. Knows nothing of what the names stand
// for.

import { PortNumber } from '../abi/abi.gen.ts';
import { PersistentMap, type MapChange } from './persistent-map.ts';

/**
 * First number of each space; smaller ones mean something by themselves (no service, ports `host`
 * and `uplink`).
 */
const firstNumbers = {
  ports: PortNumber.Uplink + 1,
  services: 1,
  identities: 1,
  rulesets: 1,
  selectors: 1,
  'port-sets': 1,
  'port-names': 1,
  'named-ports': 1,
};

export type NumberSpace = keyof typeof firstNumbers;

/**
 * So many numbers of Services rest after they were released, besides those of the last compilation.
 * Connections outlive Services, and go by their numbers: it takes a while until one is another's.
 */
export const restingServiceNumbers = 1024;

/** The names of one space. */
interface NumberedNames {
  readonly numbers: PersistentMap<string, number>;
  /** Numbers below `next` that nobody has, in the order in which they were released. */
  readonly free: readonly number[];
  readonly next: number;
}

/** The numbers given out by one compilation: input of the next. */
export type Numbering = Readonly<Partial<Record<NumberSpace, NumberedNames>>>;

/** Nothing has been numbered yet. */
export const emptyNumbering: Numbering = {};

/** All names of a space, with their numbers. */
export function listNumbered(
  numbering: Numbering,
  space: NumberSpace,
): Iterable<readonly [name: string, number: number]> {
  return numbering[space]?.numbers ?? [];
}

/** Numbers under construction. The numbering it starts from is not changed. */
export class NumberingDraft {
  readonly #spaces = new Map<NumberSpace, SpaceDraft>();
  readonly #previous: Numbering;

  constructor(previous: Numbering) {
    this.#previous = previous;
  }

  /**
   * The number of a name: the one it had, else the one that was released longest ago, unless it
   * still rests. Numbers that are released stay unused until the compilation after this one.
   */
  numberOf(space: NumberSpace, name: string): number {
    return this.#draft(space).numberOf(name);
  }

  /** The name is not used any more. */
  release(space: NumberSpace, name: string): void {
    this.#draft(space).release(name);
  }

  /** From here on every name in use is asked for again; those that are not are released. */
  askAgain(space: NumberSpace): void {
    this.#draft(space).askAgain();
  }

  finish(): Numbering {
    const drafted = [...this.#spaces].map(([space, draft]) => [space, draft.finish()]);
    return { ...this.#previous, ...(Object.fromEntries(drafted) as Numbering) };
  }

  #draft(space: NumberSpace): SpaceDraft {
    let draft = this.#spaces.get(space);
    if (draft === undefined) {
      const unused = { numbers: PersistentMap.of<string, number>(), free: [] };
      draft = new SpaceDraft(
        this.#previous[space] ?? { ...unused, next: firstNumbers[space] },
        space === 'services' ? restingServiceNumbers : 0,
      );
      this.#spaces.set(space, draft);
    }
    return draft;
  }
}

class SpaceDraft {
  readonly #previous: NumberedNames;
  /** Free numbers that do not rest. */
  readonly #usable: readonly number[];
  readonly #given = new Map<string, number>();
  readonly #released = new Set<string>();
  #asked: Set<string> | null = null;
  #taken = 0;
  #next: number;

  constructor(previous: NumberedNames, resting: number) {
    this.#previous = previous;
    this.#usable = previous.free.slice(0, Math.max(0, previous.free.length - resting));
    this.#next = previous.next;
  }

  askAgain(): void {
    this.#asked = new Set();
  }

  numberOf(name: string): number {
    this.#asked?.add(name);
    this.#released.delete(name);
    let number = this.#previous.numbers.get(name) ?? this.#given.get(name);
    if (number === undefined) {
      number = this.#usable[this.#taken++] ?? this.#next++;
      this.#given.set(name, number);
    }
    return number;
  }

  release(name: string): void {
    if (this.#previous.numbers.has(name)) this.#released.add(name);
  }

  finish(): NumberedNames {
    const { numbers, free } = this.#previous;
    if (this.#asked !== null) {
      for (const name of numbers.keys()) if (!this.#asked.has(name)) this.#released.add(name);
    }
    const released = [...this.#released];
    const gone = released.map((name): MapChange<string, number> => [name, undefined]);
    const returned = released.map((name) => numbers.get(name)!).sort((a, b) => a - b);
    return {
      numbers: numbers.with([...gone, ...this.#given]),
      free: [...free.slice(Math.min(this.#taken, this.#usable.length)), ...returned],
      next: this.#next,
    };
  }
}
