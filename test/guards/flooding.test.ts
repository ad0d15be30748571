// Tuples that share a bucket under one seed are no worse than random ones under another: who does
// not know the seed cannot make look-ups long. Counted in accesses to memory, not in time.

import { expect, test } from 'vitest';
import { ConnectionState } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { bucketOf } from '../assembly/bucket.ts';
import { GuardedInstance } from './guard.ts';

const capacity = {
  vectorPackets: 1,
  blockBytes: 4096,
  traceSteps: 8,
  ports: 16,
  prefixes: 16,
  frontends: 16,
  services: 16,
  endpoints: 16,
  affinities: 16,
  identities: 16,
  policies: 16,
  portSets: 16,
  connections4: 2048,
  connections6: 16,
  fragments: 4,
  maglevSlots: 16,
};
/** Twice 2048 tuples, four to a bucket. */
const buckets = 1024;
const knownSeed = 1;
/** Half of them are entered, half are looked for in vain. */
const tuples = 320;

interface Tuple {
  readonly source: string;
  readonly sourcePort: number;
}

/** Clients of one server, in no order. */
function* clients(): Generator<Tuple> {
  for (let number = 1; ; number++) {
    const scattered = Math.imul(number, 0x9e3779b1) >>> 0;
    const source = `203.0.${(scattered >>> 24) & 255}.${(scattered >>> 16) & 255}`;
    yield { source, sourcePort: scattered & 0xffff };
  }
}

function tableKey({ source, sourcePort }: Tuple): Uint8Array {
  const key = encode('FlowKey4', {});
  key.set([...source.split('.').map(Number), 10, 244, 1, 5]);
  key.set([sourcePort >>> 8, sourcePort & 255, 0, 80, 6], 8);
  return key;
}

function take(isWanted: (tuple: Tuple) => boolean): Tuple[] {
  const found: Tuple[] = [];
  for (const tuple of clients()) {
    if (isWanted(tuple)) found.push(tuple);
    if (found.length === tuples) break;
  }
  return found;
}

/** Accesses to memory that it takes to find out that a tuple is not there, among its likes. */
async function costOf(flood: readonly Tuple[], seedLow: number): Promise<number> {
  const guarded = await GuardedInstance.create({ ...capacity, seedLow });
  const map = guarded.instance.map('connections');
  const keys = flood.map((tuple) =>
    encode('FlowKey6', { ...tuple, destination: '10.244.1.5', destinationPort: 80, protocol: 6 }),
  );
  const entered = keys.splice(0, tuples / 2);
  entered.forEach((key, index) => {
    const { source, sourcePort } = flood[index]!;
    const reply = {
      replySource: '10.244.1.5',
      replySourcePort: 80,
      replyDestination: source,
      replyDestinationPort: sourcePort,
    };
    const state = ConnectionState.Established;
    map.restoreBytes(key, encode('Connection', { ...reply, state, expiresAtMs: 1000 }));
  });
  const before = guarded.accesses;
  for (const key of keys) expect(map.lookUpBytes(key)).toBeUndefined();
  return (guarded.accesses - before) / keys.length;
}

test('a flood of one bucket costs no more than random tuples, but for its own seed', async () => {
  const flood = take((tuple) => bucketOf(tableKey(tuple), { seed: knownSeed, buckets }) === 0);
  const random = take(() => true);
  const usual = await costOf(random, knownSeed);
  expect(await costOf(flood, knownSeed)).toBeGreaterThan(1.5 * usual);
  for (const secret of [2, 77, 123_456_789]) {
    expect(await costOf(flood, secret)).toBeLessThan(1.05 * usual);
  }
});
