// A plan turns what is there into what is desired, does nothing else, and is applied as a whole or
// not at all.

import { test as propertyTest, fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { MapName } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { DesiredState } from '../../host/compile/desired.ts';
import { PersistentMap } from '../../host/compile/persistent-map.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { encodeIndex } from '../../host/dataplane/map-handle.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import { plan } from '../../host/reconcile/plan.ts';

const capacity = { frontends: 64, connections4: 64, connections6: 64, services: 64 };
const names = ['frontends', 'services', 'identities'] as const satisfies MapName[];

const keys: Record<(typeof names)[number], (number: number) => Uint8Array> = {
  frontends: (port) => encode('FrontendKey', { address: '10.96.0.1', port, protocol: 6 }),
  services: encodeIndex,
  identities: (number) => encode('IdentityKey', { address: `10.244.0.${number}` }),
};
const values: typeof keys = {
  frontends: (service) => encode('Frontend', { service }),
  services: (clusterCount) => encode('Service', { flags: 1, clusterCount }),
  identities: (identity) => encode('Identity', { identity }),
};

/** Contents of the maps, each entry from two small numbers. */
const states: fc.Arbitrary<DesiredState> = fc
  .tuple(...names.map(() => fc.dictionary(fc.nat(30).map(String), fc.nat(3))))
  .map((contents) =>
    Object.fromEntries(names.map((name, index) => [name, toMap(name, contents[index] ?? {})])),
  );

function toMap(name: (typeof names)[number], content: Record<string, number>) {
  const entries = Object.entries(content);
  return PersistentMap.of(
    entries.map(([key, value]) => [textOf(keys[name](Number(key))), values[name](value)]),
  );
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What the maps hold. */
function contentsOf(instance: Instance): DesiredState {
  return Object.fromEntries(
    names.map((name) => [
      name,
      PersistentMap.of(
        [...instance.map(name).entriesBytes()].map(([key, value]) => [textOf(key), value] as const),
      ),
    ]),
  );
}

/** A state as text that is equal for equal states. */
function printState(state: DesiredState): string[] {
  return names
    .flatMap((name) => [...(state[name] ?? [])].map(([key, value]) => `${name} ${key} ${value}`))
    .toSorted();
}

/** Number of entries that differ. */
function countDifferences(actual: DesiredState, desired: DesiredState): number {
  return names
    .map((name) => {
      const none = PersistentMap.of<string, Uint8Array>();
      const [before, after] = [actual[name] ?? none, desired[name] ?? none];
      const all = new Set([...before.keys(), ...after.keys()]);
      return [...all].filter((key) => String(before.get(key)) !== String(after.get(key))).length;
    })
    .reduce((sum, count) => sum + count, 0);
}

describe('a plan', async () => {
  const instance = await Instance.create({ capacity });

  propertyTest.prop([states, states])('turns one state into the other, minimally', (from, to) => {
    applyPlan(instance, plan(contentsOf(instance), from));
    expect(printState(contentsOf(instance))).toEqual(printState(from));
    const operations = plan(from, to);
    expect(operations).toHaveLength(countDifferences(from, to));
    applyPlan(instance, operations);
    expect(printState(contentsOf(instance))).toEqual(printState(to));
    expect(plan(to, contentsOf(instance))).toEqual([]);
  });

  propertyTest.prop([states, states, fc.nat()])(
    'refused anywhere, leaves all as it was',
    (...all) => {
      const [from, to, choice] = all;
      applyPlan(instance, plan(contentsOf(instance), from));
      const operations = plan(from, to);
      const refused = {
        kind: 'update',
        map: 'counters',
        key: encodeIndex(0),
        value: encode('Counters', {}),
      } as const;
      operations.splice(choice % (operations.length + 1), 0, refused);
      expect(() => applyPlan(instance, operations)).toThrow('map counters');
      expect(printState(contentsOf(instance))).toEqual(printState(from));
    },
  );

  test('leaves maps alone that are not desired', () => {
    const actual = { frontends: toMap('frontends', { 1: 1 }) };
    expect(plan(actual, {})).toEqual([]);
    expect(plan(actual, { frontends: PersistentMap.of() })).toMatchObject([{ kind: 'delete' }]);
  });

  test('turns over a full map', async () => {
    const full = await Instance.create({ capacity });
    const fill = (first: number): DesiredState => ({
      frontends: toMap(
        'frontends',
        Object.fromEntries(Array.from({ length: 64 }, (_, index) => [first + index, 1])),
      ),
    });
    applyPlan(full, plan({}, fill(0)));
    applyPlan(full, plan(fill(0), fill(1000)));
    expect(printState(contentsOf(full))).toEqual(printState(fill(1000)));
    const beyond = { frontends: fill(1000).frontends!.with(fill(2000).frontends!) };
    expect(() => applyPlan(full, plan(fill(1000), beyond))).toThrow('Capacity frontends is 64');
    expect(printState(contentsOf(full))).toEqual(printState(fill(1000)));
  });
});
