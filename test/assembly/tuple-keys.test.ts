// Tuples that the index of connections cannot tell apart, in one vector: the guess about whom a
// packet belongs to is held against every byte of its tuple.

import { describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { formatAddress } from '../../host/net/address.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { bucketOf, tagOf } from './bucket.ts';
import { answerTo, makeNode, uplink } from './node.ts';

const udp = 17;
const ack = 16;
const index = { seed: 1, buckets: 1 };
const connections = 2;

/** Where the ports are in a key: behind both addresses; the protocol follows. */
const portsAt = { 4: 8, 6: 32 } as const;

/** Of one byte up to the port: nor may it be taken for the one before, or behind. */
const repeated = 0x20;

function keyOf(family: 4 | 6, changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const key = encode(family === 4 ? 'FlowKey4' : 'FlowKey6', {});
  const at = portsAt[family];
  key
    .fill(repeated, 0, at + 2)
    .fill(repeated + 1, at + 2, at + 4)
    .fill(udp, at + 4, at + 5);
  for (const [at, byte] of Object.entries(changes)) key[+at] = byte;
  return key;
}

/** The packet with this tuple; a segment that could be of any connection. */
function packetOf(family: 4 | 6, key: Uint8Array): PacketFields {
  const at = portsAt[family];
  const view = new DataView(key.buffer);
  const addressAt = (from: number): string => {
    const bytes = new Uint8Array(16).fill(0xff, 10, 12);
    bytes.set(key.subarray(from, from + at / 2), family === 4 ? 12 : 0);
    return formatAddress(bytes);
  };
  return {
    source: addressAt(0),
    destination: addressAt(at / 2),
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    protocol: key[at + 4]!,
    tcpFlags: ack,
  };
}

/** The first key of each list such that both are alike to the index, and differ. */
function findAlike(
  family: 4 | 6,
  changes: readonly [Record<number, number>[], Record<number, number>[]],
  salts: readonly number[],
): [Uint8Array, Uint8Array] {
  for (let salt = 0; salt < 0x10000; salt++) {
    const salted = { [salts[0]!]: salt & 255, [salts[1]!]: salt >> 8 };
    const [known, others] = changes.map((list) =>
      list.map((change) => {
        const key = keyOf(family, { ...salted, ...change });
        return [`${bucketOf(key, index)} ${tagOf(key, index.seed)}`, key] as const;
      }),
    );
    const byName = new Map(known);
    for (const [name, key] of others!) {
      const other = byName.get(name);
      if (other !== undefined && other.join() !== key.join()) return [other, key];
    }
  }
  throw new Error('no tuples are alike');
}

/** The second packet is one of a known connection only if its tuple is that of the first. */
async function expectTold(family: 4 | 6, keys: readonly [Uint8Array, Uint8Array]): Promise<void> {
  const instance = await makeNode({ connections4: connections, connections6: connections });
  const { vector } = instance;
  const run = (packets: readonly PacketFields[]): boolean[] => {
    vector.clear();
    for (const packet of packets) {
      vector.add(encodePacket(packet, 'raw'), { port: uplink, timeMs: 0, link: 'raw' });
    }
    vector.run();
    return packets.map((_, at) => (vector.outcome(at).effects & Effect.Created) !== 0);
  };
  const [first, second] = keys.map((key) => packetOf(family, key)) as [PacketFields, PacketFields];
  run([first]);
  run([answerTo(first)]);
  expect(run([first, second, first, second])).toEqual([false, true, false, false]);
  const all = [...instance.map('connections').entries()];
  const counts = all.map(([, { originalPackets }]) => originalPackets);
  expect(counts.toSorted()).toEqual([2, 3]);
}

const places = ([4, 6] as const).flatMap((family) =>
  Array.from({ length: portsAt[family] + 4 }, (_, at) => [family, at] as const),
);

test.each(places)('IPv%i: tuples that differ in byte %i alone', async (family, at) => {
  const ports = portsAt[family];
  // Those that addresses may begin with, and others that follow.
  const isFirst = at === 0 || at === ports / 2;
  const bytes = isFirst
    ? Array.from({ length: 31 }, (_, n) => 0x20 + n)
    : Array.from({ length: 256 }, (_, n) => n);
  const list = bytes.map((byte) => ({ [at]: byte }));
  const salts = at < ports ? [ports + 1, ports + 3] : [ports / 2 - 1, ports - 1];
  await expectTold(family, findAlike(family, [list, list], salts));
});

test.each([8, 16, 24])('IPv6: byte %i is not taken for the one behind it', async (at) => {
  const others = Array.from({ length: 256 }, (_, n) => ({ [at]: n }));
  const [first, second] = findAlike(6, [[{ [at]: repeated }], others], [33, 35]);
  await expectTold(6, [first, second]);
  await expectTold(6, [second, first]);
});

/** A part of which the two have no bit in common. */
const apart: readonly (readonly [what: string, at: number, high: number, low: number])[] = [
  ['the network of the destination', 16, 0x20, 0x40],
  ['the destination', 24, 0x20, 0x40],
];

describe('IPv6: tuples that have no bit in common', () => {
  test.each(apart)('in %s', async (_, at, some, others) => {
    // Everything else in that part is zero in one of the two.
    const clear = Object.fromEntries(Array.from({ length: 8 }, (__, n) => [at + n, 0]));
    const list = (first: number, second: number) =>
      Array.from({ length: 256 }, (__, n) => ({ ...clear, [at]: first, [at + second]: n }));
    await expectTold(6, findAlike(6, [list(some, 1), list(others, 2)], [33, 35]));
  });
});
