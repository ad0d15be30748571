// Second pass: each mutant is asked of the checks in which it would have made a difference, the
// likeliest and cheapest first, until one of them fails.

import { setImmediate } from 'node:timers/promises';
import { loadChecks, type Check } from './battery.js';
import type { Recorded } from './record.js';
import type { MutantSwitch } from './switch.js';

/** What became of a mutant. */
export interface Fate {
  readonly number: number;
  /** The check that failed; null if none did. */
  readonly killer: string | null;
}

interface Asked {
  check: Check;
  readonly milliseconds: number;
  /** Checks of a kind resemble each other: those of a test file, or of a fuzz target. */
  readonly kind: string;
  /** The mutants it can tell, a bit each: what is collected as garbage is not looked through. */
  readonly able: Uint8Array;
}

/** What asking came to so far. */
interface Luck {
  asked: number;
  kills: number;
}

/** So many checks that killed mutants of a source are asked first about the next one. */
const latestCount = 12;

export class Killer {
  readonly #mutants: MutantSwitch;
  readonly #patienceMs: number;
  readonly #asked: Asked[] = [];
  /** Of each source the checks that killed mutants of it, the latest first. */
  readonly #latest = new Map<string, Asked[]>();
  /** By source and kind of checks. */
  readonly #luck = new Map<string, Luck>();
  #reloads = 0;

  /** Checks that took longer than `patienceMs` together are not asked about one mutant. */
  constructor(mutants: MutantSwitch, patienceMs: number) {
    this.#mutants = mutants;
    this.#patienceMs = patienceMs;
  }

  /** Adds the checks of a file, and what was recorded of them. */
  add(checks: readonly Check[], recorded: readonly Recorded[]): void {
    const byName = new Map(checks.map((check) => [check.name, check]));
    for (const { name, milliseconds, noted } of recorded) {
      const kind = /^(fuzz )?[^ ]+/.exec(name)![0];
      const able = new Uint8Array((Math.max(...noted) >> 3) + 1);
      for (const number of noted) able[number >> 3]! |= 1 << (number & 7);
      this.#asked.push({ check: byName.get(name)!, milliseconds, kind, able });
    }
  }

  /** Asks a mutant of a source of every check that can tell. */
  async kill(number: number, path: string): Promise<Fate> {
    const latest = this.#latest.get(path) ?? [];
    const telling = this.#asked.filter(({ able }) => hasBit(able, number));
    const first = latest.filter((one) => telling.includes(one));
    const others = telling.filter((one) => !first.includes(one));
    const ordered = [...first, ...this.#takeTurns(others, path)];
    let spentMs = 0;
    for (const one of ordered) {
      spentMs += one.milliseconds;
      if (spentMs > this.#patienceMs) break;
      const luck = this.#luckOf(one, path);
      luck.asked += 1;
      if (!(await this.#fails(one, number))) continue;
      luck.kills += 1;
      const before = latest.filter((other) => other !== one);
      this.#latest.set(path, [one, ...before].slice(0, latestCount));
      return { number, killer: one.check.name };
    }
    return { number, killer: null };
  }

  /**
   * The cheapest for a kill first, as far as is known of the source; the more of a kind were asked,
   * the less is expected of the next.
   */
  #takeTurns(checks: readonly Asked[], path: string): Asked[] {
    const dearness = (one: Asked): number => {
      const { asked, kills } = this.#luckOf(one, path);
      return (one.milliseconds * (asked + 1)) / (kills + 0.5);
    };
    const turns = new Map<string, number>();
    const rated = checks
      .toSorted((a, b) => a.milliseconds - b.milliseconds)
      .map((one) => {
        const turn = (turns.get(one.kind) ?? 0) + 1;
        turns.set(one.kind, turn);
        return { one, rate: dearness(one) * Math.sqrt(turn) };
      });
    return rated.toSorted((a, b) => a.rate - b.rate).map(({ one }) => one);
  }

  #luckOf({ kind }: Asked, path: string): Luck {
    const known = this.#luck.get(`${path} ${kind}`) ?? { asked: 0, kills: 0 };
    this.#luck.set(`${path} ${kind}`, known);
    return known;
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
      // What the check has left behind can be thrown away between two tasks only.
      await setImmediate();
    }
  }

  async #reload(one: Asked): Promise<void> {
    const { name } = one.check;
    const [file] = name.split(' ');
    if (!file!.endsWith('.test.ts')) return;
    this.#mutants.load();
    const checks = await loadChecks(file!, `?${(this.#reloads += 1)}`);
    one.check = checks.find((check) => check.name === name) ?? one.check;
  }
}

function hasBit(bits: Uint8Array, number: number): boolean {
  return ((bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
}
