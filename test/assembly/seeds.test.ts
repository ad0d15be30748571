// The seed of an instance: whoever does not know all of it cannot tell which endpoint is drawn.

import { describe, expect, test } from 'vitest';
import { Balancing, ServiceFlag } from '../../host/abi/abi.gen.ts';
import { unmix } from './bucket.ts';
import { addresses, makeNode, send, servicePort, uplink } from './node.ts';

const own = addresses[4];
const [service, udp, count] = [1, 17, 256];

/** Target ports that a row of new connections gets, under a seed of 64 bits. */
async function drawn(balancing: Balancing, seed: bigint): Promise<number[]> {
  const [seedLow, seedHigh] = [Number(seed & 0xffffffffn), Number(seed >> 32n)];
  const few = { prefixes: 64, frontends: 64, services: 64, identities: 64, policies: 64 };
  const connections = { connections4: 64, connections6: 64, fragments: 1, maglevSlots: 1 };
  const instance = await makeNode({ seedLow, seedHigh, ...few, ...connections, endpoints: 1024 });
  const config = instance.map('config').lookUp(0)!;
  instance.map('config').update(0, { ...config, balancing });
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
  instance.map('services').update(service, { flags, clusterCount: count });
  for (let slot = 0; slot < count; slot++) {
    const endpoint = { address: own.server, port: slot + 1 };
    instance.map('endpoints').update({ service, set: 0, slot }, endpoint);
  }
  return [1, 2, 3, 4, 5, 6, 7, 8].map((sourcePort) => {
    const ports = { sourcePort, destinationPort: servicePort };
    const packet = { source: own.outside, destination: own.service, protocol: udp, ...ports };
    return send(instance, packet, { port: uplink }).packet!.destinationPort!;
  });
}

describe.each([
  ['at random', Balancing.Random],
  ['by Maglev hash', Balancing.MaglevHash],
])('%s', (_, balancing) => {
  test('each bit counts of what the seed is mixed into', async () => {
    const mixed = [0n, ...Array.from({ length: 64 }, (_bit, index) => 1n << BigInt(index))];
    const rows = new Set<string>();
    for (const bits of mixed) rows.add((await drawn(balancing, unmix(bits))).join());
    expect(rows.size).toBe(mixed.length);
    expect((await drawn(balancing, unmix(1n))).join(), 'and nothing else').toBe([...rows][1]);
  });
});
