// Turns mutants on and off in this process, and reads what was noted: in every running Wasm
// instance that has mutants, and in the host.

import { watchInstances } from './instances.ts';
import { hostSwitchName, notedBytes, type HostSwitch } from './switch-sources.ts';
import { memoryMark } from './writings.ts';

/** So many rounds of loops are enough for any test, and are soon over where one has no end. */
export const roundsLimit = 100_000_000;

/** The active mutant, and what was noted since it became that. */
export interface MutantSwitch {
  /** Test files are loaded from now on; what they make lasts. */
  load(): void;
  /** 0 = none. Nothing is noted, and no round of a loop counted, from before. */
  activate(number: number): void;
  readNoted(): Set<number>;
}

/** Of the instances that a check makes so many are kept alive until they are read. */
const keptInstances = 32;

/** Watches all instances that are made from now on. */
export class WasmSwitch implements MutantSwitch {
  readonly #mark = new TextEncoder().encode(memoryMark);
  readonly #noted = new Set<number>();
  #active = 0;
  /** Where the noted bytes are; the same in all instances, as they are of one module. */
  #at: number | null = null;
  /** Made while test files were loaded: any check may use them. */
  readonly #lasting: WebAssembly.Instance[] = [];
  /** Made by the check that runs, the newest last. */
  #passing: WebAssembly.Instance[] | null = null;

  constructor() {
    watchInstances((instance) => this.#watch(instance));
  }

  load(): void {
    this.#passing = null;
  }

  activate(number: number): void {
    this.#active = number;
    this.#passing = [];
    this.#noted.clear();
    for (const instance of this.#lasting) this.#reset(instance);
  }

  readNoted(): Set<number> {
    for (const instance of [...this.#lasting, ...(this.#passing ?? [])]) this.#read(instance);
    return new Set(this.#noted);
  }

  #watch(instance: WebAssembly.Instance): void {
    const bytes = bytesOf(instance);
    this.#at ??= findMark(bytes, this.#mark);
    if (this.#at === null || !this.#isMutated(bytes)) return;
    this.#reset(instance);
    const made = this.#passing ?? this.#lasting;
    made.push(instance);
    if (this.#passing !== null && made.length > keptInstances) this.#read(made.shift()!);
  }

  #isMutated(bytes: Uint8Array): boolean {
    return this.#mark.every((byte, index) => bytes[this.#at! - this.#mark.length + index] === byte);
  }

  #reset(instance: WebAssembly.Instance): void {
    const bytes = bytesOf(instance);
    bytes.fill(0, this.#at!, this.#at! + notedBytes);
    const state = new DataView(bytes.buffer, this.#at! + notedBytes);
    state.setUint32(0, this.#active, true);
    state.setUint32(4, roundsLimit, true);
  }

  #read(instance: WebAssembly.Instance): void {
    const noted = bytesOf(instance).subarray(this.#at!, this.#at! + notedBytes);
    for (let number = noted.indexOf(1); number >= 0; number = noted.indexOf(1, number + 1)) {
      this.#noted.add(number);
    }
  }
}

function bytesOf({ exports: { memory } }: WebAssembly.Instance): Uint8Array {
  return memory instanceof WebAssembly.Memory ? new Uint8Array(memory.buffer) : new Uint8Array();
}

/** Where the bytes behind the mark are; null if it is not there. */
function findMark(bytes: Uint8Array, mark: Uint8Array): number | null {
  const at = Buffer.from(bytes.buffer).indexOf(mark);
  return at < 0 ? null : at + mark.length;
}

/** All mutants of the host share one object. */
export class GlobalSwitch implements MutantSwitch {
  readonly #state: HostSwitch = { active: 0, roundsLeft: roundsLimit, noted: new Set() };

  constructor() {
    Object.assign(globalThis, { [hostSwitchName]: this.#state });
  }

  load(): void {
    this.activate(0);
  }

  activate(number: number): void {
    this.#state.active = number;
    this.#state.roundsLeft = roundsLimit;
    this.#state.noted.clear();
  }

  readNoted(): Set<number> {
    return new Set(this.#state.noted);
  }
}
