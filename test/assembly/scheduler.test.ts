// The ipvs schedulers of the module, one by one, at a front-end with three endpoints: which one
// each new connection gets, given the connections that are there.

import { beforeEach, describe, expect, test } from 'vitest';
import {
  Balancing,
  ConfigFlag,
  ConnectionFlag,
  FrontendKind,
  LoadFlag,
  ServiceFlag,
} from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { addresses, answerTo, client, makeNode, send, uplink } from './node.ts';

const [fin, syn, rst, ack] = [1, 2, 4, 16];
const [own, service] = [addresses[4], 9] as const;
const [vip, otherVip] = ['10.96.0.50', '10.96.0.51'] as const;
const frontend = { address: vip, port: 80, protocol: 6 };
const [a, b, c] = ['10.244.2.1', '10.244.2.2', '10.244.2.3'] as const;

let instance: Instance;
let nextPort: number;

beforeEach(async () => {
  instance = await makeNode();
  nextPort = 40_000;
});

/** Puts a scheduler in charge of a Service of these endpoints. */
function balance(balancing: Balancing, endpoints: readonly string[] = [a, b, c]): void {
  const config = instance.map('config').lookUp(0)!;
  const counting = ConfigFlag.CountConnections | ConfigFlag.ExactCounts;
  instance.map('config').update(0, { ...config, flags: config.flags | counting, balancing });
  for (const address of [vip, otherVip]) {
    const key = { address, port: 80, protocol: 6 };
    instance.map('frontends').update(key, { service, kind: FrontendKind.ClusterIp });
  }
  offer(endpoints);
}

function offer(endpoints: readonly string[], flags = 0, affinitySeconds = 0): void {
  const usual = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
  const counts = { clusterCount: endpoints.length, localCount: 0, affinitySeconds };
  instance.map('services').update(service, { flags: usual | flags, ...counts });
  for (const [slot, address] of endpoints.entries()) {
    instance.map('endpoints').update({ service, set: 0, slot }, { address, port: 8080, flags: 0 });
  }
}

interface Call {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly timeMs?: number;
}

/** A connection that was opened, and what can be done to it. */
function open({ source = own.client, destination = vip, sourcePort, timeMs = 0 }: Call = {}) {
  const packet = {
    source,
    destination,
    protocol: 6,
    sourcePort: sourcePort ?? nextPort++,
    destinationPort: 80,
  };
  const port = source === own.client ? client : uplink;
  const { packet: left } = send(instance, { ...packet, tcpFlags: syn }, { port, timeMs });
  const tell = (tcpFlags: number, at = timeMs) =>
    send(instance, { ...packet, tcpFlags }, { port, timeMs: at });
  const answer = (tcpFlags: number, at = timeMs) =>
    send(instance, answerTo(left!, { tcpFlags }), { port: uplink, timeMs: at });
  const reset = () => {
    answer(syn | ack);
    tell(ack);
    tell(rst);
  };
  return { endpoint: left!.destination, send: tell, answer, reset };
}

const endpoints = (count: number, call: Call = {}): string[] =>
  Array.from({ length: count }, () => open(call).endpoint);

const loads = (): Record<string, [active: number, inactive: number]> =>
  Object.fromEntries(
    [...instance.map('loads').entries()].map(([{ endpoint }, { active, inactive }]) => [
      endpoint,
      [active, inactive],
    ]),
  );

describe.each([Balancing.RoundRobin, Balancing.WeightedRoundRobin])('rr and wrr (%i)', (kind) => {
  test('take turns, at each front-end for itself', () => {
    balance(kind);
    expect(endpoints(4)).toEqual([a, b, c, a]);
    expect(endpoints(2, { destination: otherVip })).toEqual([a, b]);
    expect(endpoints(1)).toEqual([b]);
  });

  test('go on behind the last one when the list changes', () => {
    balance(kind);
    expect(endpoints(2)).toEqual([a, b]);
    offer([b, c]);
    expect(endpoints(2)).toEqual([c, b]);
    offer([a, c]);
    expect(endpoints(2), 'from the slot of the one that left').toEqual([a, c]);
  });
});

describe.each([Balancing.LeastConnections, Balancing.WeightedLeastConnections])(
  'lc and wlc (%i)',
  (kind) => {
    test('take the one with the fewest, of equals the first', () => {
      balance(kind);
      const first = open();
      expect([first.endpoint, ...endpoints(3)]).toEqual([a, b, c, a]);
      first.reset();
      expect(loads()).toEqual({ [a]: [1, 1], [b]: [1, 0], [c]: [1, 0] });
      expect(open().endpoint).toBe(b);
    });

    test('count an active connection as 256 inactive ones', () => {
      balance(kind, [a, b]);
      const closing = [open(), open(), open(), open()];
      expect(closing.map(({ endpoint }) => endpoint)).toEqual([a, b, a, b]);
      for (const { endpoint, reset } of closing) if (endpoint === b) reset();
      expect(loads()).toEqual({ [a]: [2, 0], [b]: [0, 2] });
      expect(endpoints(2)).toEqual([b, b]);
    });

    test('see no connection whose time is over, swept or not', () => {
      balance(kind);
      open();
      expect(open({ timeMs: 119_999 }).endpoint).toBe(b);
      expect(open({ timeMs: 120_000 }).endpoint).toBe(a);
    });
  },
);

test('sed and nq go by active connections alone', () => {
  for (const kind of [Balancing.ShortestDelay, Balancing.NeverQueue]) {
    balance(kind, [a, b]);
    open().reset();
    expect(loads()).toEqual({ [a]: [0, 1] });
    expect(endpoints(3), 'nobody has an active one, so the first').toEqual([a, b, a]);
    for (const [key] of [...instance.map('connections').entries()]) {
      instance.map('connections').delete(key);
    }
  }
});

test('lblc keeps to one until it has two active connections and another has none', () => {
  balance(Balancing.LocalityLeastConnections);
  expect(endpoints(5)).toEqual([a, a, b, b, c]);
  expect(endpoints(3), 'nobody is idle any more').toEqual([c, c, c]);
});

test('lblc leaves an overloaded one for whoever is idle, the first of the list as well', () => {
  balance(Balancing.LocalityLeastConnections, [a, b]);
  const calls = Array.from({ length: 4 }, () => open());
  expect(calls.map(({ endpoint }) => endpoint)).toEqual([a, a, b, b]);
  for (const { endpoint, reset } of calls) if (endpoint === a) reset();
  expect(loads()).toEqual({ [a]: [0, 2], [b]: [2, 0] });
  expect(endpoints(2)).toEqual([a, a]);
});

describe('lblcr', () => {
  test('adds servers under load, and takes the least loaded of them', () => {
    balance(Balancing.LocalityWithReplication);
    expect(endpoints(7)).toEqual([a, a, b, b, c, c, a]);
  });

  test('loses the most loaded one when the set was the same for a day', () => {
    balance(Balancing.LocalityWithReplication, [a, b]);
    const [first, , third] = [open(), open(), open()];
    expect(third.endpoint).toBe(b);
    first.answer(syn | ack);
    first.send(ack);
    // An established connection lives for a day, the others are gone.
    expect(open({ timeMs: 86_399_000 }).endpoint).toBe(b);
    first.send(ack, 86_399_001);
    expect(open({ timeMs: 86_400_001 }).endpoint, 'of equals the first, for the last time').toBe(a);
    expect(open({ timeMs: 86_400_002 }).endpoint).toBe(b);
    expect(open({ timeMs: 86_400_003 }).endpoint, 'a is in the set no more').toBe(b);
  });

  const day = 86_400_000;
  const members = (): string[] =>
    [...instance.map('loads').entries()]
      .filter(([, { flags }]) => (flags & LoadFlag.InSet) !== 0)
      .map(([{ endpoint }]) => endpoint);

  test('loses one a day, when more than a day is over', () => {
    balance(Balancing.LocalityWithReplication);
    expect(endpoints(5, { timeMs: 1000 })).toEqual([a, a, b, b, c]);
    // Of equals the first one counts as the most loaded.
    const left = [999, 1000, 1001, day + 1001, day + 1002, 2 * day + 1003];
    const counts = left.map((sinceMs) => {
      open({ timeMs: day + sinceMs }).reset();
      return members().length;
    });
    expect(counts, 'the last one stays').toEqual([3, 3, 2, 2, 1, 1]);
  });

  test('forgets a server that it loses, and that has no connection', () => {
    balance(Balancing.LocalityWithReplication, [a, b]);
    expect(endpoints(3, { timeMs: 1000 })).toEqual([a, a, b]);
    // Nobody gets a new one, for there is no way there.
    instance.map('routes').delete({ address: '0.0.0.0', lengthBits: 96, scope: 0 });
    const ports = { sourcePort: 7, destinationPort: 80 };
    const call = { source: own.client, destination: vip, protocol: 6, tcpFlags: syn, ...ports };
    const { reason } = send(instance, call, { port: client, timeMs: day + 1001 });
    expect([reason, loads()]).toEqual(['no-route', { [b]: [0, 0] }]);
  });

  test('is as old as before when somebody is called that is in it', () => {
    balance(Balancing.RoundRobin, [c]);
    for (let call = 0; call <= 2 * 256; call++) open().reset();
    balance(Balancing.LocalityWithReplication);
    expect(endpoints(4, { timeMs: 1000 })).toEqual([a, a, b, b]);
    // Both have as many as makes them overloaded, but c weighs more.
    expect(endpoints(1, { timeMs: 2000 })).toEqual([a]);
    expect(instance.map('turns').lookUp(frontend)).toMatchObject({ changedAtMs: 1000 });
  });
});

describe('hashes', () => {
  test('sh: by source address, of Linux’s 256 buckets', () => {
    balance(Balancing.SourceHash);
    const bucket = (address: string) => {
      const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
      return Number(((BigInt(number) * 0x61c88647n) % 2n ** 32n) >> 24n);
    };
    const sources = Array.from({ length: 30 }, (_, index) => `203.0.113.${index + 1}`);
    for (const source of sources) {
      const expected = [a, b, c][bucket(source) % 3]!;
      expect(endpoints(2, { source })).toEqual([expected, expected]);
    }
    expect(new Set(sources.map((source) => bucket(source) % 3)).size).toBe(3);
  });

  test('dh: by the address dialled, whoever dials it', () => {
    balance(Balancing.DestinationHash);
    const sources = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'];
    const found = (destination: string) =>
      new Set(sources.map((source) => open({ source, destination }).endpoint));
    expect([found(vip).size, found(otherVip).size]).toEqual([1, 1]);
  });

  test('mh: every byte of source address and port counts', () => {
    balance(Balancing.MaglevHash);
    const source = [198, 51, 100, 77];
    const values = Array.from({ length: 24 }, (_, index) => 2 * index + 65);
    for (const place of source.keys()) {
      const sources = values.map((value) => source.with(place, value).join('.'));
      const found = sources.map((one) => open({ source: one, sourcePort: 40_000 }).endpoint);
      expect(new Set(found).size, `byte ${place} of the address`).toBe(3);
    }
    for (const unit of [1, 256]) {
      const found = values.map((value) => open({ sourcePort: 20_000 + unit * value }).endpoint);
      expect(new Set(found).size, `ports ${unit} apart`).toBe(3);
    }
  });

  test('mh: by source address and port, through the table', () => {
    balance(Balancing.MaglevHash);
    const flags = ServiceFlag.Present | ServiceFlag.HasAnyEndpoints;
    instance.map('services').update(service, { flags, clusterCount: 3, clusterSlots: 4 });
    for (const [slot, endpoint] of [2, 2, 2, 1].entries()) {
      instance.map('maglev').update({ service, set: 0, slot }, { endpoint });
    }
    const found = endpoints(60);
    expect(new Set(found)).toEqual(new Set([b, c]));
    nextPort = 40_000;
    for (const [key] of [...instance.map('connections').entries()]) {
      instance.map('connections').delete(key);
    }
    expect(endpoints(60)).toEqual(found);
  });
});

describe('counts', () => {
  const established = () => {
    const connection = open();
    connection.answer(syn | ack);
    connection.send(ack);
    return connection;
  };

  test('follow a connection from its first packet to its end', () => {
    balance(Balancing.RoundRobin, [a]);
    const connection = established();
    expect(loads()).toEqual({ [a]: [1, 0] });
    connection.send(fin | ack);
    expect(loads()).toEqual({ [a]: [0, 1] });
    connection.send(rst);
    expect(loads()).toEqual({ [a]: [0, 1] });
    instance.sweep(10_000, 100);
    expect(loads()).toEqual({});
  });

  test('end with a connection that is deleted, evicted, or begins anew', async () => {
    balance(Balancing.RoundRobin, [a]);
    const connection = open();
    connection.reset();
    expect(loads()).toEqual({ [a]: [0, 1] });
    connection.send(syn);
    expect(loads()).toEqual({ [a]: [1, 0] });
    const [[key]] = [...instance.map('connections').entries()] as [[never, unknown]];
    instance.map('connections').delete(key);
    expect(loads()).toEqual({});

    instance = await makeNode({ connections4: 4 });
    balance(Balancing.RoundRobin, [a]);
    endpoints(20, {});
    expect(instance.map('counters').lookUp(0)!.connectionsEvicted).toBe(16);
    expect(loads()).toEqual({ [a]: [4, 0] });
  });

  test('stay with an endpoint that was taken away, and are there when it returns', () => {
    balance(Balancing.LeastConnections, [a, b]);
    established();
    offer([b]);
    expect(open().endpoint).toBe(b);
    expect(loads()).toEqual({ [a]: [1, 0], [b]: [1, 0] });
    offer([a, b, c]);
    expect(open().endpoint, 'the only idle one').toBe(c);
  });

  test('are not kept outside ipvs mode', () => {
    balance(Balancing.RoundRobin);
    const config = instance.map('config').lookUp(0)!;
    instance.map('config').update(0, { ...config, flags: 0, balancing: Balancing.Random });
    open();
    expect(loads()).toEqual({});
  });
});

test('session affinity is prolonged by live connections, at that front-end', () => {
  balance(Balancing.RoundRobin);
  offer([a, b, c], ServiceFlag.Affinity, 10);
  const first = open();
  first.answer(syn | ack);
  first.send(ack);
  expect(first.endpoint).toBe(a);
  expect(open({ timeMs: 60_000 }).endpoint, 'ten seconds are long over').toBe(a);
  expect(open({ timeMs: 60_000, destination: otherVip }).endpoint).toBe(a);
  expect(open({ timeMs: 60_000, source: '203.0.113.1' }).endpoint, 'another client').toBe(b);
  first.send(rst, 60_000);
  expect(open({ timeMs: 70_001 + 120_000 }).endpoint, 'nothing holds it').toBe(c);
});

describe('room', () => {
  /** Entries of map `loads` that other endpoints have, all but some. */
  async function crowd(free: number): Promise<void> {
    const capacity = { endpoints: 7, affinities: 3, frontends: 14 };
    instance = await makeNode(capacity);
    const rest = { client: '::', frontend: vip, frontendPort: 80, protocol: 6, endpoint: a };
    for (let port = 1; port <= capacity.endpoints + capacity.affinities - free; port++) {
      const key = encode('LoadKey', { ...rest, endpointPort: port });
      instance.map('loads').restoreBytes(key, encode('Load', { flags: LoadFlag.InSet }));
    }
  }
  const refused = () => instance.map('counters').lookUp(0)!.loadsRefused;

  test('without any for its count a connection goes on, uncounted', async () => {
    await crowd(0);
    balance(Balancing.LocalityWithReplication);
    const connection = open();
    expect([connection.endpoint, open({ timeMs: 9 }).endpoint]).toEqual([a, a]);
    expect(refused()).toBe(2);
    const flags = [...instance.map('connections').entries()].map(([, value]) => value.flags);
    expect(flags.map((each) => each & ConnectionFlag.Counted)).toEqual([0, 0]);
    expect(instance.map('turns').lookUp(frontend)?.changedAtMs, 'nobody joins').toBe(0);
    connection.reset();
    expect(Object.keys(loads())).toEqual([a]);
    await expect(crowd(-1)).rejects.toThrow('map loads');
  });

  test.each([0, 1])('a client’s count that finds none is none at all: %i free', async (free) => {
    await crowd(free);
    balance(Balancing.RoundRobin);
    offer([b], ServiceFlag.Affinity, 10);
    expect(open().endpoint).toBe(b);
    expect(refused()).toBe(1);
    expect(Object.keys(loads()), 'as if it had not been there').toEqual([a]);
  });

  test('for turns is made by front-ends that are no more', async () => {
    await crowd(10);
    balance(Balancing.RoundRobin);
    for (let port = 1; port <= 14; port++) {
      const key = encode('FrontendKey', { address: '10.96.0.77', port, protocol: 6 });
      instance.map('turns').restoreBytes(key, encode('Turn', { slot: 1 }));
    }
    expect(endpoints(3)).toEqual([a, b, c]);
    expect([...instance.map('turns').entries()].map(([{ address }]) => address)).toEqual([vip]);
  });
});
