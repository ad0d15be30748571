// Steps of a trace that only some packets take, from the module itself, and what is left of a trace
// that is longer than its ring.

import { beforeEach, describe, expect, test } from 'vitest';
import { cutPacket } from '../../fuzz/arbitrary/pieces.ts';
import { ConfigFlag } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import {
  addresses,
  answerTo,
  client,
  makeNode,
  nodePort,
  send,
  server,
  servicePort,
  uplink,
  type Sent,
} from './node.ts';

const own = addresses[4];
const udp = 17;
const datagram: PacketFields = {
  source: own.client,
  destination: own.service,
  protocol: udp,
  sourcePort: 40000,
  destinationPort: servicePort,
};

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
});

/** What becomes of a packet, and the steps it takes. */
function follow(what: PacketFields | Uint8Array, port: number): Sent & { steps: string[] } {
  const sent = send(instance, what, { port, link: 'raw', trace: true });
  return { ...sent, steps: instance.traceSteps().map(({ code }) => codeOf('Trace', code)) };
}

function configure(...flags: ConfigFlag[]): void {
  const config = instance.map('config').lookUp(0)!;
  const all = flags.reduce((bits, flag) => bits | flag, config.flags);
  const policyRevision = config.policyRevision + 1;
  instance.map('config').update(0, { ...config, flags: all, policyRevision });
}

test('a frame that the parser refuses is refused in one step', () => {
  const { steps } = follow(new Uint8Array(10).fill(0x45), client);
  expect(steps).toEqual(['refused', 'decided']);
});

test.each([9, 60_000])('a packet from port %i, which is none, is dropped for that', (port) => {
  const { verdict, reason } = follow(datagram, port);
  expect([verdict, reason]).toEqual(['drop', 'unknown-port']);
  expect(follow(new Uint8Array(10).fill(0x45), port).reason).toBe('truncated-ipv4');
});

test('a route to a port beyond all ports leads out, and nothing is known of its MTU', () => {
  const key = { address: '198.51.100.1', lengthBits: 128, scope: 0 };
  instance.map('routes').update(key, { kind: 2, port: 60_000 });
  const { verdict, outPort } = follow({ ...datagram, destination: '198.51.100.1' }, client);
  expect([verdict, outPort]).toEqual(['forward', 60_000]);
});

test('a later piece follows the first one', () => {
  const whole = encodePacket({ ...datagram, payload: new Uint8Array(200) }, 'raw');
  const pieces = cutPacket(whole, { units: [4], order: [], identification: 1 });
  const [, later] = pieces.map((piece) => follow(piece, client).steps);
  expect(later).toEqual(['parsed', 'fragment-follows', 'decided']);
});

test('an error is related to the connection it is about', () => {
  const { packet } = follow(datagram, client);
  const ends = { source: own.server, destination: own.client };
  const error = { ...ends, protocol: 1, icmpType: 3, icmpCode: 3, quoted: packet! };
  expect(follow(error, server).steps).toContain('connection-related');
});

test('steps beyond the ring are counted, and lost', async () => {
  instance = await makeNode({ traceSteps: 2 });
  expect(follow(datagram, client).steps).toEqual(['parsed', 'connection-new']);
  const { source: address, sourcePort: port } = datagram;
  const back = { ...datagram, destination: address, destinationPort: port! };
  expect(follow(back, client).steps).toEqual(['parsed', 'connection-new']);
  expect(instance.traceSteps()).toMatchObject([{ first: udp, address, port }, { first: 0 }]);
});

test.each([1, 3, 100, 300])('%i steps fit, and more than that harm nothing', async (traceSteps) => {
  instance = await makeNode({ traceSteps });
  const { vector } = instance;
  const known = () =>
    (['frontends', 'endpoints', 'routes', 'localities', 'service-addresses'] as const).map((name) =>
      JSON.stringify([...instance.map(name).entries(), instance.map('config').lookUp(0)]),
    );
  const before = known();
  for (let sent = 0; sent < 2; sent++) {
    vector.clear();
    for (let port = 1; port <= 40; port++) {
      const frame = encodePacket({ ...datagram, sourcePort: port }, 'raw');
      vector.add(frame, { port: client, timeMs: 0, link: 'raw', trace: true });
    }
    vector.run();
    const left = [...Array(40).keys()].map((index) => vector.outcome(index).outPort);
    expect(new Set(left)).toEqual(new Set([server]));
    const packets = instance.traceSteps().map(({ packet }) => packet);
    if (sent === 0) expect(packets).toHaveLength(traceSteps);
    expect(packets).toEqual(packets.toSorted((a, b) => a - b));
    expect(known()).toEqual(before);
  }
});

describe('policy', () => {
  test('a pod whose ruleset is not there is not isolated', () => {
    const pod = { identity: 1, neighbour: 0, local: 1, ingress: 5, egress: 0, namedPorts: 0 };
    instance.map('identities').update({ address: own.server }, pod);
    const { verdict, steps } = follow({ ...datagram, destination: own.server }, client);
    expect(verdict).toBe('forward');
    expect(steps).toContain('policy-not-isolated');
  });

  const byNodePort = { ...datagram, source: own.outside, destination: own.node };
  const masqueraded = { ...byNodePort, destinationPort: nodePort };

  test('a masqueraded connection is judged again, and so once for each policy', () => {
    configure(ConfigFlag.RevalidatePolicy);
    expect(follow(masqueraded, uplink).steps).not.toContain('policy-outdated');
    configure();
    expect(follow(masqueraded, uplink).steps).toContain('policy-outdated');
    expect(follow(masqueraded, uplink).steps).not.toContain('policy-outdated');
  });

  test.each([
    [4, true],
    [6, true],
    [6, false],
  ] as const)(
    'IPv%i: the node stands for whom it masquerades, if it can: %s',
    (family, hasAddress) => {
      configure(ConfigFlag.JudgeMasqueraded);
      const { node, outside, server: endpoint } = addresses[family];
      const pod = { identity: 1, neighbour: 0, local: 1, ingress: 0, egress: 0, namedPorts: 0 };
      instance.map('identities').update({ address: endpoint }, pod);
      if (!hasAddress)
        instance.map('config').update(0, { ...instance.map('config').lookUp(0)!, node6: '::' });
      const { reason, steps } = follow(
        { ...masqueraded, source: outside, destination: node },
        uplink,
      );
      expect(reason).toBe(hasAddress ? 'none' : 'no-masquerade-address');
      expect(steps).toContain(hasAddress ? 'policy-exempt' : 'policy-not-isolated');
    },
  );
});

test('a masqueraded answer is rewritten back, at both ends', () => {
  const dialled = {
    ...datagram,
    source: own.outside,
    destination: own.node,
    destinationPort: nodePort,
  };
  const { packet } = follow(dialled, uplink);
  const { steps } = follow(answerTo(packet!), server);
  expect(steps).toEqual(expect.arrayContaining(['source-rewritten', 'destination-rewritten']));
});
