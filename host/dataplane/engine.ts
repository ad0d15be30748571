// One running module: its memory, where the areas are in it, and the guard around every call. Must
// not know what maps or packets mean.

import { defaultCapacity } from './capacity.ts';
import { CapacityError, PoisonedError } from './errors.ts';
import { loadModule } from './load.ts';
import type { LoadedModule, ModuleExports, Watcher } from './load.ts';
import { InitialiseStatus } from '../abi/abi.gen.ts';
import type { Capacity, Layout } from '../abi/abi.gen.ts';
import { sentenceOf } from '../abi/enum.ts';
import { decode, encodeInto, offsetsOf } from '../abi/struct.ts';

const releasedPacketsAt = offsetsOf('Layout').releasedPackets;

/** A module that is initialised. Memory does not grow any more, so the views stay valid. */
export class Engine {
  readonly exports: ModuleExports;
  readonly capacity: Readonly<Capacity>;
  readonly layout: Readonly<Layout>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  #poisoned: string | null = null;
  readonly #module: LoadedModule;
  readonly #layoutAddress: number;

  /** Loads and initialises; throws ModuleError, CapacityError or PoisonedError. */
  static create(
    module: WebAssembly.Module,
    capacity: Partial<Capacity> = {},
    watcher?: Watcher,
  ): Engine {
    return new Engine(loadModule(module, watcher), { ...defaultCapacity, ...capacity });
  }

  private constructor(module: LoadedModule, capacity: Capacity) {
    this.#module = module;
    this.exports = module.exports;
    this.capacity = capacity;
    this.#layoutAddress = this.exports.layout();
    const before = this.#readLayout();
    encodeInto('Capacity', capacity, this.#memory(), before.capacity);
    const status = this.call(this.exports.initialise);
    if (status !== InitialiseStatus.Ok) {
      throw new CapacityError(
        `capacities ${JSON.stringify(capacity)}: ${sentenceOf('InitialiseStatus', status)}`,
      );
    }
    this.bytes = this.#memory();
    this.view = new DataView(this.bytes.buffer);
    this.layout = this.#readLayout();
  }

  /** What the module said when it trapped, null while it is sound. */
  get poisoned(): string | null {
    return this.#poisoned;
  }

  /**
   * Calls an export; a trap poisons the engine, and from then on every call throws PoisonedError.
   */
  call(exported: (first: number, second: number) => number, first = 0, second = 0): number {
    if (this.#poisoned !== null) throw new PoisonedError(this.#poisoned);
    try {
      return exported(first, second);
    } catch (error) {
      this.#poisoned = this.#readTrap(error);
      throw new PoisonedError(this.#poisoned, { cause: error });
    }
  }

  /** How many trace steps the last vector asked for; more than fit may have been lost. */
  countTraceSteps(): number {
    return this.#readLayout().traceSteps;
  }

  /** How many held fragments left in the last vector. */
  countReleased(): number {
    return this.view.getUint32(this.#layoutAddress + releasedPacketsAt, true);
  }

  /** `message at file:line:column`; what WebAssembly says where the module left no record. */
  #readTrap(error: unknown): string {
    const { trap } = this.#readLayout();
    const { message, file, line, column } = decode('TrapRecord', this.#memory(), trap);
    if (line === 0) return error instanceof Error ? error.message : String(error);
    const { readString } = this.#module;
    return `${readString(message)} at ${readString(file)}:${line}:${column}`;
  }

  #readLayout(): Layout {
    return decode('Layout', this.#memory(), this.#layoutAddress);
  }

  #memory(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer);
  }
}
