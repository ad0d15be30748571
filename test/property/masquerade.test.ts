// The order in which masquerade tries ports: k tries see k ports, and whatever is free is
// found. By packets: a port that was given is then taken by somebody else, and the same client asks
// again.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Trace } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, makeNode, nodePort, send, targetPort, uplink } from '../assembly/node.ts';
import { runs } from './setup.ts';

const udp = 17;

interface Dialled {
  readonly family: 4 | 6;
  readonly sourcePort: number;
}

/** The port that the client is given, and at which try; it is given back at once. */
function ask(instance: Instance, { family, sourcePort }: Dialled): { port: number; tries: number } {
  const { outside, node } = addresses[family];
  const ends = { source: outside, destination: node, protocol: udp };
  const packet = { ...ends, sourcePort, destinationPort: nodePort };
  const sent = send(instance, packet, { port: uplink, trace: true });
  const step = instance.traceSteps().find(({ code }) => code === Trace.SourceChosen);
  const key = { ...ends, icmpType: 0, icmpCode: 0 };
  instance.map('connections').delete({ ...key, sourcePort, destinationPort: nodePort });
  return { port: sent.packet!.sourcePort!, tries: step!.first };
}

/** Takes a port towards the server for somebody else. */
function occupy(instance: Instance, family: 4 | 6, port: number): void {
  const { client, node, server } = addresses[family];
  const ends = { source: client, destination: node, protocol: udp };
  instance.map('connections').restoreBytes(
    encode('FlowKey6', { ...ends, sourcePort: port, destinationPort: nodePort }),
    encode('Connection', {
      replySource: server,
      replySourcePort: targetPort,
      replyDestination: node,
      replyDestinationPort: port,
      expiresAtMs: 1_000_000,
    }),
  );
}

const dialled: fc.Arbitrary<Dialled> = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  sourcePort: fc.integer({ min: 1, max: 65_535 }),
});
const tries = fc.integer({ min: 2, max: 300 });

test('k tries see k ports', async () => {
  await fc.assert(
    fc.asyncProperty(dialled, tries, fc.nat(), async (client, last, seedLow) => {
      const instance = await makeNode({ connections4: 512, connections6: 512, seedLow });
      const seen = new Set<number>();
      for (let number = 1; number <= last; number++) {
        const given = ask(instance, client);
        expect(given.tries).toBe(number);
        seen.add(given.port);
        occupy(instance, client.family, given.port);
      }
      expect(seen.size).toBe(last);
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(1024);
    }),
    runs(20),
  );
});

test('whatever is free is found, wherever the sequence begins', async () => {
  const capacity = { connections4: 66_000, connections6: 66_000 };
  const instance = await makeNode(capacity);
  const free = new Set([1024, 1025, 12_345, 40_000, 65_535]);
  for (const family of [4, 6] as const) {
    for (let port = 1024; port <= 65_535; port++) {
      if (!free.has(port)) occupy(instance, family, port);
    }
  }
  fc.assert(
    fc.property(dialled, (client) => {
      expect(free).toContain(ask(instance, client).port);
    }),
    runs(100),
  );
});
