// How much memory an instance takes: for each thing that it has room for at least the bytes of that
// thing, and not much more.

import { expect, test } from 'vitest';
import { maps, type Capacity, type MapName, type TraceStep } from '../../host/abi/abi.gen.ts';
import { encode, sizeOf } from '../../host/abi/struct.ts';
import { capacityOfMap } from '../../host/dataplane/capacity.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { addresses, client, countClear, makeNode, send, servicePort } from './node.ts';

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
  return indexed * (keyBytes + linkBytes);
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

/** What else may be kept of each, in bytes: what more is indexed, room for what is worked on. */
const besides: Readonly<Partial<Record<keyof Capacity, number>>> = {
  vectorPackets: 256,
  // Both together size one index, which is emptier.
  endpoints: 2 * keyBytes + linkBytes,
  affinities: 2 * keyBytes + linkBytes,
  connections4: 2 * keyBytes + linkBytes + 40,
  connections6: 2 * keyBytes + linkBytes + 56,
  heldFragments: linkBytes + 24,
};

test.each(Object.keys(small) as (keyof typeof small)[])('%s', async (number) => {
  const memoryOf = async (count: number): Promise<number> => {
    const { layout } = await Instance.create({ capacity: { ...small, [number]: count } });
    return layout.memoryBytes;
  };
  const each = ((await memoryOf(many)) - (await memoryOf(few))) / (many - few);
  const needed = entryBytes(number) + (more[number] ?? 0);
  expect(each).toBeGreaterThanOrEqual(needed);
  expect(each).toBeLessThan(needed + indexBytes(number) + (besides[number] ?? 0) + 1);
});

test('memory reaches as far as what lies in it, and a quarter farther at most', async () => {
  const page = 65_536;
  for (let blockBytes = page; blockBytes < 4_000_000; blockBytes += 100_000) {
    const { memory, layout } = await Instance.create({ capacity: { ...small, blockBytes } });
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(layout.memoryBytes);
    expect(memory.buffer.byteLength).toBeLessThan(1.25 * layout.memoryBytes + 2 * page);
  }
});

test('nothing lies where null points to', async () => {
  expect(countClear(await makeNode())).toBeGreaterThan(0);
});

/** Where the next line of memory begins. */
const lineAt = (address: number): number => Math.ceil(address / 64) * 64;

test.each([1, 3, 64])(
  'areas for %i lie on lines of their own, one behind the other',
  async (all) => {
    const odd = { ...small, vectorPackets: all, blockBytes: all + 62, heldFragments: all + 4 };
    const { layout } = await Instance.create({ capacity: { ...odd, traceSteps: all } });
    const areas: readonly [from: number, bytes: number][] = [
      [layout.descriptors, all * descriptor],
      [layout.choices, all * sizeOf('Choice')],
      [layout.answers, all * 1280],
      [layout.block, odd.blockBytes],
      [layout.trace, all * sizeOf('TraceStep')],
      [layout.released, (odd.heldFragments + all) * descriptor],
    ];
    for (const [from] of areas) expect(from % 64).toBe(0);
    const ends = areas.map(([from, bytes]) => from + bytes);
    const next = [...areas.slice(1).map(([from]) => from), layout.memoryBytes];
    for (const [index, end] of ends.entries()) expect(end).toBeLessThanOrEqual(next[index]!);
    // No line is wasted between them.
    expect(layout.choices).toBe(lineAt(layout.descriptors + all * descriptor));
    expect(layout.answers).toBe(lineAt(layout.choices + all * sizeOf('Choice')));
  },
);

const own = addresses[4];
const ends = { source: own.client, destination: own.server, protocol: 17 };
const ports = { sourcePort: 40_000, destinationPort: servicePort };

test.each([127, 128, 129, 130])(
  'a block of %i bytes is used to the last one',
  async (blockBytes) => {
    const instance = await makeNode({ ...small, blockBytes });
    const payload = new Uint8Array(blockBytes - 28).fill(255);
    const packet = { ...ends, ...ports, payload };
    const { frame } = send(instance, encodePacket(packet, 'raw'), { port: client, link: 'raw' });
    expect(frame.length).toBe(blockBytes);
    expect(frame.subarray(28)).toEqual(payload);
  },
);

test('trace steps that find no room are written over nothing', async () => {
  const { length } = await tracedBy(64);
  expect(length).toBeGreaterThan(5);
  for (let traceSteps = 1; traceSteps < length; traceSteps++) {
    expect(await tracedBy(traceSteps)).toHaveLength(traceSteps);
  }
});

/** Traces a packet through a node with room for so many steps, and looks at its maps. */
async function tracedBy(traceSteps: number): Promise<readonly TraceStep[]> {
  const instance = await makeNode({ ...small, blockBytes: 4096, traceSteps });
  const contents = () =>
    (['config', 'timeouts', 'ports', 'routes'] as const).map((name) => [
      ...instance.map(name).entriesBytes(),
    ]);
  const before = contents();
  const dialled = { ...ends, ...ports, destination: own.service };
  send(instance, dialled, { port: client, trace: true });
  expect(contents()).toEqual(before);
  return instance.traceSteps();
}

/** Sends the first pieces of so many datagrams; what is said of them. */
function openDatagrams(instance: Instance, count: number): string[] {
  const packet = encodePacket({ ...ends, ...ports, payload: new Uint8Array(2000) }, 'raw');
  return Array.from({ length: count }, (_, identification) => {
    const [first] = cutPacket(packet, { units: [64], order: [], identification });
    return send(instance, first!, { port: client, link: 'raw' }).reason;
  });
}

test.each([1, 2, 3])('the last of %i datagrams has a place of its own', async (fragments) => {
  const instance = await makeNode({ ...small, blockBytes: 4096, fragments });
  const map = instance.map('exhaustions');
  for (let port = 1; port <= 1024; port++) {
    const key = encode('ExhaustionKey', { destination: own.server, port, protocol: 17 });
    map.restoreBytes(key, encode('Exhaustion', { packets: port }));
  }
  const before = [...map.entriesBytes()];
  expect(openDatagrams(instance, fragments)).toEqual(Array(fragments).fill('none'));
  expect([...map.entriesBytes()]).toEqual(before);
});

test('nothing is written to the bottom of memory, where what is absent is read', async () => {
  const before = countClear(await Instance.create({ capacity: small }));
  const instance = await makeNode({ ...small, blockBytes: 4096, fragments: 2 });
  expect(openDatagrams(instance, 3)).toEqual(['none', 'none', 'fragment-table-full']);
  for (let lengthBits = 0; lengthBits < 32; lengthBits++) {
    instance.map('routes').update({ address: '::', lengthBits, scope: 0 }, { kind: 1, port: 2 });
  }
  expect(countClear(instance)).toBe(before);
});
