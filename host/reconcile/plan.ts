// What must be done to the maps so that they hold what is desired: pure, and nothing for entries
// that are equal. Must not know what any map is for.

import { maps } from '../abi/abi.gen.ts';
import type { MapName } from '../abi/abi.gen.ts';
import type { DesiredMap, DesiredState } from '../compile/desired.ts';
import { isEqualBytes } from '../compile/entries.ts';
import { PersistentMap } from '../compile/persistent-map.ts';

/** One step; `previous` is what the entry held before, absent if there was none. */
export type MapOperation =
  | {
      readonly kind: 'update';
      readonly map: MapName;
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      readonly previous?: Uint8Array;
    }
  | {
      readonly kind: 'delete';
      readonly map: MapName;
      readonly key: Uint8Array;
      readonly previous: Uint8Array;
    };

const NOTHING: DesiredMap = PersistentMap.of();

/**
 * The operations that turn `actual` into `desired`. Within a map deletes come first, so that a full
 * map can be turned over. Maps that `desired` does not name are left alone.
 */
export function plan(actual: DesiredState, desired: DesiredState): MapOperation[] {
  const names = (Object.keys(maps) as MapName[]).filter((name) => desired[name] !== undefined);
  return names.flatMap((name) => planMap(name, actual[name] ?? NOTHING, desired[name] ?? NOTHING));
}

function planMap(map: MapName, actual: DesiredMap, desired: DesiredMap): MapOperation[] {
  const deletes: MapOperation[] = [];
  const updates: MapOperation[] = [];
  for (const [text, value] of desired.changesFrom(actual)) {
    const key = bytesOf(text);
    const previous = actual.get(text);
    if (value === undefined) deletes.push({ kind: 'delete', map, key, previous: previous! });
    else if (previous === undefined) updates.push({ kind: 'update', map, key, value });
    else if (!isEqualBytes(previous, value))
      updates.push({ kind: 'update', map, key, value, previous });
  }
  return [...deletes, ...updates];
}

/** One byte a character. */
function bytesOf(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = key.charCodeAt(index);
  return bytes;
}
