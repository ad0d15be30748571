// Every map that the host writes, full to the brim, all at once in an instance that has not a byte
// more than it needs: no entry may lie where another one does.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maps, type MapName } from '../../host/abi/abi.gen.ts';
import { capacityOfMap } from '../../host/dataplane/capacity.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { encodeIndex } from '../../host/dataplane/map-handle.ts';
import { entryBytes } from '../abi/entry-bytes.ts';

/** With entry 0, which hash tables leave empty, a number that fills cache lines. */
const room = 31;
const sizes = ['prefixes', 'frontends', 'services', 'endpoints', 'identities', 'policies'] as const;
const more = [
  'portSets',
  'rulesets',
  'ports',
  'connections4',
  'connections6',
  'affinities',
] as const;
const capacity = Object.fromEntries([...sizes, ...more].map((name) => [name, room]));

const names = (Object.keys(maps) as MapName[]).filter(
  (name) => capacityOfMap[name] !== undefined && capacity[capacityOfMap[name]] === room,
);
const written = names.filter((name) => !maps[name].doc.includes('written by the dataplane'));

/** So many different entries of a map. */
function entriesOf(name: MapName, count: number): [Uint8Array, Uint8Array][] {
  const { key, kind, value } = maps[name];
  const values = entryBytes(value).filter((bytes) => bytes.some(Boolean));
  const keys =
    key === 'u32'
      ? fc.nat({ max: room - 1 }).map((index) => encodeIndex(index))
      : entryBytes(key).map((bytes) => {
          if (kind === 'prefix') new DataView(bytes.buffer).setUint32(20, 128, true);
          return bytes;
        });
  const entries = fc.uniqueArray(fc.tuple(keys, values), {
    minLength: count,
    maxLength: count,
    selector: ([at]) => at.join(),
    comparator: 'IsStrictlyEqual',
  });
  return fc.sample(entries, { numRuns: 1, seed: 7 })[0]!;
}

function contentsOf(instance: Instance, name: MapName): Map<string, string> {
  return new Map(
    [...instance.map(name).entriesBytes()].map(([key, value]) => [key.join(), value.join()]),
  );
}

describe('an instance that is full', async () => {
  const instance = await Instance.create({ capacity });
  const all = new Map(written.map((name) => [name, entriesOf(name, room)]));
  const expected = (name: MapName) =>
    new Map(all.get(name)!.map(([key, value]) => [key.join(), value.join()]));
  const fill = (): void => {
    for (let index = 0; index < room; index++) {
      for (const [name, entries] of all) instance.map(name).updateBytes(...entries[index]!);
    }
  };

  test('holds as many entries of each map as it was made for', () => {
    expect(written.length).toBeGreaterThan(10);
    fill();
    for (const name of written) expect(contentsOf(instance, name), name).toEqual(expected(name));
  });

  test('holds no more', () => {
    fill();
    for (const name of written.filter((one) => maps[one].kind !== 'array')) {
      const [key, value] = entriesOf(name, room + 1).at(-1)!;
      expect(() => instance.map(name).updateBytes(key, value), name).toThrow(
        expect.objectContaining({ status: 'full' }),
      );
      expect(instance.map(name).lookUpBytes(key), name).toBeUndefined();
    }
  });

  test('has room again for each entry that is taken out, in any order', () => {
    fill();
    const order = fc.sample(fc.shuffledSubarray([...Array(room).keys()], { minLength: room }), {
      numRuns: 1,
      seed: 7,
    })[0]!;
    for (const name of written) {
      const map = instance.map(name);
      const entries = all.get(name)!;
      for (const [count, index] of order.entries()) {
        expect(map.deleteBytes(entries[index]![0]), name).toBe(true);
        expect(map.lookUpBytes(entries[index]![0]), name).toBeUndefined();
        const next = entries[order[count + 1] ?? index]![0];
        expect(map.lookUpBytes(next) !== undefined, name).toBe(count + 1 < room);
      }
      expect(contentsOf(instance, name).size, name).toBe(0);
    }
  });
});
