// What packets left behind in an instance, map by map, as raw bytes: out of one instance and into
// another, of any capacity that has room. Numbers only: it knows no names, and no file.

import { maps, structs, enums } from '../abi/abi.gen.ts';
import type { MapName, StructName } from '../abi/abi.gen.ts';
import { sizeOf } from '../abi/struct.ts';
import type { Instance } from './instance.ts';

/**
 * The maps that packets fill and later packets depend on, in the order in which they are restored:
 * what is marked at the load of an endpoint stands beside the connections counted there.
 */
export const rememberedMaps = ['connections', 'affinities', 'fragments', 'turns', 'loads'] as const;
export type RememberedMap = (typeof rememberedMaps)[number];

/** Entries one behind the other, each a key and its value, as assembly/abi lays them out. */
export type Region = Uint8Array;

/** Bytes of a key, of a value. */
export function entryShape(name: RememberedMap): { keyBytes: number; valueBytes: number } {
  const { key, value } = maps[name];
  return { keyBytes: sizeOf(key as StructName), valueBytes: sizeOf(value) };
}

/** All entries of a map. */
export function readRegion(instance: Instance, name: RememberedMap): Region {
  const entries = [...instance.map(name).entriesBytes()];
  const { keyBytes, valueBytes } = entryShape(name);
  const region = new Uint8Array(entries.length * (keyBytes + valueBytes));
  entries.forEach(([key, value], index) => {
    region.set(key, index * (keyBytes + valueBytes));
    region.set(value, index * (keyBytes + valueBytes) + keyBytes);
  });
  return region;
}

/** Views of the entries of a region. */
export function* entriesOf(
  name: RememberedMap,
  region: Region,
): IterableIterator<{ key: Uint8Array; value: Uint8Array }> {
  const { keyBytes, valueBytes } = entryShape(name);
  for (let at = 0; at < region.length; at += keyBytes + valueBytes) {
    const key = region.subarray(at, at + keyBytes);
    yield { key, value: region.subarray(at + keyBytes, at + keyBytes + valueBytes) };
  }
}

/** Whether packets have left nothing behind yet. */
export function isPristine(instance: Instance): boolean {
  return rememberedMaps.every((name) => instance.map(name).entriesBytes().next().done === true);
}

/**
 * What the bytes of a map's entries mean, in one line: names, places and kinds of all fields, and
 * the numbers of the enums they use. Two versions with the same line understand each other's bytes,
 * whatever else changed between them.
 */
export function layoutOf(name: MapName): string {
  const { key, value } = maps[name];
  return [key as StructName, value].map(layoutOfStruct).join(' -> ');
}

function layoutOfStruct(name: StructName): string {
  const { sizeBytes, fields } = structs[name];
  const texts = fields.map(({ name: field, offset, kind, enum: meaning }) => {
    const members = meaning === undefined ? [] : enums[meaning];
    const numbers = members.map(({ code, value }) => `${code}=${value}`).join(',');
    return `${field}@${offset}:${kind}${numbers === '' ? '' : `{${numbers}}`}`;
  });
  return `${name}[${sizeBytes}] ${texts.join(' ')}`;
}
