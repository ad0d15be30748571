// Indexes in which every bucket was passed by, so that a look-up in vain goes through all of them:
// it takes keys that are chosen by who knows the seed. Each bucket is filled, passed by one more,
// and emptied again.

import { expect, test } from 'vitest';
import { ConnectionFlag, ConnectionState } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
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

/** How many tuples of each connection belong to a bucket; the rest belong to the next but one. */
const neighbourhoods: readonly (readonly [what: string, tuples: readonly (0 | 1 | 2)[]])[] = [
  ['that lie in two buckets', [2, 2, 2, 2, 2, 2, 2, 2]],
  ['one of which lies in the next bucket', [2, 2, 2, 2, 1, 0, 0, 0]],
  ['that fill their bucket', [2, 2, 2, 2, 0, 0, 0, 0]],
  ['that lie in it with one tuple each', [1, 1, 1, 1, 1, 1, 1, 1]],
];

const placed = neighbourhoods.flatMap(([what, tuples]) =>
  [...Array(buckets).keys()].map((bucket) => [what, bucket, tuples] as const),
);

test.each(placed)('the oldest of connections %s gives way: %i', async (_, bucket, tuples) => {
  const neighbours = tuples.flatMap((count, index) => (count > 0 ? [index] : []));
  const other = (bucket + 2) % buckets;
  for (const oldest of neighbours) {
    const instance = await makeNode({ connections4: 8 });
    const original = portsOf((port) => tupleOf(port, false));
    const reply = portsOf((port) => tupleOf(port, true));
    const ports = tuples.map((count, index) => {
      const port = original(count > 0 ? bucket : other);
      const createdAtMs = index === oldest ? 100 : 200 + index;
      const replyPort = reply(count > 1 ? bucket : other);
      restoreConnection(instance, port, replyPort, { flags: 0, createdAtMs });
      return port;
    });
    sendFrom(instance, original(bucket));
    const known = portsIn(instance);
    expect(ports.filter((port) => !known.includes(port))).toEqual([ports[oldest]]);
  }
});

function sendFrom(instance: Instance, sourcePort: number, timeMs = 0): void {
  const packet = { source: own.outside, destination: own.server, protocol: 17 };
  send(instance, { ...packet, sourcePort, destinationPort: 80 }, { port: uplink, timeMs });
}

/** Source ports of the connections that there are, in order. */
function portsIn(instance: Instance): number[] {
  const entries = [...instance.map('connections').entries()];
  return entries.map(([key]) => key.sourcePort).toSorted((a, b) => a - b);
}

test('where there is room for two the older one gives way, whatever their tuples are', async () => {
  const instance = await makeNode({ connections4: 2 });
  sendFrom(instance, 5000);
  for (let port = 5001; port < 5100; port++) {
    sendFrom(instance, port, port - 5000);
    expect(portsIn(instance)).toEqual([port - 1, port]);
  }
});
