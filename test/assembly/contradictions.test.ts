// Maps that contradict each other, as no compiler of them writes them: the dataplane stops, rather
// than serve somebody with what is at the bottom of memory.

import { beforeEach, expect, test } from 'vitest';
import {
  Balancing,
  FrontendFlag,
  FrontendKind,
  LocalityFlag,
  ServiceFlag,
} from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, host, makeNode, nodePort, send, servicePort, uplink } from './node.ts';

const own = addresses[4];
const [tcp, syn] = [6, 2];
const [service, frontends] = [1, 14];

let instance: Instance;
let sourcePort: number;
beforeEach(async () => {
  instance = await makeNode({ frontends });
  sourcePort = 1024;
});

function balance(balancing: Balancing): void {
  const config = instance.map('config').lookUp(0)!;
  instance.map('config').update(0, { ...config, balancing });
}

/** The service has one endpoint; it says what it likes. */
function claim(more: { readonly clusterCount: number; readonly clusterSlots?: number }): void {
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
  instance.map('services').update(service, { flags, ...more });
}

function dial(destination: string, destinationPort: number, port: number = uplink): void {
  const source = port === host ? '127.0.0.1' : own.outside;
  const ports = { sourcePort: (sourcePort += 1), destinationPort };
  send(instance, { source, destination, protocol: tcp, tcpFlags: syn, ...ports }, { port });
}

test.each([
  ['random', Balancing.Random],
  ['rr', Balancing.RoundRobin],
  ['lc', Balancing.LeastConnections],
  ['sh', Balancing.SourceHash],
])('%s: fewer endpoints than the service says', (_, balancing) => {
  balance(balancing);
  claim({ clusterCount: 1 });
  dial(own.service, servicePort);
  claim({ clusterCount: 255 });
  expect(() => dial(own.service, servicePort)).toThrow('fewer endpoints than it says');
  expect(instance.poisoned).toContain('fewer endpoints than it says');
});

test('fewer slots of a Maglev table than the service says', () => {
  balance(Balancing.MaglevHash);
  claim({ clusterCount: 1, clusterSlots: 1 });
  instance.map('maglev').update({ service, set: 0, slot: 0 }, { endpoint: 0 });
  dial(own.service, servicePort);
  instance.map('maglev').delete({ service, set: 0, slot: 0 });
  expect(() => dial(own.service, servicePort)).toThrow('fewer slots than its service says');
});

test('a front-end for any loopback address, and turns for each of them', () => {
  balance(Balancing.RoundRobin);
  claim({ clusterCount: 1 });
  const loopback = { address: '127.0.0.0', lengthBits: 104, scope: 0 };
  instance.map('localities').update(loopback, { flags: LocalityFlag.Node });
  const kind = FrontendKind.NodePort;
  const flags = FrontendFlag.WholeLoopback;
  for (const [key] of [...instance.map('frontends').entries()]) {
    instance.map('frontends').delete(key);
  }
  for (let port = nodePort; port < nodePort + frontends; port++) {
    const key = { address: '127.0.0.1', port, protocol: tcp };
    instance.map('frontends').update(key, { service, kind, flags });
    dial('127.0.0.1', port, host);
  }
  expect(() => dial('127.0.0.2', nodePort, host)).toThrow('more front-ends than there can be');
});
