// What the seed of an instance decides: which endpoint and which source port a connection is given.
// Another seed, however like, has others; the same one has the same.

import { expect, test } from 'vitest';
import { Balancing } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, makeNode, nodePort, send, uplink } from './node.ts';

const own = addresses[4];
const [service, endpoints, maglevSlots] = [1, 16, 64];

/** Endpoint and source port of connections to a node port. */
function choicesOf(instance: Instance): string[] {
  return Array.from({ length: 16 }, (_, number) => {
    const ends = { source: own.outside, destination: own.node, protocol: 17 };
    const packet = { ...ends, sourcePort: 2000 + number, destinationPort: nodePort };
    const left = send(instance, packet, { port: uplink }).packet!;
    return `${left.destinationPort} ${left.sourcePort}`;
  });
}

async function choose(seedLow: number, balancing: Balancing): Promise<string[]> {
  const instance = await makeNode({ seedLow, connections4: 64 });
  const config = instance.map('config').lookUp(0)!;
  instance.map('config').update(0, { ...config, balancing });
  const known = instance.map('services').lookUp(service)!;
  const counts = { clusterCount: endpoints, clusterSlots: maglevSlots };
  instance.map('services').update(service, { ...known, ...counts });
  for (let slot = 0; slot < endpoints; slot++) {
    const endpoint = { address: own.server, port: 1 + slot, flags: 1 };
    instance.map('endpoints').update({ service, set: 0, slot }, endpoint);
  }
  for (let slot = 0; slot < maglevSlots; slot++) {
    const key = { service, set: 0, slot };
    instance.map('maglev').update(key, { endpoint: slot % endpoints });
  }
  return choicesOf(instance);
}

const seeds = [0, 1, 2, 4, 8, 64, 128];

test.each(['Random', 'Maglev'] as const)('%s: each seed its own', async (name) => {
  const all = await Promise.all(seeds.map((seed) => choose(seed, Balancing[name])));
  expect(await choose(seeds[0]!, Balancing[name])).toEqual(all[0]);
  const parts = [0, 1].map((part) => {
    return new Set(all.map((choices) => choices.map((each) => each.split(' ')[part]).join()));
  });
  expect(parts.map(({ size }) => size)).toEqual([seeds.length, seeds.length]);
});
