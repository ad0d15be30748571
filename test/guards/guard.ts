// Watches a dataplane that was built so that each of its loads and stores says where it goes
// (Binaryen's pass instrument-memory), with zones between all allocations, which nobody may touch
// (assembly/table/arena.ts). Outside the frame being processed, packet memory is one, too.

import { readFileSync } from 'node:fs';
import type { Capacity } from '../../host/abi/abi.gen.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import type { VectorEntry } from '../../host/dataplane/vector.ts';

const module = new WebAssembly.Module(
  readFileSync(new URL('../../build/guards.wasm', import.meta.url)),
);
const line = 64;
const mark = 0xa5;
/** Nothing is at address 0 and next to it: who goes there followed a reference to nothing. */
const nothingBytes = 8;

/** A dataplane whose every access is checked: one outside of everything poisons it. */
export class GuardedInstance {
  readonly instance: Instance;
  /** 1 for a byte that nobody may touch. */
  readonly #zones: Uint8Array;
  readonly #count: { accesses: number };

  static async create(capacity: Partial<Capacity>): Promise<GuardedInstance> {
    const count = { accesses: 0 };
    let zones: Uint8Array = new Uint8Array();
    const check = (kind: string) => (_: number, bytes: number, offset: number, address: number) => {
      count.accesses += 1;
      const first = (address >>> 0) + offset;
      for (let at = first; at < first + bytes; at++) {
        if (zones[at] === 1)
          throw new Error(`${kind} of ${bytes} bytes at ${first}, out of bounds`);
      }
      return address;
    };
    const same = (_: number, value: unknown) => value;
    const watcher = {
      load_ptr: check('load'),
      store_ptr: check('store'),
      load_val_i32: same,
      load_val_i64: same,
      load_val_f32: same,
      load_val_f64: same,
      store_val_i32: same,
      store_val_i64: same,
      store_val_f32: same,
      store_val_f64: same,
      memory_grow_pre: same,
      memory_grow_post: same,
    };
    const instance = await Instance.create({ module, capacity, watcher });
    zones = findZones(instance);
    return new GuardedInstance(instance, zones, count);
  }

  private constructor(instance: Instance, zones: Uint8Array, count: { accesses: number }) {
    this.instance = instance;
    this.#zones = zones;
    this.#count = count;
  }

  /** Loads and stores so far. */
  get accesses(): number {
    return this.#count.accesses;
  }

  /** How many bytes are out of bounds between allocations. */
  get guardedBytes(): number {
    return this.#zones.reduce((sum, zone) => sum + zone, 0);
  }

  /** Processes one frame, all of which may be touched and nothing beside it. */
  process(frame: Uint8Array, entry: VectorEntry, claimedBytes = frame.length): number {
    const { vector, layout } = this.instance;
    // Off any alignment, and with room on both sides.
    const address = layout.block + line + 1;
    new Uint8Array(this.instance.memory.buffer).set(frame, address);
    this.#zones.fill(0, address, address + frame.length);
    vector.clear();
    vector.addInPlace(address, claimedBytes, entry);
    try {
      vector.run();
    } finally {
      this.#zones.fill(1, address, address + frame.length);
    }
    return vector.outcome(0).verdict;
  }
}

/** The lines that the arena marked, the rest of the line before each, and packet memory. */
function findZones({ memory, layout, capacity }: Instance): Uint8Array {
  const bytes = new Uint8Array(memory.buffer);
  const zones = new Uint8Array(bytes.length).fill(1, 0, nothingBytes);
  for (let at = 0; at < bytes.length; at += line) {
    if (!bytes.subarray(at, at + line).every((byte) => byte === mark)) continue;
    zones.fill(1, at, at + line);
    for (let before = at - 1; bytes[before] === mark; before--) zones[before] = 1;
  }
  return zones.fill(1, layout.block, layout.block + capacity.blockBytes);
}
