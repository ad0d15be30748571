// The tables of the module behind their maps, against the plainest thing that does the same: a Map,
// and a search through every prefix.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PortKind, RouteKind, Verdict } from '../../host/abi/abi.gen.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { formatAddress, parseAddress } from '../../host/net/address.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { runs } from './setup.ts';

const capacity = { identities: 20, prefixes: 20, connections4: 64, connections6: 64 };

/** Few addresses, so that keys meet again. */
const address = fc
  .integer({ min: 2, max: 42 })
  .map((host) => (host % 2 ? `10.0.0.${host}` : `fd00::${host}`));

const change = fc.record({
  key: address,
  value: fc.option(fc.integer({ min: 1, max: 1000 }), { freq: 3 }),
});

test('a hash map holds what a Map of its capacity would, and visits each entry once', async () => {
  const instance = await Instance.create({ capacity });
  const map = instance.map('identities');
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100, size: 'max' }), (changes) => {
      for (const [key] of [...map.entries()]) map.delete(key);
      const expected = new Map<string, number>();
      for (const { key, value } of changes) {
        if (value === null) {
          expect(map.delete({ address: key })).toBe(expected.delete(key));
        } else if (expected.size === capacity.identities && !expected.has(key)) {
          const refused = () => map.update({ address: key }, { identity: value });
          expect(refused).toThrow(expect.objectContaining({ status: 'full' }));
        } else {
          map.update({ address: key }, { identity: value });
          expected.set(key, value);
        }
        expect(map.lookUp({ address: key })?.identity).toBe(expected.get(key));
      }
      const visited = [...map.entries()].map(([key, { identity }]) => [key.address, identity]);
      expect(visited.length).toBe(expected.size);
      expect(new Map(visited as [string, number][])).toEqual(expected);
    }),
    runs(100),
  );
});

test('an array map holds what was written where, and refuses keys beyond its end', async () => {
  const services = 16;
  const write = fc.tuple(fc.nat({ max: 2 * services }), fc.integer({ min: 1, max: 0xffffffff }));
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 50, size: 'max' }), async (writes) => {
      const map = (await Instance.create({ capacity: { ...capacity, services } })).map('services');
      const expected = new Map<number, number>();
      for (const [key, clusterCount] of writes) {
        if (key > services) {
          const refused = () => map.update(key, { clusterCount });
          expect(refused).toThrow(expect.objectContaining({ status: 'bad-key' }));
        } else if (key < services) {
          map.update(key, { clusterCount });
          expected.set(key, clusterCount);
        }
      }
      for (let key = 0; key < services; key++) {
        expect(map.lookUp(key)?.clusterCount).toBe(expected.get(key));
      }
    }),
    runs(50),
  );
});

/** Addresses that share their first bits to various lengths. */
function branching(family: 4 | 6): fc.Arbitrary<Uint8Array> {
  const first = parseAddress(family === 4 ? '10.0.0.0' : 'fd00::')!;
  const from = family === 4 ? 13 : 1;
  return fc
    .tuple(...Array.from({ length: 16 - from }, () => fc.constantFrom(0, 1, 128)))
    .map((tail) => {
      const bytes = first.slice();
      bytes.set(tail, from);
      return bytes;
    });
}

interface Written {
  readonly bytes: Uint8Array;
  readonly lengthBits: number;
}

function written(family: 4 | 6): fc.Arbitrary<Written> {
  const lengthBits = fc.integer({ min: family === 4 ? 96 : 0, max: 128 });
  return fc
    .tuple(branching(family), lengthBits)
    .map(([bytes, length]) => ({ bytes: masked(bytes, length), lengthBits: length }));
}

function masked(bytes: Uint8Array, lengthBits: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, lengthBits - 8 * index));
    return byte & (0xff00 >> kept);
  });
}

test.each([4, 6] as const)('IPv%i packets follow the longest prefix', async (family) => {
  const target = branching(family);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(written(family), { minLength: 1, maxLength: 12, selector: textOf }),
      fc.array(target, { minLength: 1, maxLength: 12 }),
      async (prefixes, targets) => {
        const instance = await Instance.create({ capacity });
        for (const [index, { bytes, lengthBits }] of prefixes.entries()) {
          instance.map('ports').update(index + 1, { kind: PortKind.Uplink });
          const route = { kind: RouteKind.Forward, port: index + 1 };
          instance
            .map('routes')
            .update({ address: formatAddress(bytes), scope: 0, lengthBits }, route);
        }
        for (const destination of targets) {
          const longest = naiveLongest(prefixes, destination);
          const outcome = sendTo(instance, formatAddress(destination));
          expect(outcome.verdict).toBe(longest === null ? Verdict.Drop : Verdict.Forward);
          if (longest !== null) expect(outcome.outPort).toBe(longest + 1);
        }
      },
    ),
    runs(60),
  );
});

function textOf({ bytes, lengthBits }: Written): string {
  return `${formatAddress(bytes)}/${lengthBits}`;
}

/** Index of the longest prefix that contains the address. */
function naiveLongest(prefixes: readonly Written[], destination: Uint8Array): number | null {
  let longest: number | null = null;
  for (const [index, { bytes, lengthBits }] of prefixes.entries()) {
    const isInside =
      textOf({ bytes: masked(destination, lengthBits), lengthBits }) ===
      textOf({ bytes, lengthBits });
    if (isInside && (longest === null || lengthBits > prefixes[longest]!.lengthBits))
      longest = index;
  }
  return longest;
}

function sendTo({ vector }: Instance, destination: string) {
  const isIPv6 = destination.includes(':');
  const source = isIPv6 ? '2001:db8::7' : '203.0.113.7';
  const packet = { source, destination, protocol: 17, sourcePort: 1, destinationPort: 2 };
  vector.clear();
  vector.add(encodePacket(packet, 'raw'), { port: 1, timeMs: 0, link: 'raw' });
  vector.run();
  return vector.outcome(0);
}
