// IPv6 addresses of services, endpoints and clients that differ in the first half alone: whatever
// is kept by address is kept by all of it.

import { beforeEach, expect, test } from 'vitest';
import { Balancing, ConfigFlag, FrontendKind, ServiceFlag } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { makeNode, send, uplink } from './node.ts';

const [tcp, syn] = [6, 2];
const service = 9;
const [vip, otherVip] = ['fd00:96:1::10', 'fd00:96:2::10'];
const [alice, bob] = ['2001:db8:1::7', '2001:db8:2::7'];
const [a, b, c] = ['fd00:1::5', 'fd00:2::5', 'fd00:3::5'];

let instance: Instance;
let nextPort: number;
beforeEach(async () => {
  instance = await makeNode();
  nextPort = 40_000;
});

function serve(balancing: Balancing, affinitySeconds = 0): void {
  const config = instance.map('config').lookUp(0)!;
  const counting = ConfigFlag.CountConnections | ConfigFlag.ExactCounts;
  instance.map('config').update(0, { ...config, flags: config.flags | counting, balancing });
  for (const address of [vip, otherVip]) {
    const kind = FrontendKind.ClusterIp;
    instance.map('frontends').update({ address, port: 80, protocol: tcp }, { service, kind });
  }
  const isSticky = affinitySeconds > 0 ? ServiceFlag.Affinity : 0;
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints | isSticky;
  instance.map('services').update(service, { flags, clusterCount: 3, affinitySeconds });
  for (const [slot, address] of [a, b, c].entries()) {
    instance.map('endpoints').update({ service, set: 0, slot }, { address, port: 8080 });
  }
}

interface Call {
  readonly source?: string;
  readonly destination?: string;
  readonly timeMs?: number;
  readonly sourcePort?: number;
}

/** The endpoint of a new connection. */
function dial({ source = alice, destination = vip, timeMs = 0, ...more }: Call): string {
  const ports = { sourcePort: more.sourcePort ?? nextPort++, destinationPort: 80 };
  const packet = { source, destination, protocol: tcp, tcpFlags: syn, ...ports };
  return send(instance, packet, { port: uplink, timeMs }).packet!.destination;
}

const dialEach = (calls: readonly Call[]): string[] => calls.map((call) => dial(call));

test('turns, by front-end', () => {
  serve(Balancing.RoundRobin);
  const [one, other] = [{}, { destination: otherVip }];
  expect(dialEach([one, other, one, other, one])).toEqual([a, a, b, b, c]);
});

test('counts, by endpoint', () => {
  serve(Balancing.LeastConnections);
  expect(dialEach([{}, {}, {}, {}])).toEqual([a, b, c, a]);
});

test('affinity, by client', () => {
  serve(Balancing.RoundRobin, 10);
  const [one, other] = [{ source: alice }, { source: bob }];
  expect(dialEach([one, other, one, other])).toEqual([a, b, a, b]);
});

test('live connections, by client', () => {
  serve(Balancing.RoundRobin, 1);
  const later = { timeMs: 60_000 };
  const [one, other] = [
    { source: alice, ...later },
    { source: bob, ...later },
  ];
  expect(dialEach([{ source: alice }, other, one, other])).toEqual([a, b, a, b]);
});

test('the hash of Maglev: every group of a source', () => {
  serve(Balancing.MaglevHash);
  const groups = [0x2001, 0xdb8, 1, 2, 3, 4, 5, 6];
  for (const place of groups.keys()) {
    const sources = Array.from({ length: 24 }, (_, index) =>
      groups
        .with(place, 0x2000 + 3 * index)
        .map((group) => group.toString(16))
        .join(':'),
    );
    const found = dialEach(sources.map((source) => ({ source, sourcePort: 7 })));
    expect(new Set(found).size, `group ${place}`).toBe(3);
  }
});
