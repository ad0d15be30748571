// The files by which native programs get what the host compiled: a node's capacities and maps, and
// packets. Numbers are 32 bits, little-endian, unless told otherwise.
//
//   script:  bytes, Capacity; count; for each entry: 1 if it is restored, map, bytes of key and
//            of value, key, value
//   packets: count; for each packet 64 bytes; for each its length, then for each its port, 16 bits

import { closeSync, openSync, writeSync } from 'node:fs';
import { maps, type Capacity, type MapName } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { MapOperation } from '../../host/reconcile/plan.ts';

const frameBytes = 64;
const wordBytes = 4;

/** An entry of a map of a new instance. */
export interface ScriptEntry {
  readonly map: MapName;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Of a map that only packets write. */
  readonly isRestored?: true;
}

/** What a new instance is given. */
export function encodeScript(capacity: Capacity, entries: readonly ScriptEntry[]): Uint8Array {
  const capacityBytes = encode('Capacity', capacity);
  const parts = [numbers(capacityBytes.length), capacityBytes, numbers(entries.length)];
  for (const { map, key, value, isRestored } of entries) {
    const verb = isRestored === true ? 1 : 0;
    parts.push(numbers(verb, maps[map].id, key.length, value.length), key, value);
  }
  return Buffer.concat(parts);
}

/** The entries that a plan for a new instance enters. */
export function entriesOf(operations: readonly MapOperation[]): ScriptEntry[] {
  return operations.flatMap((operation) => (operation.kind === 'update' ? [operation] : []));
}

/** Packets for native programs, gathered one by one. */
export class PacketFile {
  readonly #count: number;
  readonly #frames: Uint8Array;
  readonly #lengths: Uint16Array;
  readonly #ports: Uint16Array;
  #next = 0;

  constructor(count: number) {
    this.#count = count;
    this.#frames = new Uint8Array(count * frameBytes);
    this.#lengths = new Uint16Array(count);
    this.#ports = new Uint16Array(count);
  }

  /** Of a frame of up to 64 bytes; the others are 0. */
  add(frame: Uint8Array, port: number): void {
    this.#frames.set(frame, this.#next * frameBytes);
    this.#lengths[this.#next] = frame.length;
    this.#ports[this.#next] = port;
    this.#next += 1;
  }

  /** Throws RangeError unless there are as many as there should be. */
  write(path: string): void {
    if (this.#next !== this.#count) throw new RangeError(`${this.#next} packets`);
    const file = openSync(path, 'w');
    const { buffer: lengths } = this.#lengths;
    const { buffer: ports } = this.#ports;
    const parts = [
      numbers(this.#count),
      this.#frames,
      new Uint8Array(lengths),
      new Uint8Array(ports),
    ];
    for (const part of parts) {
      for (let at = 0; at < part.length;) at += writeSync(file, part, at);
    }
    closeSync(file);
  }
}

function numbers(...values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * wordBytes));
  values.forEach((value, index) => view.setUint32(index * wordBytes, value, true));
  return new Uint8Array(view.buffer);
}
