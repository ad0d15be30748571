// How much memory an instance takes: for each thing that it has room for at least the bytes of that
// thing, and not much more.

import { expect, test } from 'vitest';
import { maps, type Capacity, type MapName } from '../../host/abi/abi.gen.ts';
import { sizeOf } from '../../host/abi/struct.ts';
import { capacityOfMap } from '../../host/dataplane/capacity.ts';
import { Instance } from '../../host/dataplane/instance.ts';

/** Powers of two: indexes are half empty then, not emptier. */
const [few, many] = [64, 2048];
const small = {
  ...{ vectorPackets: few, blockBytes: few, traceSteps: few, ports: few, prefixes: few },
  ...{ frontends: few, services: few, endpoints: few, affinities: few, identities: few },
  ...{ policies: few, portSets: few, connections4: few, connections6: few, fragments: few },
  ...{ maglevSlots: few, rulesets: few, heldFragments: few, heldBytes: few },
};

const mapsOf = (number: keyof Capacity) =>
  (Object.keys(maps) as MapName[])
    .filter((name) => capacityOfMap[name] === number)
    .map((name) => maps[name]);

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** An entry of each map that a number sizes. */
function entryBytes(number: keyof Capacity): number {
  const sizes = mapsOf(number).map(({ key, value }) => {
    return (key === 'u32' ? 0 : sizeOf(key)) + sizeOf(value);
  });
  return sum(sizes);
}

/** A tag and a reference for each key, twice; and a link for each entry. */
const keyBytes = 16;
const linkBytes = 4;

function indexBytes(number: keyof Capacity): number {
  const indexed = mapsOf(number).filter(({ kind }) => kind !== 'array').length;
  return indexed * (keyBytes + linkBytes) + (moreIndexed[number] ?? 0);
}

const descriptor = sizeOf('PacketDescriptor');
const load = sizeOf('LoadKey') + sizeOf('Load');
const connection = sizeOf('Connection') - 32;

/** What more is kept of each, in bytes. */
const more: Readonly<Partial<Record<keyof Capacity, number>>> = {
  // It may be answered, by 1280 bytes at most, and release another one.
  vectorPackets: 2 * descriptor + sizeOf('Choice') + 1280,
  blockBytes: 1,
  traceSteps: sizeOf('TraceStep'),
  endpoints: load,
  affinities: load,
  connections4: connection + 2 * sizeOf('FlowKey4'),
  connections6: connection + 2 * sizeOf('FlowKey6'),
  // A bit for every 8 bytes of the largest datagram.
  fragments: 65536 / 64,
  heldFragments: 2 * descriptor,
  // What has left is read after the call, beside what is held by then.
  heldBytes: 2,
};

/** What more is indexed of each, and what is kept of each packet on its way, in bytes. */
const moreIndexed: Readonly<Partial<Record<keyof Capacity, number>>> = {
  vectorPackets: 256,
  // Both together size one index, which is emptier.
  endpoints: 2 * keyBytes + linkBytes,
  affinities: 2 * keyBytes + linkBytes,
  connections4: 2 * keyBytes + linkBytes,
  connections6: 2 * keyBytes + linkBytes,
  heldFragments: linkBytes,
};

test.each(Object.keys(small) as (keyof typeof small)[])('%s', async (number) => {
  const memoryOf = async (count: number): Promise<number> => {
    const { layout } = await Instance.create({ capacity: { ...small, [number]: count } });
    return layout.memoryBytes;
  };
  const each = ((await memoryOf(many)) - (await memoryOf(few))) / (many - few);
  const needed = entryBytes(number) + (more[number] ?? 0);
  expect(each).toBeGreaterThanOrEqual(needed);
  console.log(number, each, needed, indexBytes(number));
  expect(each).toBeLessThan(needed + indexBytes(number) + 1);
});

test('areas lie on cache lines of their own, one behind the other', async () => {
  const odd = { ...small, vectorPackets: 3, blockBytes: 65, traceSteps: 5, heldFragments: 7 };
  const { layout } = await Instance.create({ capacity: odd });
  const areas: readonly [from: number, bytes: number][] = [
    [layout.descriptors, odd.vectorPackets * descriptor],
    [layout.choices, odd.vectorPackets * sizeOf('Choice')],
    [layout.answers, odd.vectorPackets * 1280],
    [layout.block, odd.blockBytes],
    [layout.trace, odd.traceSteps * sizeOf('TraceStep')],
    [layout.released, (odd.heldFragments + odd.vectorPackets) * descriptor],
  ];
  for (const [from] of areas) expect(from % 64).toBe(0);
  const ends = areas.map(([from, bytes]) => from + bytes);
  const next = [...areas.slice(1).map(([from]) => from), layout.memoryBytes];
  for (const [index, end] of ends.entries()) expect(end).toBeLessThanOrEqual(next[index]!);
});
