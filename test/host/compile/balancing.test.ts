// Balancing: which settings mean what, virtual servers of ipvs mode, and Maglev tables.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Balancing, ConfigFlag, EndpointSet, FrontendKind } from '../../../host/abi/abi.gen.ts';
import { balancingOf, schedulers } from '../../../host/compile/balancing.ts';
import { defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import { fillTable, tableSize } from '../../../host/compile/maglev.ts';
import { InputError } from '../../../host/problem.ts';
import { clusterOf, nodeOf, serviceOf, sliceOf } from './cluster-state.ts';
import { compile, entries } from './compiled-maps.ts';

const nodes = [nodeOf('node-a', '192.168.0.2')];
const slices = [sliceOf([{ ip: '10.244.0.1' }, { ip: '10.244.0.2' }, { ip: '10.244.0.3' }])];

describe('settings', () => {
  const config = (changes: object) => ({ ...defaultNodeConfig, ...changes });

  test.each([
    [{}, Balancing.Random],
    [{ balancing: 'maglev' }, Balancing.Maglev],
    [{ scheduler: 'lc' }, Balancing.Random],
    [{ mode: 'ipvs' }, Balancing.RoundRobin],
    [{ mode: 'ipvs', balancing: 'maglev' }, Balancing.RoundRobin],
    ...Object.entries(schedulers).map(
      ([scheduler, expected]) => [{ mode: 'ipvs', scheduler }, expected] as const,
    ),
  ] as const)('%j', (changes, expected) => {
    expect(balancingOf(config(changes))).toBe(expected);
  });

  test('an unknown scheduler is refused, with those that are known', () => {
    const asked = () => balancingOf(config({ mode: 'ipvs', scheduler: 'fo' }));
    expect(asked).toThrow(InputError);
    expect(asked).toThrow(
      'config: scheduler: ipvs has no scheduler fo; ' +
        'one of rr, wrr, lc, wlc, lblc, lblcr, sh, dh, sed, nq, mh',
    );
  });

  test('counts are kept in ipvs mode, and kept exact where choices go by them', () => {
    const flagsOf = (changes: object, services = [serviceOf({})]) => {
      const { desired } = compile(clusterOf({ nodes, services }), changes);
      const flags = entries(desired, 'config')[0]![1].flags;
      return [flags & ConfigFlag.CountConnections, flags & ConfigFlag.ExactCounts].map(Boolean);
    };
    expect(flagsOf({})).toEqual([false, false]);
    expect(flagsOf({ mode: 'ipvs' })).toEqual([true, false]);
    expect(flagsOf({ mode: 'ipvs', scheduler: 'lc' })).toEqual([true, true]);
    const sticky = serviceOf({ sessionAffinity: 'ClientIP' });
    expect(flagsOf({ mode: 'ipvs' }, [sticky])).toEqual([true, true]);
    expect(flagsOf({}, [sticky])).toEqual([false, false]);
  });
});

test('in ipvs mode each front-end has a number, otherwise all of a port share one', () => {
  const service = serviceOf({
    type: 'LoadBalancer',
    externalIPs: ['203.0.113.100'],
    ingress: [{ ip: '198.51.100.10' }],
    ports: [{ nodePort: 30080 }],
  });
  const numbersOf = (mode: 'ipvs' | 'nftables') => {
    const { desired, names } = compile(clusterOf({ nodes, services: [service], slices }), { mode });
    const found = entries(desired, 'frontends');
    expect(new Set(found.map(([, { kind }]) => kind))).toEqual(
      new Set([
        FrontendKind.ClusterIp,
        FrontendKind.LoadBalancer,
        FrontendKind.ExternalIp,
        FrontendKind.NodePort,
      ]),
    );
    const numbers = found.map(([, { service: number }]) => number);
    for (const number of numbers) expect(names.services.get(number)?.name).toBe('web');
    return new Set(numbers).size;
  };
  expect(numbersOf('ipvs')).toBe(4);
  expect(numbersOf('nftables')).toBe(1);
});

describe('Maglev tables', () => {
  test('are compiled only where they are used', () => {
    const compiled = (changes: object) =>
      compile(clusterOf({ nodes, services: [serviceOf({})], slices }), changes).desired;
    expect(entries(compiled({}), 'maglev')).toEqual([]);
    for (const changes of [{ balancing: 'maglev' }, { mode: 'ipvs', scheduler: 'mh' }]) {
      const desired = compiled(changes);
      const [number, { clusterSlots, localSlots }] = entries(desired, 'services')[0]!;
      expect([clusterSlots, localSlots]).toEqual([1021, 0]);
      const slots = entries(desired, 'maglev');
      expect(slots).toHaveLength(1021);
      expect(
        slots.every(([key]) => key.set === EndpointSet.Cluster && key.service === number),
      ).toBe(true);
    }
  });

  const names = fc.uniqueArray(
    fc
      .tuple(fc.nat(255), fc.nat(255), fc.nat(65535))
      .map(([a, b, port]) => `10.244.${a}.${b}:${port}`),
    { minLength: 2, maxLength: 40 },
  );

  test('have a prime size, of at least a hundred slots for each endpoint up to the largest', () => {
    const sizes = [0, 1, 2, 10, 11, 163, 164, 100_000].map(tableSize);
    expect(sizes).toEqual([0, 0, 1021, 1021, 16_381, 16_381, 131_071, 131_071]);
    for (const size of [1021, 16_381, 131_071]) {
      for (let divisor = 2; divisor * divisor <= size; divisor++) {
        expect(size % divisor).not.toBe(0);
      }
    }
  });

  test('give everybody the same share, to the slot', () => {
    fc.assert(
      fc.property(names, (list) => {
        const shares = list.map(() => 0);
        for (const turn of fillTable(list, tableSize(list.length))) shares[turn]! += 1;
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('removing one of n endpoints moves less than another share besides its own', () => {
    fc.assert(
      fc.property(names, fc.nat(), (list, gone) => {
        const size = tableSize(list.length);
        const at = gone % list.length;
        const rest = list.filter((_, index) => index !== at);
        fc.pre(tableSize(rest.length) === size);
        const before = fillTable(list, size);
        const after = fillTable(rest, size);
        const moved = [...before].filter(
          (turn, slot) => turn !== at && list[turn] !== rest[after[slot]!],
        ).length;
        expect(moved / size).toBeLessThan(0.25);
      }),
    );
  });
});
