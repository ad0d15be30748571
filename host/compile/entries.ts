// Typed keys and values -> the bytes of a desired map. Knows the codec, not what the entries mean.

import { maps, type MapName, type Maps, type Structs } from '../abi/abi.gen.ts';
import { encode } from '../abi/struct.ts';
import type { DesiredMap } from './desired.ts';
import { PersistentMap } from './persistent-map.ts';

/**
 * An entry of a map before it becomes bytes; fields left out are zero. The key of an array map is a
 * number.
 */
export type Entry<N extends MapName> = readonly [
  key: Maps[N]['key'] extends number ? number : Partial<Maps[N]['key']>,
  value: Partial<Maps[N]['value']>,
];

/** An entry as bytes: the key as in a DesiredMap. */
export type EncodedEntry = readonly [key: string, value: Uint8Array];

/** Encodes the entries of a map; of two with one key the later one counts. */
export function encodeMap<N extends MapName>(name: N, entries: Iterable<Entry<N>>): DesiredMap {
  return PersistentMap.of(encodeEntries(name, entries));
}

/** Encodes entries one by one. */
export function* encodeEntries<N extends MapName>(
  name: N,
  entries: Iterable<Entry<N>>,
): Generator<EncodedEntry, void> {
  const { key: keyStruct, value: valueStruct } = maps[name];
  for (const [key, value] of entries) {
    const text =
      keyStruct === 'u32'
        ? arrayKey(key as number)
        : latin1(encode(keyStruct, key as Partial<Structs[typeof keyStruct]>));
    yield [text, encode(valueStruct, value as Partial<Structs[typeof valueStruct]>)];
  }
}

export function isEqualBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left === right) return true;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Key of an array map as the map text of its four bytes, little-endian. */
export function arrayKey(key: number): string {
  return String.fromCharCode(key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
