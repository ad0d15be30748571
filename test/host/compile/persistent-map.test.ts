// A persistent map against an ordinary one: the same entries, every version for good, and changes
// that lead from one version to the other.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PersistentMap, type MapChange } from '../../../host/compile/persistent-map.ts';

const key = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 40 }).map(String));
const change = fc.tuple(key, fc.option(fc.nat({ max: 3 }), { nil: undefined }));
const changes = fc.array<MapChange<string | number, number>>(change, { maxLength: 40 });

function sorted(map: Iterable<readonly [string | number, number]>): string[] {
  return [...map].map(([name, value]) => `${typeof name} ${name} ${value}`).toSorted();
}

test('every version holds what was put into it, and stays as it is', () => {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: 6 }), (steps) => {
      const plain = new Map<string | number, number>();
      let map = PersistentMap.of<string | number, number>();
      for (const step of steps) {
        const before = { map, entries: sorted(map) };
        map = map.with(step);
        for (const [name, value] of step) {
          if (value === undefined) plain.delete(name);
          else plain.set(name, value);
        }
        expect(sorted(map)).toEqual(sorted(plain));
        expect(map.size).toBe(plain.size);
        for (const [name] of step) expect(map.get(name)).toBe(plain.get(name));
        expect(sorted(before.map)).toEqual(before.entries);
        const difference = [...map.changesFrom(before.map)];
        expect(new Set(difference.map(([name]) => name)).size).toBe(difference.length);
        expect(difference.every(([name, value]) => before.map.get(name) !== value)).toBe(true);
        expect(sorted(before.map.with(difference))).toEqual(sorted(map));
      }
    }),
  );
});

const map = PersistentMap.of<string, number>([['a', 1]]);

test('a version that changes nothing is the same map', () => {
  expect(map.get('a')).toBe(1);
  expect(map.with([['a', 1]])).toBe(map);
  expect(map.with([['b', undefined]])).toBe(map);
  expect([...map.changesFrom(map)]).toEqual([]);
});
