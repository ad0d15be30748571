// One node's dataplane: ports by name, single packets and batches, connections, counters, sizes.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  codeOf,
  Dataplane,
  decodePacket,
  defaultCapacity,
  encodePacket,
} from '../../../host/index.ts';
import { capacityFor } from '../../../host/cluster/capacity.ts';
import { PersistentMap } from '../../../host/compile/persistent-map.ts';
import { arrayKey } from '../../../host/compile/entries.ts';
import { dial, manifests, policy, synFrame } from './shop.ts';

let dataplane: Dataplane;

beforeEach(async () => {
  dataplane = await Dataplane.create({ manifests: manifests + '---\n' + policy, node: 'node-a' });
});

test.each([
  ['10.244.0.10', 'pod/shop/web'],
  ['192.168.0.2', 'host'],
  ['127.0.0.1', 'host'],
  ['192.168.0.3', 'uplink'],
  ['203.0.113.7', 'uplink'],
])('a packet from %s enters by %s', (address, port) => {
  expect(dataplane.portOf(address)).toBe(port);
  expect(dataplane.portName(dataplane.port(port))).toBe(port);
});

test('an unknown port is refused with the ports there are', () => {
  expect(() => dataplane.port('eth0')).toThrow(
    'node node-a has no port eth0; it has host, uplink, pod/shop/client, pod/shop/web',
  );
  expect(() => dataplane.portName(99)).toThrow(RangeError);
});

test('one packet: names instead of numbers, and the frame that leaves', () => {
  const outcome = dial(dataplane, {});
  expect(outcome).toMatchObject({
    verdict: 'forward',
    reason: null,
    port: 'pod/shop/web',
    service: { namespace: 'shop', name: 'web', portName: 'main', port: 80, protocol: 'TCP' },
    effects: ['destination-translated', 'created'],
    state: 'syn-sent',
  });
  expect(decodePacket(outcome.frame, 'ethernet')).toMatchObject({
    source: '10.244.0.11',
    destination: '10.244.0.10',
    destinationPort: 8080,
  });
  const kept = outcome.frame.slice();
  dial(dataplane, { sourcePort: 40001 });
  expect(outcome.frame).toEqual(kept);
});

test('connections and counters, by name', () => {
  dial(dataplane, {}, 1000);
  dial(dataplane, { source: '203.0.113.7', destination: '10.244.0.10', port: 8080 });
  expect(dataplane.connections()).toMatchObject([
    {
      protocol: 'TCP',
      original: { source: '10.244.0.11', destination: '10.96.0.10', destinationPort: 80 },
      reply: { source: '10.244.0.10', sourcePort: 8080, destination: '10.244.0.11' },
      service: { name: 'web' },
      originalPort: 'pod/shop/web',
      replyPort: null,
      expiresAtMs: 121_000,
    },
  ]);
  expect(dataplane.counters()).toMatchObject({
    totals: { packets: 2, forwarded: 1, dropped: 1 },
    reasons: { 'policy-denied-ingress': 1 },
  });
  expect(dataplane.sweep(121_001)).toBe(1);
  expect(dataplane.connections()).toEqual([]);
});

describe('a batch', () => {
  const sources = ['10.244.0.11', '203.0.113.7', '192.168.0.2'];
  const frames = () =>
    Array.from({ length: 700 }, (_, index) =>
      synFrame({ source: sources[index % 3]!, sourcePort: 1024 + index, port: 80 + (index % 2) }),
    );

  test('gives what the packets give one by one, however many fit into the vector', async () => {
    const one = await Dataplane.create({ manifests, node: 'node-a' });
    const many = await Dataplane.create({
      manifests,
      node: 'node-a',
      capacity: { vectorPackets: 64 },
    });
    const place = (index: number) => one.portOf(sources[index % 3]!);
    const singly = frames().map((frame, index) =>
      one.process(frame, { port: place(index), timeMs: index }),
    );
    const batch = frames().map((frame, index) => ({
      frame,
      port: many.port(place(index)),
      timeMs: index,
    }));
    const verdicts: string[] = [];
    many.processBatch(batch, (index, { verdict }) => {
      expect(index).toBe(verdicts.length);
      verdicts.push(codeOf('Verdict', verdict));
    });
    expect(verdicts).toEqual(singly.map(({ verdict }) => verdict));
    expect(new Set(verdicts)).toEqual(new Set(['forward', 'reply']));
    for (const [index, { verdict, frame }] of singly.entries()) {
      const expected = verdict === 'forward' ? frame : frames()[index];
      expect(batch[index]!.frame).toEqual(expected);
    }
  });

  test('refuses a frame that fits into no vector', () => {
    const frame = new Uint8Array(defaultCapacity.blockBytes + 1);
    expect(() => dataplane.processBatch([{ frame, port: 2, timeMs: 0 }])).toThrow('no room');
  });
});

test('choices are taken over where they are legal', () => {
  const frame = synFrame({});
  const choice = { endpoint: { address: '10.244.0.99', port: 8080 } };
  const { outcome, steps } = dataplane.trace(frame, { port: 'pod/shop/client', choice });
  expect(outcome.port).toBe('pod/shop/web');
  expect(steps.find(({ code }) => code === 'endpoint-chosen')!.text).toContain('drawn');
});

test('raw packets', () => {
  const fields = { source: '10.244.0.11', destination: '10.96.0.10', protocol: 17 };
  const frame = encodePacket({ ...fields, sourcePort: 1, destinationPort: 80 }, 'raw');
  const outcome = dataplane.process(frame, { port: 'pod/shop/client', link: 'raw' });
  expect(outcome.reason).toBe('reject-unknown-service-port');
});

test('capacities: twice what is there, never below the default, and what is given is taken', () => {
  const keys = (count: number) =>
    PersistentMap.of(
      Array.from({ length: count }, (_, key) => [arrayKey(key), new Uint8Array()] as const),
    );
  const capacity = capacityFor(
    { services: keys(6000), endpoints: keys(10), routes: keys(20_000) },
    { seed: 2 ** 32 + 7, given: { frontends: 5 } },
  );
  expect(capacity).toEqual({
    ...defaultCapacity,
    services: 12_000 + 1024,
    prefixes: 40_000,
    frontends: 5,
    seedLow: 7,
    seedHigh: 1,
  });
});
