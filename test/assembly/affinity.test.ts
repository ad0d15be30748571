// Session affinity, record by record: one for each client, service and endpoint; renewed by first
// packets only; at a million clients.

import { beforeEach, describe, expect, test } from 'vitest';
import { ServiceFlag } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { addresses, makeNode, nodePort, send, servicePort, uplink } from './node.ts';

const own = addresses[4];
const service = 1;
const seconds = 10_800;
const endpoints = ['10.244.2.1', '10.244.2.2', '10.244.2.3'];

let instance: Instance;

/** Service 1 with affinity: three endpoints in the cluster, the last of them on this node. */
async function open(affinities: number, connections4: number): Promise<void> {
  instance = await makeNode({ affinities, connections4 });
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints | ServiceFlag.Affinity;
  const value = { flags, clusterCount: 3, localCount: 1, affinitySeconds: seconds };
  instance.map('services').update(service, value);
  for (const [slot, address] of endpoints.entries()) {
    instance.map('endpoints').update({ service, set: 0, slot }, { address, port: 8080 });
  }
  const local = { address: endpoints[2]!, port: 8080, flags: 1 };
  instance.map('endpoints').update({ service, set: 1, slot: 0 }, local);
}

let sourcePort = 1024;
/** The endpoint that a new connection of the client gets. */
function dial(client: string, timeMs: number, destination = own.service): string {
  const destinationPort = destination === own.service ? servicePort : nodePort;
  sourcePort = 1024 + ((sourcePort + 1) % 60_000);
  const ends = { source: client, destination, sourcePort, destinationPort };
  return send(instance, { ...ends, protocol: 17 }, { port: uplink, timeMs }).packet!.destination;
}

describe('a client', () => {
  beforeEach(() => open(1024, 4096));

  test('stays with its endpoint, and each new connection renews the time', () => {
    const first = dial('203.0.113.7', 0);
    for (let step = 1; step < 30; step++) {
      expect(dial('203.0.113.7', step * (seconds * 1000 - 1))).toBe(first);
    }
  });

  test('is balanced anew once its time is over', () => {
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) seen.add(dial('203.0.113.7', step * seconds * 1000));
    expect([...seen].sort()).toEqual(endpoints);
  });

  test('has a record for each set that served it, and neither moves the other', () => {
    let client = 0;
    let byClusterIp: string;
    do byClusterIp = dial(`203.0.113.${++client}`, 0);
    while (byClusterIp === endpoints[2]);
    instance.map('services').update(service, {
      ...instance.map('services').lookUp(service)!,
      flags: instance.map('services').lookUp(service)!.flags | ServiceFlag.ExternalLocal,
    });
    expect(dial(`203.0.113.${client}`, 1, own.node)).toBe(endpoints[2]);
    expect(dial(`203.0.113.${client}`, 2)).toBe(byClusterIp);
  });

  test('that loses its endpoint gets another one of the set', () => {
    let client = 0;
    while (dial(`203.0.113.${++client}`, 0) !== endpoints[2]);
    const value = instance.map('services').lookUp(service)!;
    instance.map('services').update(service, { ...value, clusterCount: 2 });
    expect(endpoints.slice(0, 2)).toContain(dial(`203.0.113.${client}`, 1));
  });

  test('that finds no room is served all the same, and counted', () => {
    for (let client = 0; client < 1025; client++) {
      dial(`203.0.${client >> 8}.${client & 255}`, 0);
    }
    expect(instance.map('counters').lookUp(0)!.affinitiesRefused).toBe(1);
    expect(endpoints).toContain(dial('203.0.4.0', 1));
    // Once the others' time is over there is room again.
    dial('203.0.4.0', seconds * 1000);
    expect(instance.map('counters').lookUp(0)!.affinitiesRefused).toBe(2);
  });
});

test('a million clients each keep theirs', async () => {
  const clients = 1_000_000;
  await open(clients, 65_536);
  const ends = { destination: own.service, sourcePort: 5000, destinationPort: servicePort };
  const frame = encodePacket({ source: '0.0.0.0', ...ends, protocol: 17 }, 'ethernet');
  const { vector } = instance;
  const chosen = new Uint8Array(clients);
  const differing = [0, 0];
  for (const pass of [0, 1]) {
    for (let client = 0; client < clients; client += vector.count) {
      vector.clear();
      while (vector.count < vector.capacity && client + vector.count < clients) {
        const number = client + vector.count;
        frame.set([20, number >> 16, number >> 8, number], 26);
        // Connections end after 30 s, so that 65,536 of them serve all clients in turn.
        const timeMs = (pass * 20 + Math.floor(number / 50_000)) * 31_000;
        vector.add(frame, { port: uplink, timeMs });
      }
      vector.run();
      for (let index = 0; index < vector.count; index++) {
        const endpoint = vector.outcome(index).frame[33]!;
        if (chosen[client + index] !== endpoint) differing[pass]! += 1;
        chosen[client + index] = endpoint;
      }
    }
  }
  expect(differing).toEqual([clients, 0]);
  expect(instance.map('counters').lookUp(0)!.affinitiesRefused).toBe(0);
});
