// Sets of ports: looked up the way the packet path does, they say of every port what the rules say.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PortShape, TierAction } from '../../../host/abi/abi.gen.ts';
import {
  allPorts,
  protocols,
  specContains,
  specOfPorts,
  specOfTierPorts,
  type PortSpec,
} from '../../../host/compile/port-spec.ts';
import { compilePortSet, uniteGrants, type PortGrant } from '../../../host/compile/ruling.ts';
import { protocolNumber } from '../../../host/net/protocol.ts';

const ports = [0, 1, 2, 79, 80, 81, 90, 91, 1023, 1024, 8080, 32767, 32768, 65534, 65535];
const protocol = fc.constantFrom(...protocols);
const range = fc
  .tuple(protocol, fc.constantFrom(...ports), fc.constantFrom(...ports))
  .map(([of, a, b]) => ({ protocol: of, first: Math.min(a, b), last: Math.max(a, b) }));
const named = fc.record({ protocol, port: fc.constantFrom('http', 'dns') });
const spec: fc.Arbitrary<PortSpec> = fc.oneof(
  fc.constant(allPorts),
  fc
    .array(
      range.map(({ protocol: of, first, last }) => ({ protocol: of, port: first, endPort: last })),
      { maxLength: 3 },
    )
    .map(specOfPorts),
  fc.array(fc.oneof(range, fc.constant({ name: 'http' })), { maxLength: 2 }).map(specOfTierPorts),
  fc
    .array(fc.oneof(named, fc.record({ protocol })), { minLength: 1, maxLength: 2 })
    .map(specOfPorts),
);
const { Accept, Deny, Pass } = TierAction;

/** Ranks of a tier are all different; those of NetworkPolicies are all 0, and they accept. */
const grants: fc.Arbitrary<PortGrant[]> = fc
  .array(
    fc.record({
      tier: fc.constantFrom('Admin' as const, 'NetworkPolicy' as const, 'Baseline' as const),
      action: fc.constantFrom(Accept, Deny, Pass),
      ports: spec,
    }),
    { maxLength: 5 },
  )
  .chain((made) =>
    fc.shuffledSubarray(
      made.map((grant, at) => {
        const isPlain = grant.tier === 'NetworkPolicy';
        return { ...grant, rank: isPlain ? 0 : at + 7, ...(isPlain && { action: Accept }) };
      }),
      { minLength: made.length },
    ),
  );

/** What rules say together: the first of either admin tier, and whether a plain one allows. */
function saidBy(fitting: readonly PortGrant[]) {
  const first = (tier: PortGrant['tier']) =>
    fitting.filter((grant) => grant.tier === tier).toSorted((a, b) => a.rank - b.rank)[0];
  const [admin, baseline] = [first('Admin'), first('Baseline')];
  return {
    adminRank: admin?.rank ?? 0,
    adminAction: admin?.action ?? TierAction.None,
    baselineRank: baseline?.rank ?? 0,
    baselineAction: baseline?.action ?? TierAction.None,
    isAllowed: first('NetworkPolicy') === undefined ? 0 : 1,
  };
}

const numbers: Readonly<Record<string, number>> = { http: 70_001, dns: 70_002 };

/** By `protocol length number`. */
function entriesOf(given: readonly PortGrant[]) {
  const entries = compilePortSet(uniteGrants(given), 5, (name) => numbers[name]!);
  expect(entries.every(([key]) => key.portSet === 5)).toBe(true);
  const made = new Map(
    entries.map(([key, ruling]) => [`${key.protocol} ${key.length} ${key.number}`, ruling]),
  );
  expect(made.size).toBe(entries.length);
  return made;
}

test('the longest prefix of a port, or all protocols, say what the rules say', () => {
  fc.assert(
    fc.property(grants, (given) => {
      const entries = entriesOf(given);
      for (const name of protocols) {
        for (const port of ports) {
          const keys = Array.from({ length: 17 }, (_, at) => {
            const rest = at;
            return `${protocolNumber(name)} ${16 - rest} ${(port >> rest) << rest}`;
          });
          const found = [...keys, '0 0 0'].find((key) => entries.has(key));
          const fitting = given.filter((grant) => {
            return specContains(grant.ports, { protocol: name, number: port }, []);
          });
          const said = found === undefined ? saidBy([]) : entries.get(found);
          expect([name, port, said]).toEqual([name, port, saidBy(fitting)]);
        }
      }
      const always = entries.get('0 0 0') ?? saidBy([]);
      expect(always).toEqual(saidBy(given.filter(({ ports: { isAll } }) => isAll)));
    }),
  );
});

test('a name has what is said of it, the shape tells which lengths there are', () => {
  fc.assert(
    fc.property(grants, (given) => {
      const entries = entriesOf(given);
      for (const name of protocols) {
        for (const [label, number] of Object.entries(numbers)) {
          const fitting = given.filter((grant) =>
            grant.ports.labels.some((one) => one.protocol === name && one.name === label),
          );
          const said = entries.get(`${protocolNumber(name)} 17 ${number}`);
          expect(said).toEqual(fitting.length === 0 ? undefined : saidBy(fitting));
        }
      }
      const shape = [...entries.keys()].reduce((bits, key) => {
        const [of, length] = key.split(' ').map(Number) as [number, number];
        if (of === 0) return bits | PortShape.AnyProtocol;
        return bits | (length === 17 ? PortShape.Names : 1 << length);
      }, 0);
      expect(uniteGrants(given).shape).toBe(shape);
    }),
  );
});

describe('a range takes the fewest prefixes', () => {
  const allowed = (first: number, last: number): PortGrant => ({
    tier: 'NetworkPolicy',
    action: Accept,
    rank: 0,
    ports: specOfPorts([{ protocol: 'TCP', port: first, endPort: last }]),
  });

  test.each([
    [0, 65_535, ['6 0 0']],
    [80, 80, ['6 16 80']],
    [80, 90, ['6 13 80', '6 15 88', '6 16 90']],
    [32_768, 65_535, ['6 1 32768']],
    [65_535, 65_535, ['6 16 65535']],
    [1, 3, ['6 16 1', '6 15 2']],
    [0, 1, ['6 15 0']],
    [0, 2, ['6 15 0', '6 16 2']],
    [1, 65_535, Array.from({ length: 16 }, (_, at) => `6 ${16 - at} ${2 ** at}`)],
  ])('%i to %i', (first, last, expected) => {
    expect([...entriesOf([allowed(first, last)]).keys()]).toEqual(expected);
  });

  test('and none where it says what is said anyway', () => {
    const everything = { ...allowed(0, 0), ports: allPorts };
    expect([...entriesOf([allowed(80, 90), everything]).keys()]).toEqual(['0 0 0']);
    expect([...entriesOf([allowed(0, 65_535), allowed(80, 90)]).keys()]).toEqual(['6 0 0']);
  });
});

test('a name of a tier’s port is of every protocol, and no range', () => {
  const { ranges, labels } = specOfTierPorts([{ name: 'http' }]);
  expect([ranges, labels.map((label) => label.protocol)]).toEqual([[], [...protocols]]);
});

test('only the empty set has no text', () => {
  fc.assert(
    fc.property(grants, (given) => {
      const { text } = uniteGrants(given);
      expect(text === '').toBe(entriesOf(given).size === 0);
    }),
  );
  expect(uniteGrants([]).text).toBe('');
});
