// One map of an instance: typed entries and raw bytes. Knows how an entry is laid out, never how
// the table is.

import { capacityOfMap } from './capacity.ts';
import type { Engine } from './engine.ts';
import { MapError } from './errors.ts';
import { MapStatus, maps } from '../abi/abi.gen.ts';
import type { MapInfo, MapName, Maps, StructName, Structs } from '../abi/abi.gen.ts';
import { decode, encode, sizeOf } from '../abi/struct.ts';

/** Keys and values by name or as bytes; keys of arrays are numbers, or 4 little-endian bytes. */
export class MapHandle<N extends MapName = MapName> {
  readonly name: N;
  readonly info: MapInfo;
  readonly #engine: Engine;
  readonly #keyBytes: number;
  readonly #valueBytes: number;

  constructor(engine: Engine, name: N) {
    this.#engine = engine;
    this.name = name;
    this.info = maps[name];
    this.#keyBytes = this.info.key === 'u32' ? 4 : sizeOf(this.info.key);
    this.#valueBytes = sizeOf(this.info.value);
  }

  /**
   * The value of a key, undefined if there is no such entry; a prefix map looks for the exact
   * prefix.
   */
  lookUp(key: Maps[N]['key']): Maps[N]['value'] | undefined {
    const value = this.lookUpBytes(this.#encodeKey(key));
    return value === undefined ? undefined : this.#decodeValue(value);
  }

  /** Enters or replaces a value; throws MapError when the map refuses. */
  update(key: Maps[N]['key'], value: Partial<Maps[N]['value']>): void {
    const bytes = encode(this.info.value, value as Partial<Structs[StructName]>);
    this.updateBytes(this.#encodeKey(key), bytes);
  }

  /** Whether there was such an entry. */
  delete(key: Maps[N]['key']): boolean {
    return this.deleteBytes(this.#encodeKey(key));
  }

  /** All entries, in no order that means anything. */
  *entries(): IterableIterator<[Maps[N]['key'], Maps[N]['value']]> {
    for (const [key, value] of this.entriesBytes()) {
      yield [this.#decodeKey(key), this.#decodeValue(value)];
    }
  }

  /** A copy of the value. */
  lookUpBytes(key: Uint8Array): Uint8Array | undefined {
    this.#writeKey(key);
    const { exports } = this.#engine;
    const found = this.#require(this.#engine.call(exports.mapLookUp, this.info.id), key);
    return found ? this.#readValue() : undefined;
  }

  updateBytes(key: Uint8Array, value: Uint8Array): void {
    this.#writeKey(key);
    this.#writeValue(value);
    const { exports } = this.#engine;
    this.#require(this.#engine.call(exports.mapUpdate, this.info.id), key);
  }

  /**
   * Enters an entry of a map that the dataplane writes, as another instance had it; throws MapError
   * when it finds no room, or a connection with one of its tuples.
   */
  restoreBytes(key: Uint8Array, value: Uint8Array): void {
    this.#writeKey(key);
    this.#writeValue(value);
    const { exports } = this.#engine;
    this.#require(this.#engine.call(exports.mapRestore, this.info.id), key);
  }

  deleteBytes(key: Uint8Array): boolean {
    this.#writeKey(key);
    const { exports } = this.#engine;
    return this.#require(this.#engine.call(exports.mapDelete, this.info.id), key);
  }

  /** Copies of all keys and values. */
  *entriesBytes(): IterableIterator<[Uint8Array, Uint8Array]> {
    const { exports, bytes, layout } = this.#engine;
    let cursor = 0;
    while ((cursor = this.#engine.call(exports.mapNext, this.info.id, cursor)) !== 0) {
      yield [bytes.slice(layout.key, layout.key + this.#keyBytes), this.#readValue()];
    }
  }

  /** True for Ok, false for NotFound, MapError for the rest. */
  #require(status: number, key: Uint8Array): boolean {
    if (status === MapStatus.Ok) return true;
    if (status === MapStatus.NotFound) return false;
    const isFull = status === MapStatus.Full;
    const isBeyond = status === MapStatus.BadKey && this.info.key === 'u32';
    const sizedBy = isFull || isBeyond ? capacityOfMap[this.name] : undefined;
    const detail = [
      ...(isFull ? [] : [`Key ${JSON.stringify(this.#decodeKey(key))}.`]),
      ...(sizedBy === undefined
        ? []
        : [`Capacity ${sizedBy} is ${this.#engine.capacity[sizedBy]}; create with a larger one.`]),
    ];
    throw new MapError(this.name, status, detail.join(' '));
  }

  #writeKey(key: Uint8Array): void {
    if (key.length !== this.#keyBytes) throw this.#wrongLength('key', key.length);
    this.#engine.bytes.set(key, this.#engine.layout.key);
  }

  #writeValue(value: Uint8Array): void {
    if (value.length !== this.#valueBytes) throw this.#wrongLength('value', value.length);
    this.#engine.bytes.set(value, this.#engine.layout.value);
  }

  #readValue(): Uint8Array {
    const { bytes, layout } = this.#engine;
    return bytes.slice(layout.value, layout.value + this.#valueBytes);
  }

  #wrongLength(what: 'key' | 'value', length: number): RangeError {
    const expected = what === 'key' ? this.#keyBytes : this.#valueBytes;
    return new RangeError(`map ${this.name}: ${what} of ${length} bytes; expected ${expected}`);
  }

  #encodeKey(key: Maps[N]['key']): Uint8Array {
    if (typeof key === 'number') return encodeIndex(key);
    return encode(this.info.key as StructName, key);
  }

  #decodeKey(key: Uint8Array): Maps[N]['key'] {
    const { key: struct } = this.info;
    return (struct === 'u32' ? decodeIndex(key) : decode(struct, key)) as Maps[N]['key'];
  }

  #decodeValue(value: Uint8Array): Maps[N]['value'] {
    return decode(this.info.value, value) as Maps[N]['value'];
  }
}

/** Key of an array map as bytes. */
export function encodeIndex(index: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, index, true);
  return bytes;
}

/** Key of an array map from bytes. */
export function decodeIndex(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
