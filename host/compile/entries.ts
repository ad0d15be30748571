// Typed keys and values -> the bytes of a desired map. Knows the codec, not what the entries mean.

import type { StructName, Structs } from '../abi/abi.gen.ts';
import { encode } from '../abi/struct.ts';
import type { DesiredMap } from './desired.ts';

/** An entry of a hash or prefix map, before it becomes bytes; fields left out are zero. */
export type Entry<K extends StructName, V extends StructName> = readonly [
  key: Partial<Structs[K]>,
  value: Partial<Structs[V]>,
];

/** An entry of an array map, before its value becomes bytes. */
export type ArrayEntry<V extends StructName> = readonly [key: number, value: Partial<Structs[V]>];

/** Encodes the entries of a hash or prefix map; of two with one key the later one counts. */
export function encodeEntries<K extends StructName, V extends StructName>(
  keyStruct: K,
  valueStruct: V,
  entries: Iterable<Entry<K, V>>,
): DesiredMap {
  const map: DesiredMap = new Map();
  for (const [key, value] of entries) {
    map.set(latin1(encode(keyStruct, key)), encode(valueStruct, value));
  }
  return map;
}

/** Encodes the entries of an array map. */
export function encodeArray<V extends StructName>(
  valueStruct: V,
  entries: Iterable<ArrayEntry<V>>,
): DesiredMap {
  const map: DesiredMap = new Map();
  for (const [key, value] of entries) map.set(arrayKey(key), encode(valueStruct, value));
  return map;
}

/** Key of an array map as the map text of its four bytes, little-endian. */
export function arrayKey(key: number): string {
  return String.fromCharCode(key & 255, (key >>> 8) & 255, (key >>> 16) & 255, key >>> 24);
}

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
