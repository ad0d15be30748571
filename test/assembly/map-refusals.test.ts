// What maps refuse, one status after the other, and what they give back that nobody asked for:
// nothing. Maps that the dataplane writes take entries as a snapshot has them.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  ConnectionState,
  FragmentFlag,
  InitialiseStatus,
  LoadFlag,
  MapStatus,
  maps,
} from '../../host/abi/abi.gen.ts';
import type { Capacity, MapName, Maps, StructName } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { embeddedModule } from '../../host/dataplane/embedded.ts';
import { Engine } from '../../host/dataplane/engine.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { encodeIndex } from '../../host/dataplane/map-handle.ts';
import { addresses, client, countClear, makeNode, send } from './node.ts';

const own = addresses[4];

function restore<N extends MapName>(
  instance: Instance,
  name: N,
  key: Maps[N]['key'],
  value: Partial<Maps[N]['value']>,
): void {
  const map = instance.map(name);
  const { key: keyStruct, value: valueStruct } = map.info;
  const at = typeof key === 'number' ? encodeIndex(key) : encode(keyStruct as StructName, key);
  map.restoreBytes(at, encode(valueStruct, value as never));
}

const refusal = (status: string) => expect.objectContaining({ name: 'MapError', status });

/** As few entries as there can be. */
const least: Partial<Capacity> = {
  connections4: 1,
  connections6: 1,
  endpoints: 1,
  affinities: 1,
  frontends: 1,
  fragments: 1,
};

let instance: Instance;
beforeEach(async () => {
  instance = await Instance.create({ capacity: least });
});

describe('no operation', () => {
  test('knows a map that there is not', async () => {
    const { exports } = Engine.create(await embeddedModule(), least);
    for (const id of [0, Object.keys(maps).length + 1, 2 ** 31]) {
      const { mapLookUp, mapUpdate, mapDelete, mapRestore } = exports;
      for (const operation of [mapLookUp, mapUpdate, mapDelete, mapRestore]) {
        expect(operation(id)).toBe(MapStatus.UnknownMap);
      }
      expect(exports.mapNext(id, 0)).toBe(0);
    }
  });

  test('reaches beyond an array', () => {
    const beyond = instance.capacity.services;
    const services = instance.map('services');
    expect(() => services.lookUp(beyond)).toThrow(refusal('bad-key'));
    expect(() => services.update(beyond, { flags: 1 })).toThrow(refusal('bad-key'));
    expect(() => services.delete(beyond)).toThrow(refusal('bad-key'));
    expect(services.delete(beyond - 1)).toBe(false);
  });

  test('has a second element of what there is one of', () => {
    expect(() => instance.map('config').update(1, { flags: 1 })).toThrow(refusal('bad-key'));
    for (const name of ['config', 'counters'] as const) {
      expect(() => instance.map(name).lookUp(1), name).toThrow(refusal('bad-key'));
    }
  });

  test('takes a prefix for what it is not', () => {
    const routes = instance.map('routes');
    for (const key of [
      { address: '::', lengthBits: 129, scope: 0 },
      { address: '10.0.0.1', lengthBits: 104, scope: 0 },
    ]) {
      expect(() => routes.update(key, { kind: 1 })).toThrow(refusal('bad-key'));
    }
    expect(routes.delete({ address: '10.0.0.0', lengthBits: 104, scope: 0 })).toBe(false);
  });

  test('deletes a count, or restores what the host writes', () => {
    expect(() => instance.map('counters').delete(0)).toThrow(refusal('read-only'));
    expect(() => restore(instance, 'counters', 0, {})).toThrow(refusal('read-only'));
    const key = { address: own.service, port: 80, protocol: 6 };
    expect(() => restore(instance, 'frontends', key, {})).toThrow(refusal('read-only'));
  });
});

test('an instance is made once, and of no more entries than a map can have', async () => {
  const module = await embeddedModule();
  const { exports } = Engine.create(module, least);
  expect(exports.initialise()).toBe(InitialiseStatus.Twice);
  const frontends = 2 ** 26 + 1;
  expect(() => Engine.create(module, { ...least, frontends })).toThrow('A capacity is 0 or too');
});

describe('map connections', () => {
  const packet = { protocol: 17, sourcePort: 40000, destinationPort: 80 };

  beforeEach(async () => {
    instance = await makeNode({ connections4: 1 });
    send(instance, { ...packet, source: own.client, destination: own.service }, { port: client });
  });

  test('is asked by the original tuple, in no other way', () => {
    const connections = instance.map('connections');
    const [[key, value]] = [...connections.entries()] as [[never, never]];
    expect(connections.lookUp(key)).toEqual(value);
    const { replySource: source, replyDestination: destination } = value;
    const { replySourcePort: sourcePort, replyDestinationPort: destinationPort } = value;
    const ends = { source, destination, sourcePort, destinationPort, icmpType: 0, icmpCode: 0 };
    const reply = { ...ends, protocol: 17 };
    expect(connections.lookUp(reply)).toBeUndefined();
    expect(connections.delete(reply)).toBe(false);
    expect(connections.delete(key)).toBe(true);
    expect(connections.lookUp(key)).toBeUndefined();
  });

  test('restores no tuple that is there, and gives nobody up', () => {
    const [[key, value]] = [...instance.map('connections').entries()] as [[object, object]];
    expect(() => restore(instance, 'connections', key as never, value)).toThrow(refusal('taken'));
    const other = { ...key, sourcePort: 40001 } as never;
    expect(() => restore(instance, 'connections', other, value)).toThrow(refusal('taken'));
    const free = { ...value, replyDestinationPort: 40001 };
    expect(() => restore(instance, 'connections', other, free)).toThrow(refusal('full'));
    const state = ConnectionState.Unreplied;
    expect([...instance.map('connections').entries()]).toMatchObject([[key, { state }]]);
  });
});

describe('a snapshot with more than there is room for', () => {
  test('of counts: what a scheduler noted', () => {
    const key = (endpointPort: number) => ({
      client: '::',
      frontend: own.service,
      endpoint: own.server,
      frontendPort: 80,
      endpointPort,
      protocol: 6,
    });
    const flags = LoadFlag.InSet;
    restore(instance, 'loads', key(1), {});
    expect([...instance.map('loads').entries()]).toEqual([]);
    for (const port of [1, 2]) restore(instance, 'loads', key(port), { flags });
    const before = countClear(instance);
    expect(() => restore(instance, 'loads', key(3), { flags: 255 })).toThrow(refusal('full'));
    // An entry that there is not is at address 0, where nobody writes.
    expect(countClear(instance)).toBe(before);
  });

  test('of turns', () => {
    const key = (port: number) => ({ address: own.service, port, protocol: 6 });
    restore(instance, 'turns', key(1), { slot: 1 });
    expect(() => restore(instance, 'turns', key(2), { slot: 1 })).toThrow(refusal('full'));
  });

  test.each([1, 30_000])('of datagrams until %i; those that waited begin anew', (expiresAtMs) => {
    const key = (identification: number) => ({
      source: own.client,
      destination: own.server,
      identification,
      protocol: 17,
      port: client,
    });
    restore(instance, 'fragments', key(1), { expiresAtMs, flags: FragmentFlag.Awaited });
    expect([...instance.map('fragments').entries()]).toEqual([]);
    const flags = FragmentFlag.Settled;
    restore(instance, 'fragments', key(1), { expiresAtMs, flags });
    const second = () => restore(instance, 'fragments', key(2), { expiresAtMs, flags });
    expect(second).toThrow(refusal('full'));
  });
});
