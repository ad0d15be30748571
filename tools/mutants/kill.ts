// Second pass: each mutant is asked of the checks in which it would have made a difference, the
// likeliest and cheapest first, until one of them fails.

import { loadChecks, type Check } from './battery.js';
import type { Recorded } from './record.js';
import type { MutantSwitch } from './switch.js';

/** What became of a mutant. */
export interface Fate {
  readonly number: number;
  /** The check that failed; null if none did. */
  readonly killer: string | null;
}

/** A check, and what it came to so far. */
interface Asked {
  check: Check;
  readonly recorded: Recorded;
  asked: number;
  kills: number;
}

export class Killer {
  readonly #mutants: MutantSwitch;
  readonly #patienceMs: number;
  readonly #asked = new Map<number, Asked[]>();
  /** Of each source the checks that killed mutants of it, the latest first. */
  readonly #latest = new Map<string, Asked[]>();
  #reloads = 0;

  /** Checks that took longer than `patienceMs` together, as recorded, are not asked about one mutant. */
  constructor(mutants: MutantSwitch, patienceMs: number) {
    this.#mutants = mutants;
    this.#patienceMs = patienceMs;
  }

  /** Adds the checks of a file, and what was recorded of them. */
  add(checks: readonly Check[], recorded: readonly Recorded[]): void {
    const byName = new Map(checks.map((check) => [check.name, check]));
    for (const one of recorded) {
      const entry: Asked = { check: byName.get(one.name)!, recorded: one, asked: 0, kills: 0 };
      for (const number of one.noted) {
        const others = this.#asked.get(number) ?? [];
        others.push(entry);
        this.#asked.set(number, others);
      }
    }
  }

  /** Asks a mutant of a source of every check that can tell. */
  async kill(number: number, path: string): Promise<Fate> {
    const latest = this.#latest.get(path) ?? [];
    const able = this.#asked.get(number) ?? [];
    const first = latest.filter((one) => able.includes(one));
    const others = able.filter((one) => !first.includes(one));
    const ordered = [...first, ...takeTurns(others)];
    let spentMs = 0;
    for (const one of ordered) {
      spentMs += one.recorded.milliseconds;
      if (spentMs > this.#patienceMs) break;
      one.asked += 1;
      if (!(await this.#fails(one, number))) continue;
      one.kills += 1;
      this.#latest.set(path, [one, ...latest.filter((other) => other !== one)].slice(0, 8));
      return { number, killer: one.check.name };
    }
    return { number, killer: null };
  }

  /** It fails with the mutant, and holds without it. */
  async #fails(one: Asked, number: number): Promise<boolean> {
    if (await this.#holds(one.check, number)) return false;
    if (await this.#holds(one.check, 0)) return true;
    // The mutant left something behind: the test file begins anew.
    await this.#reload(one);
    if (await this.#holds(one.check, number)) return false;
    await this.#reload(one);
    return await this.#holds(one.check, 0);
  }

  async #holds(check: Check, number: number): Promise<boolean> {
    this.#mutants.activate(number);
    try {
      await check.run();
      return true;
    } catch {
      return false;
    } finally {
      this.#mutants.activate(0);
    }
  }

  async #reload(one: Asked): Promise<void> {
    const { name } = one.check;
    const [file] = name.split(' ');
    if (!file!.endsWith('.test.ts')) return;
    this.#mutants.activate(0);
    const checks = await loadChecks(file!, `?${(this.#reloads += 1)}`);
    one.check = checks.find((check) => check.name === name) ?? one.check;
  }
}

/** The best of each kind of checks, then the second best of each, and so on. */
function takeTurns(checks: readonly Asked[]): Asked[] {
  const taken = new Map<string, number>();
  const turns = checks
    .toSorted((a, b) => dearness(a) - dearness(b))
    .map((one) => {
      const kind = /^(fuzz )?[^ ]+/.exec(one.recorded.name)![0];
      const turn = taken.get(kind) ?? 0;
      taken.set(kind, turn + 1);
      return { one, turn };
    });
  return turns.toSorted((a, b) => a.turn - b.turn).map(({ one }) => one);
}

/** Milliseconds for a kill, as far as is known. */
function dearness({ recorded: { milliseconds }, asked, kills }: Asked): number {
  return (milliseconds * (asked + 1)) / (kills + 0.5);
}
