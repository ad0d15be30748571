// One instance of the dataplane for the host: maps, a vector of packets, time, traces. Numbers
// only: it knows no Kubernetes object and no name.

import { embeddedModule } from './embedded.ts';
import { Engine } from './engine.ts';
import type { Watcher } from './load.ts';
import { MapHandle } from './map-handle.ts';
import { Vector } from './vector.ts';
import type { Capacity, Layout, MapName, TraceStep } from '../abi/abi.gen.ts';
import { decode, encodeInto, sizeOf } from '../abi/struct.ts';

/** How an instance is made. */
export interface InstanceOptions {
  /** What differs from the default capacities. */
  readonly capacity?: Partial<Capacity>;
  /** A compiled module; unless given, the one that the package carries. */
  readonly module?: WebAssembly.Module;
  /** For a module that is built to be watched: what its accesses call. */
  readonly watcher?: Watcher;
}

/** A running dataplane. After a trap it is poisoned: every later call throws PoisonedError. */
export class Instance {
  readonly vector: Vector;
  readonly #engine: Engine;
  readonly #maps = new Map<MapName, MapHandle>();

  /**
   * Throws ModuleError for a module of another ABI, CapacityError for capacities that cannot be
   * had.
   */
  static async create(options: InstanceOptions = {}): Promise<Instance> {
    const module = options.module ?? (await embeddedModule());
    return Instance.of(module, options.capacity, options.watcher);
  }

  /** As `create`, at once, of a module that is compiled. */
  static of(
    module: WebAssembly.Module,
    capacity: Partial<Capacity> = {},
    watcher?: Watcher,
  ): Instance {
    return new Instance(Engine.create(module, capacity, watcher));
  }

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.vector = new Vector(engine);
  }

  /** The whole memory; it does not grow, so views of it stay valid. */
  get memory(): WebAssembly.Memory {
    return this.#engine.exports.memory;
  }

  /** Where the areas are in memory. */
  get layout(): Readonly<Layout> {
    return this.#engine.layout;
  }

  get capacity(): Readonly<Capacity> {
    return this.#engine.capacity;
  }

  /** What the dataplane said when it trapped, null while it is sound. */
  get poisoned(): string | null {
    return this.#engine.poisoned;
  }

  /** One of the maps of the boundary. */
  map<N extends MapName>(name: N): MapHandle<N> {
    const known = this.#maps.get(name) ?? new MapHandle(this.#engine, name);
    this.#maps.set(name, known as MapHandle);
    return known as MapHandle<N>;
  }

  /** Visits up to `limit` connections and takes out those whose time is over; returns how many. */
  sweep(nowMs: number, limit: number): number {
    const clock = { nowMs: Math.floor(nowMs) };
    encodeInto('Clock', clock, this.#engine.bytes, this.#engine.layout.clock);
    return this.#engine.call(this.#engine.exports.sweep, limit) >>> 0;
  }

  /** What the stages said in the last run about the packets that asked for a trace, in order. */
  traceSteps(): TraceStep[] {
    const { bytes, layout, capacity } = this.#engine;
    const length = Math.min(this.#engine.countTraceSteps(), capacity.traceSteps);
    return Array.from({ length }, (_, index) =>
      decode('TraceStep', bytes, layout.trace + index * sizeOf('TraceStep')),
    );
  }
}
