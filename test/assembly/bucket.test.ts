// Indexes in which every bucket was passed by, so that a look-up in vain goes through all of them:
// it takes keys that are chosen by who knows the seed. Each bucket is filled, passed by one more,
// and emptied again.

import { expect, test } from 'vitest';
import { ConnectionFlag, ConnectionState } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { bucketOf, tagOf } from './bucket.ts';
import { addresses, client, makeNode, send, uplink } from './node.ts';

const seed = 1;
const buckets = 4;
const slots = 8;
const home = (key: Uint8Array): number => bucketOf(key, { seed, buckets });

/** Passes by every bucket; `fill` enters one more key of a bucket, and gives back how to delete. */
function passEvery(enter: (bucket: number) => { count: number; remove: () => void }): void {
  let inBucket = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const filling: (() => void)[] = [];
    while (inBucket < slots) {
      const { count, remove } = enter(bucket);
      inBucket += count;
      filling.push(remove);
    }
    // It finds its bucket full, and goes on to the next one.
    inBucket = enter(bucket).count;
    for (const remove of filling) remove();
  }
}

/** Ports in order, each once, whose key has its home in a bucket. */
function portsOf(keyOf: (port: number) => Uint8Array): (bucket: number) => number {
  let port = 1024;
  return (bucket) => {
    for (port++; home(keyOf(port)) !== bucket;) port++;
    return port;
  };
}

test('a look-up in vain ends where it began', async () => {
  const instance = await makeNode({ frontends: 16 });
  const frontends = instance.map('frontends');
  for (const [key] of [...frontends.entries()]) frontends.delete(key);
  const keyOf = (port: number) => ({ address: '10.96.0.1', port, protocol: 6 });
  const next = portsOf((port) => encode('FrontendKey', keyOf(port)));
  passEvery((bucket) => {
    const key = keyOf(next(bucket));
    frontends.update(key, { service: 1 });
    return { count: 1, remove: () => void frontends.delete(key) };
  });
  for (let bucket = 0; bucket < buckets; bucket++) {
    expect(frontends.lookUp(keyOf(next(bucket)))).toBeUndefined();
  }
  expect([...frontends.entries()].length).toBe(buckets);
});

test('keys are found behind a full bucket, however often they came and went', async () => {
  const instance = await makeNode({ frontends: 16 });
  const frontends = instance.map('frontends');
  for (const [key] of [...frontends.entries()]) frontends.delete(key);
  const keyOf = (port: number) => ({ address: '10.96.0.1', port, protocol: 6 });
  const next = portsOf((port) => encode('FrontendKey', keyOf(port)));
  const keys = Array.from({ length: slots + 2 }, () => encode('FrontendKey', keyOf(next(0))));
  const value = encode('Frontend', { service: 1 });
  for (const key of keys) frontends.updateBytes(key, value);
  const moving = keys.at(-1)!;
  // As often as 16 bits can count.
  for (let times = 0; times < 0x10000; times++) {
    if (!frontends.deleteBytes(moving)) expect.fail(`lost after ${times} times`);
    // The other one behind the bucket.
    if (times < 1000 && !frontends.lookUpBytes(keys.at(-2)!)) expect.fail(`lost at ${times}`);
    frontends.updateBytes(moving, value);
  }
  for (const key of keys) expect(frontends.lookUpBytes(key)).toEqual(value);
});

/** Ports of the first keys that are alike to their index: of one bucket, with one tag. */
function alikePorts(count: number, keyOf: (port: number) => Uint8Array): number[] {
  const alike = new Map<string, number[]>();
  for (let port = 1; port < 0x10000; port++) {
    const key = keyOf(port);
    const name = `${home(key)} ${tagOf(key, seed)}`;
    const ports = [...(alike.get(name) ?? []), port];
    if (ports.length === count) return ports;
    alike.set(name, ports);
  }
  throw new Error('no keys are alike');
}

test('keys that are alike to the index are told apart, in any order', async () => {
  const instance = await makeNode({ frontends: 16 });
  const frontends = instance.map('frontends');
  for (const [key] of [...frontends.entries()]) frontends.delete(key);
  const keyOf = (port: number) => ({ address: '10.96.0.1', port, protocol: 6 });
  const ports = alikePorts(3, (port) => encode('FrontendKey', keyOf(port)));
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    for (const port of ports) frontends.update(keyOf(port), { service: port });
    for (const [step, index] of order.entries()) {
      expect(frontends.delete(keyOf(ports[index]!))).toBe(true);
      for (const [later, other] of order.entries()) {
        const service = frontends.lookUp(keyOf(ports[other]!))?.service;
        expect(service).toBe(later > step ? ports[other] : undefined);
      }
    }
  }
});

test('a full bucket is passed by any number of times', async () => {
  const instance = await makeNode({ frontends: 16 });
  const frontends = instance.map('frontends');
  for (const [key] of [...frontends.entries()]) frontends.delete(key);
  const bytesOf = (port: number) => {
    return encode('FrontendKey', { address: '10.96.0.1', port, protocol: 6 });
  };
  const next = portsOf(bytesOf);
  const value = encode('Frontend', { service: 1 });
  for (let entered = 0; entered < slots; entered++) frontends.updateBytes(bytesOf(next(0)), value);
  const passing = bytesOf(next(0));
  let found = 0;
  const times = 66_000;
  for (let time = 0; time < times; time++) {
    frontends.updateBytes(passing, value);
    if (frontends.deleteBytes(passing)) found += 1;
  }
  expect(found).toBe(times);
});

test.each([1, 2, 3, 4])(
  'a map with room for %i: what comes goes, and comes again',
  async (room) => {
    const instance = await Instance.create({ capacity: { frontends: room } });
    const frontends = instance.map('frontends');
    const keys = Array.from({ length: room }, (_, port) => {
      return { address: '10.96.0.1', port, protocol: 6 };
    });
    for (let round = 0; round < 3; round++) {
      for (const key of keys) frontends.update(key, { service: 1 });
      expect(() => frontends.update({ ...keys[0]!, port: 99 }, { service: 1 })).toThrow();
      for (const key of keys) {
        expect(frontends.delete(key)).toBe(true);
        expect(frontends.lookUp(key)).toBeUndefined();
      }
    }
  },
);

test.each([1, 2, 3])('of %i connections one gives way to the next', async (room) => {
  const instance = await makeNode({ connections4: room });
  const { client: source, server: destination } = addresses[4];
  for (let sourcePort = 1; sourcePort < 20; sourcePort++) {
    const packet = { source, destination, protocol: 17, sourcePort, destinationPort: 9 };
    expect(send(instance, packet, { port: client }).verdict).toBe('forward');
  }
  expect([...instance.map('connections').entries()]).toHaveLength(room);
});

test('a full bucket is passed by hundreds of keys, each of which is found', async () => {
  const many = 300;
  const instance = await makeNode({ frontends: many });
  const frontends = instance.map('frontends');
  for (const [key] of [...frontends.entries()]) frontends.delete(key);
  const value = encode('Frontend', { service: 1 });
  const keys: Uint8Array[] = [];
  for (let port = 1; keys.length < many; port++) {
    const key = encode('FrontendKey', { address: '10.96.0.1', port, protocol: 6 });
    if (bucketOf(key, { seed, buckets: 128 }) === 0) keys.push(key);
  }
  for (const key of keys) frontends.updateBytes(key, value);
  const last = keys.at(-1)!;
  for (const key of keys) {
    expect(frontends.lookUpBytes(last)).toEqual(value);
    expect(frontends.deleteBytes(key)).toBe(true);
  }
});

const own = addresses[4];

/** The tuple of a connection as its table has it, from outside to the server. */
function tupleOf(sourcePort: number, isReply: boolean): Uint8Array {
  const ends = { source: own.outside, destination: own.server };
  const [source, destination] = isReply
    ? [ends.destination, ends.source]
    : [ends.source, ends.destination];
  const ports = isReply ? [80, sourcePort] : [sourcePort, 80];
  const key = encode('FlowKey4', {});
  key.set([source, destination].flatMap((address) => address.split('.').map(Number)));
  key.set([...ports.flatMap((port) => [port >> 8, port & 255]), 17], 8);
  return key;
}

function restoreConnection(
  instance: Instance,
  port: number,
  replyPort: number,
  changes: { flags?: number; createdAtMs?: number } = {},
): () => void {
  const ends = { source: own.outside, destination: own.server };
  const key = { ...ends, sourcePort: port, destinationPort: 80, protocol: 17 };
  const map = instance.map('connections');
  const value = encode('Connection', {
    replySource: own.server,
    replyDestination: own.outside,
    replySourcePort: 80,
    replyDestinationPort: replyPort,
    state: ConnectionState.Replied,
    flags: ConnectionFlag.Assured,
    expiresAtMs: 1_000_000,
    ...changes,
  });
  map.restoreBytes(encode('FlowKey6', key), value);
  return () => void map.delete({ ...key, icmpType: 0, icmpCode: 0 });
}

test('who looks for room among connections looks at each of them once', async () => {
  const instance = await makeNode({ connections4: 8 });
  const original = portsOf((port) => tupleOf(port, false));
  const reply = portsOf((port) => tupleOf(port, true));
  const enter = (bucket: number) => {
    const remove = restoreConnection(instance, original(bucket), reply(bucket));
    return { count: 2, remove };
  };
  passEvery(enter);
  while ([...instance.map('connections').entries()].length < 8) enter(0);
  const packet = { source: own.client, destination: own.server, protocol: 17 };
  const ports = { sourcePort: 40000, destinationPort: 9 };
  const { reason } = send(instance, { ...packet, ...ports }, { port: client });
  expect(reason, 'all are assured').toBe('conntrack-full');
});

/** How many tuples of each connection belong to its own bucket; the rest, to one farther off. */
const neighbourhoods: readonly (readonly [what: string, tuples: readonly (0 | 1 | 2)[]])[] = [
  ['that lie in two buckets', [2, 2, 2, 2, 2, 2, 2, 2]],
  ['one of which lies in the next bucket', [2, 2, 2, 2, 1, 0, 0, 0]],
  ['that fill their bucket', [2, 2, 2, 2, 0, 0, 0, 0]],
  ['that lie in it with one tuple each', [1, 1, 1, 1, 1, 1, 1, 1]],
];
const everyBucket = neighbourhoods.flatMap(([what, tuples]) =>
  [0, 1, 2, 3].map((bucket) => [what, bucket, tuples] as const),
);

test.each(everyBucket)('the oldest of connections %s gives way: %i', async (_, bucket, tuples) => {
  const near = tuples.flatMap((count, index) => (count > 0 ? [index] : []));
  const far = (bucket + 2) % buckets;
  for (const oldest of near) {
    const instance = await makeNode({ connections4: 8 });
    const original = portsOf((port) => tupleOf(port, false));
    const reply = portsOf((port) => tupleOf(port, true));
    const ports = tuples.map((count, index) => {
      const port = original(count > 0 ? bucket : far);
      // Those that are no neighbours are older still.
      const createdAtMs = count === 0 ? index : index === oldest ? 100 : 200 + index;
      const replyPort = reply(count > 1 ? bucket : far);
      restoreConnection(instance, port, replyPort, { flags: 0, createdAtMs });
      return port;
    });
    expect(goneAfter(instance, ports, original(bucket))).toEqual([ports[oldest]]);
  }
});

/** Which of these connections is gone when another one has come. */
function goneAfter(instance: Instance, ports: readonly number[], sourcePort: number): number[] {
  const packet = { source: own.outside, destination: own.server, protocol: 17 };
  send(instance, { ...packet, sourcePort, destinationPort: 80 }, { port: uplink });
  const entries = [...instance.map('connections').entries()];
  const known = new Set(entries.map(([key]) => key.sourcePort));
  return ports.filter((port) => !known.has(port));
}

test.each([0, 1, 2, 3])('the next bucket comes before the one after it: %i', async (bucket) => {
  const instance = await makeNode({ connections4: 8 });
  const original = portsOf((port) => tupleOf(port, false));
  const reply = portsOf((port) => tupleOf(port, true));
  const [next, before] = [(bucket + 1) % buckets, (bucket + 3) % buckets];
  const ports = Array.from({ length: 8 }, (_, index) => {
    const place = index < 4 ? next : before;
    const port = original(place);
    const createdAtMs = index < 4 ? 100 + index : 0;
    restoreConnection(instance, port, reply(place), { flags: 0, createdAtMs });
    return port;
  });
  expect(goneAfter(instance, ports, original(bucket))).toEqual([ports[0]]);
});

test('who had to go on to the next bucket is none of those that belong there', async () => {
  const instance = await makeNode({ connections4: 8 });
  const original = portsOf((port) => tupleOf(port, false));
  const reply = portsOf((port) => tupleOf(port, true));
  // Four fill bucket 0: the fifth, the oldest of all, is in bucket 1.
  const ports = [200, 200, 200, 200, 0, 100, 300, 300].map((createdAtMs, index) => {
    const bucket = index < 5 ? 0 : 1;
    const port = original(bucket);
    restoreConnection(instance, port, reply(bucket), { flags: 0, createdAtMs });
    return port;
  });
  expect(goneAfter(instance, ports, original(1))).toEqual([ports[5]]);
});

test('of equally old ones it is the same, in whatever order they came', async () => {
  const original = portsOf((port) => tupleOf(port, false));
  const reply = portsOf((port) => tupleOf(port, true));
  const pairs = Array.from({ length: 8 }, () => [original(1), reply(0)] as const);
  const gone = new Set<number>();
  const newest = original(0);
  for (let turn = 0; turn < 8; turn++) {
    const instance = await makeNode({ connections4: 8 });
    const order = [...pairs.slice(turn), ...pairs.slice(0, turn)];
    for (const each of turn % 2 ? order.toReversed() : order) {
      restoreConnection(instance, ...each, { flags: 0, createdAtMs: 100 });
    }
    const ports = pairs.map(([port]) => port);
    for (const port of goneAfter(instance, ports, newest)) gone.add(port);
  }
  expect(gone.size).toBe(1);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
  'a neighbour is up to 7 buckets away: %i',
  async (distance) => {
    const many = { seed, buckets: 16 };
    const find = (isReply: boolean, wanted: (bucket: number) => boolean, from: number): number => {
      for (let port = from; ; port++)
        if (wanted(bucketOf(tupleOf(port, isReply), many))) return port;
    };
    const instance = await makeNode({ connections4: 32 });
    const sourcePort = find(false, (bucket) => bucket === 0, 60_000);
    // All others are assured, and stay wherever they are.
    for (let port = 1; port < 32; port++) restoreConnection(instance, port, port);
    const port = find(false, (bucket) => bucket === distance, 1000);
    const replyPort = find(true, (bucket) => bucket > 8, 1000);
    restoreConnection(instance, port, replyPort, { flags: 0 });
    expect(goneAfter(instance, [port], sourcePort)).toEqual(distance < 8 ? [port] : []);
  },
);
