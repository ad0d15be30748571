// What the ipvs schedulers of the module go by, in both families: front-ends by address, port and
// protocol, endpoints by address and port, sources by every word of their address.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  Balancing,
  ConfigFlag,
  ConnectionFlag,
  FrontendKind,
  ServiceFlag,
} from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { parseAddress } from '../../host/net/address.ts';
import { addresses, makeNode, send, uplink } from './node.ts';

const [tcp, udp] = [6, 17];
const service = 9;
const targets = {
  4: ['10.1.0.5', '10.2.0.5', '10.3.0.5'],
  6: ['fd00:1::5', 'fd00:2::5', 'fd00:3::5'],
} as const;

let instance: Instance;
let sourcePort = 1024;
beforeEach(async () => {
  instance = await makeNode();
});

function balance(balancing: Balancing): void {
  const config = instance.map('config').lookUp(0)!;
  instance.map('config').update(0, { ...config, balancing });
}

/** Front-ends of a Service with these endpoints, which are given as address or address and port. */
function offer(frontends: readonly [address: string, port: number, protocol: number][]): void {
  for (const [address, port, protocol] of frontends) {
    const kind = FrontendKind.ClusterIp;
    instance.map('frontends').update({ address, port, protocol }, { service, kind });
  }
}

function serve(endpoints: readonly (readonly [address: string, port: number])[]): void {
  const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
  instance.map('services').update(service, { flags, clusterCount: endpoints.length });
  for (const [slot, [address, port]] of endpoints.entries()) {
    instance.map('endpoints').update({ service, set: 0, slot }, { address, port, flags: 0 });
  }
}

interface Call {
  readonly source?: string;
  readonly destination: string;
  readonly port?: number;
  readonly protocol?: number;
}

/** `address port` of the endpoint that a new connection gets. */
function dial({ source, destination, port = 80, protocol = tcp }: Call): string {
  const from = addresses[destination.includes(':') ? 6 : 4].outside;
  const ports = { sourcePort: (sourcePort += 1), destinationPort: port };
  const packet = { source: source ?? from, destination, protocol, ...ports, tcpFlags: 2 };
  const left = send(instance, packet, { port: uplink }).packet!;
  return `${left.destination} ${left.destinationPort}`;
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const { service: vip, unallocated: otherVip } = addresses[family];
  const [d, e, f] = targets[family];
  /** In another network. */
  const farVip = family === 4 ? '10.97.0.10' : 'fd00:10:97::10';

  test('turns are those of one front-end: its address, port and protocol', () => {
    balance(Balancing.RoundRobin);
    serve([d, e, f].map((address) => [address, 8080]));
    offer([
      [vip, 80, tcp],
      [vip, 80, udp],
      [vip, 81, tcp],
      [otherVip, 80, tcp],
      [farVip, 80, tcp],
    ]);
    const others = [{ destination: otherVip }, { destination: farVip }];
    const calls = [{}, { protocol: udp }, { port: 81 }, ...others];
    for (const address of [d, e, f, d]) {
      for (const call of calls) {
        expect(dial({ destination: vip, ...call }), JSON.stringify(call)).toBe(`${address} 8080`);
      }
    }
  });

  test('of a sticky Service connections count by their whole client address', () => {
    balance(Balancing.RoundRobin);
    const config = instance.map('config').lookUp(0)!;
    const counting = config.flags | ConfigFlag.CountConnections;
    instance.map('config').update(0, { ...config, flags: counting });
    serve([[d, 8080]]);
    const sticky = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints | ServiceFlag.Affinity;
    instance
      .map('services')
      .update(service, { flags: sticky, clusterCount: 1, affinitySeconds: 9 });
    offer([[vip, 80, tcp]]);
    const sources =
      family === 4 ? ['203.0.113.1', '203.0.114.1'] : ['2001:db8:1::1', '2001:db8:2::1'];
    for (const source of sources) dial({ source, destination: vip });
    const clients = [...instance.map('loads').entries()].map(([key]) => key.client);
    expect(clients.filter((address) => address !== '::').toSorted()).toEqual(sources);
    const { Counted, ClientCounted } = ConnectionFlag;
    const both = Counted | ClientCounted;
    const flags = [...instance.map('connections').entries()].map(([, value]) => value.flags);
    expect(flags.map((each) => each & both)).toEqual([both, both]);
  });

  test('the last one is known by address and port, wherever it is in the list', () => {
    balance(Balancing.RoundRobin);
    offer([[vip, 80, tcp]]);
    const listed = [
      [d, 1],
      [e, 1],
      [e, 2],
      [f, 1],
    ] as const;
    serve(listed);
    expect([1, 2, 3].map(() => dial({ destination: vip }))).toEqual([`${d} 1`, `${e} 1`, `${e} 2`]);
    serve(listed.toReversed());
    expect([1, 2].map(() => dial({ destination: vip }))).toEqual([`${e} 1`, `${d} 1`]);
  });

  test('sh: all words of an address count, as in Linux ip_vs_sh_hashkey', () => {
    balance(Balancing.SourceHash);
    const endpoints = Array.from({ length: 256 }, (_, index) => [d, index + 1] as const);
    serve(endpoints);
    offer([[vip, 80, tcp]]);
    const bucket = (address: string): number => {
      const words = new DataView(parseAddress(address)!.buffer);
      const from = family === 4 ? 12 : 0;
      let folded = 0;
      for (let at = from; at < 16; at += 4) folded ^= words.getUint32(at);
      return Math.imul(folded, 0x61c88647) >>> 24;
    };
    const sources =
      family === 4
        ? ['198.51.100.1', '203.0.113.200', '8.8.8.8', '130.0.0.1', '1.2.3.4']
        : ['2001:db8::1', '2001:db8:1:2:3:4:5:6', '2a00::ffff:0:1', '2400:8000::8000:0:0:7'];
    for (const source of sources) {
      const port = bucket(source) + 1;
      expect(dial({ source, destination: vip }), source).toBe(`${d} ${port}`);
    }
  });
});
