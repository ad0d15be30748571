// One instance as the host uses it: capacities, vectors, maps that refuse, time, traces, and what
// is left after a trap.

import { describe, expect, test } from 'vitest';
import { EndpointSet, FrontendKind, ServiceFlag, Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import { CapacityError, PoisonedError } from '../../host/dataplane/errors.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { addresses, client, makeNode, server, servicePort } from '../assembly/node.ts';

const small = {
  vectorPackets: 4,
  blockBytes: 4096,
  traceSteps: 8,
  frontends: 16,
  connections4: 64,
  connections6: 64,
} as const;
const hello = { source: addresses[4].client, destination: addresses[4].server, protocol: 17 };
const frame = encodePacket({ ...hello, sourcePort: 4000, destinationPort: 53 }, 'ethernet');

describe('capacities', () => {
  test('are those asked for, the rest by default', async () => {
    const instance = await Instance.create({ capacity: small });
    expect(instance.capacity).toMatchObject({ ...small, endpoints: 32_768 });
    expect(instance.layout.memoryBytes).toBeLessThanOrEqual(instance.memory.buffer.byteLength);
  });

  test('of nothing are refused', async () => {
    const refused = Instance.create({ capacity: { endpoints: 0 } });
    await expect(refused).rejects.toThrow(CapacityError);
    await expect(refused).rejects.toThrow('A capacity is 0 or too large.');
  });

  test('beyond 4 GiB are refused', async () => {
    const refused = Instance.create({ capacity: { connections4: 1 << 25, connections6: 1 << 25 } });
    await expect(refused).rejects.toThrow('The memory cannot grow');
  });
});

describe('a vector', () => {
  test('brings frames in and outcomes out, in order', async () => {
    const { vector } = await makeNode(small);
    for (const port of [client, client]) vector.add(frame, { port, timeMs: 1.5 });
    const raw = frame.subarray(14);
    vector.add(raw, { port: client, timeMs: 2, link: 'raw' });
    vector.add(frame.subarray(0, 20), { port: client, timeMs: 2 });
    vector.run();
    const outcomes = [0, 1, 2, 3].map((index) => vector.outcome(index));
    expect(outcomes.map(({ verdict }) => codeOf('Verdict', verdict))).toEqual([
      'forward',
      'forward',
      'forward',
      'drop',
    ]);
    expect(outcomes.map(({ outPort }) => outPort)).toEqual([server, server, server, 0]);
    expect(outcomes.map(({ frame: left }) => left.length)).toEqual([
      frame.length,
      frame.length,
      raw.length,
      0,
    ]);
    expect(codeOf('Reason', outcomes[3]!.reason)).toBe('truncated-ipv4');
  });

  test('can be filled in place, and again and again without memory growing', async () => {
    const instance = await makeNode(small);
    const { vector, layout, memory } = instance;
    const before = memory.buffer;
    const bytes = new Uint8Array(memory.buffer);
    for (let round = 0; round < 100; round++) {
      vector.clear();
      bytes.set(frame, layout.block + 1);
      vector.addInPlace(layout.block + 1, frame.length, { port: client, timeMs: round });
      vector.run();
      expect(vector.outcome(0).verdict).toBe(Verdict.Forward);
      expect(vector.outcome(0).frame.byteOffset).toBe(layout.block + 1);
    }
    expect(memory.buffer).toBe(before);
  });

  test('refuses what it has no room for', async () => {
    const { vector } = await makeNode(small);
    const entry = { port: client, timeMs: 0 };
    expect(() => vector.add(new Uint8Array(4097), entry)).toThrow(
      'no room for a frame of 4097 bytes beside 0 others; capacities: vectorPackets 4',
    );
    for (let index = 0; index < 4; index++) vector.add(frame, entry);
    expect(vector.hasRoom(1)).toBe(false);
    expect(() => vector.add(frame, entry)).toThrow(RangeError);
    expect(() => vector.addInPlace(0, 1, entry)).toThrow(RangeError);
    expect(() => vector.outcome(4)).toThrow('packet 4 of a vector of 4');
  });

  test('tells its steps only about packets that ask, and no more than fit', async () => {
    const instance = await makeNode({ ...small, traceSteps: 5 });
    instance.vector.add(frame, { port: client, timeMs: 0 });
    instance.vector.add(frame, { port: client, timeMs: 0, trace: true });
    instance.vector.run();
    const steps = instance.traceSteps();
    expect(steps.length).toBeGreaterThan(1);
    expect(steps.length).toBeLessThanOrEqual(5);
    expect(new Set(steps.map(({ packet }) => packet))).toEqual(new Set([1]));
    expect(codeOf('Trace', steps[0]!.code)).toBe('parsed');
  });
});

describe('maps', () => {
  test('say which capacity is too small', async () => {
    const instance = await Instance.create({ capacity: small });
    const frontends = instance.map('frontends');
    const enter = (port: number): void => frontends.update({ ...hello, address: '::1', port }, {});
    expect(() => {
      for (let port = 0; port < 1000; port++) enter(port);
    }).toThrow('map frontends: Every entry is taken. Capacity frontends is 16');
    expect([...frontends.entries()].length).toBe(16);
    const services = instance.map('services');
    expect(() => services.update(instance.capacity.services, {})).toThrow(
      /outside the array.*Capacity services is \d+; create/,
    );
  });

  test('refuse keys that they cannot have, and name them', async () => {
    const instance = await Instance.create({ capacity: small });
    const bad = { address: '10.0.0.1', lengthBits: 104, scope: 7 };
    expect(() => instance.map('routes').update(bad, {})).toThrow(
      expect.objectContaining({ status: 'bad-key', message: expect.stringContaining('10.0.0.1') }),
    );
    expect(() => instance.map('ports').update(70_000, { kind: 1 })).toThrow('70000');
    const key = new Uint8Array(3);
    expect(() => instance.map('ports').lookUpBytes(key)).toThrow('key of 3 bytes; expected 4');
  });

  test('list what was entered', async () => {
    const instance = await Instance.create({ capacity: small });
    instance.map('ports').update(3, { kind: 2, mtuBytes: 1500 });
    expect([...instance.map('ports').entries()]).toEqual([[3, { kind: 2, mtuBytes: 1500 }]]);
    expect(instance.map('ports')).toBe(instance.map('ports'));
  });
});

test('a sweep takes out what time has ended', async () => {
  const instance = await makeNode(small);
  instance.vector.add(frame, { port: client, timeMs: 2 ** 40 });
  instance.vector.run();
  expect([...instance.map('connections').entries()]).toHaveLength(1);
  expect(instance.sweep(2 ** 40 + 1000, 1000)).toBe(0);
  expect(instance.sweep(2 ** 40 + 3_600_000, 1000)).toBe(1);
  expect([...instance.map('connections').entries()]).toEqual([]);
});

describe('a trap', () => {
  /** Its service says that it has an endpoint more than the map has. */
  async function makeBroken(): Promise<Instance> {
    const instance = await makeNode(small);
    const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
    instance.map('services').update(1, { flags, clusterCount: 1, localCount: 1 });
    for (const set of [EndpointSet.Cluster, EndpointSet.Local]) {
      instance.map('endpoints').delete({ service: 1, set, slot: 0 });
    }
    return instance;
  }

  test('is told with its place, and poisons the instance for good', async () => {
    const instance = await makeBroken();
    const dialled = { ...hello, destination: addresses[4].service, destinationPort: servicePort };
    instance.vector.add(encodePacket({ ...dialled, sourcePort: 4000 }, 'ethernet'), {
      port: client,
      timeMs: 0,
    });
    expect(instance.poisoned).toBeNull();
    const place = /fewer endpoints than it says at assembly\/service\/endpoint\.ts:\d+:\d+/;
    expect(() => instance.vector.run()).toThrow(place);
    expect(instance.poisoned).toMatch(place);
    for (const call of [
      () => instance.vector.run(),
      () => instance.sweep(0, 1),
      () => instance.map('ports').lookUp(1),
      () => instance.map('ports').update(1, { kind: FrontendKind.None }),
      () => instance.map('ports').delete(1),
      () => [...instance.map('ports').entries()],
    ]) {
      expect(call).toThrow(PoisonedError);
      expect(call).toThrow(place);
    }
  });

  test('without a record is told in the words of WebAssembly', async () => {
    const instance = await makeNode(small);
    const beyond = instance.memory.buffer.byteLength;
    instance.vector.addInPlace(beyond, 64, { port: client, timeMs: 0 });
    expect(() => instance.vector.run()).toThrow('memory access out of bounds');
    expect(instance.poisoned).toBe('memory access out of bounds');
  });
});
