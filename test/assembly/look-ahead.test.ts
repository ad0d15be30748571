// Packets of one vector: their connections are looked for ahead of their turn, and what was found
// may be true no more when it comes. Each packet fares as if it had come alone.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect, PortKind, RouteKind, Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, host, makeNode, send, server, uplink } from './node.ts';

const udp = 17;
let instance: Instance;

interface Fate extends Pick<RawOutcome, 'verdict' | 'outPort' | 'effects'> {
  readonly frame: Uint8Array;
}

function sendTogether(packets: readonly (readonly [PacketFields, number])[]): Fate[] {
  const { vector } = instance;
  vector.clear();
  for (const [packet, port] of packets) {
    vector.add(encodePacket(packet, 'ethernet'), { port, timeMs: 0 });
  }
  vector.run();
  return packets.map((_, index) => {
    const { verdict, outPort, effects, frame } = vector.outcome(index);
    return { verdict, outPort, effects, frame: frame.slice() };
  });
}

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const direct: PacketFields = {
    source: own.client,
    destination: own.server,
    protocol: udp,
    sourcePort: 40_000,
    destinationPort: 53,
  };

  test('what was looked up for a longer vector means nothing to the next one', async () => {
    instance = await makeNode({ connections4: 16, connections6: 16 });
    const [a, b, c] = [1, 2, 3].map((sourcePort) => [{ ...direct, sourcePort }, client] as const);
    sendTogether([a!, b!, c!]);
    const sent = sendTogether([a!, c!]);
    expect(sent.map(({ effects }) => effects & Effect.Created)).toEqual([0, 0]);
    expect(instance.map('counters').lookUp(0)).toMatchObject({ connectionsCreated: 3 });
  });

  test('in a full vector nobody looks beyond its end', async () => {
    instance = await makeNode({ vectorPackets: 2, connections4: 16, connections6: 16 });
    const choice = { endpoint: { address: addresses[4].server, port: 53 } };
    for (const sourcePort of [1, 2]) {
      const frame = encodePacket({ ...direct, sourcePort }, 'ethernet');
      instance.vector.add(frame, { port: client, timeMs: 0, choice });
    }
    instance.vector.run();
    expect(instance.poisoned).toBeNull();
    expect(instance.vector.outcome(1).verdict).toBe(Verdict.Forward);
  });

  describe('a connection that goes on', () => {
    const there = [direct, client] as const;
    beforeEach(async () => {
      instance = await makeNode({ connections4: 16, connections6: 16 });
      send(instance, direct, { port: client });
      send(instance, answerTo(direct), { port: server });
    });

    function changeRoute(kind: RouteKind, port: number): void {
      const key = { address: own.server, lengthBits: 128, scope: 0 };
      instance.map('routes').update(key, { kind, port });
    }

    function configure(changes: { largestMtuBytes?: number } = {}): void {
      const config = instance.map('config').lookUp(0)!;
      const routeRevision = config.routeRevision + 1;
      instance.map('config').update(0, { ...config, routeRevision, ...changes });
    }

    test('takes a new way as soon as there is one', () => {
      changeRoute(RouteKind.Forward, uplink);
      configure();
      const sent = [...sendTogether([there, there]), ...sendTogether([there, there])];
      expect(sent.map(({ outPort }) => outPort)).toEqual(Array(4).fill(uplink));
    });

    test('makes no hop any more when its way ends at the node', () => {
      changeRoute(RouteKind.Local, host);
      configure();
      const sent = [...sendTogether([there, there]), ...sendTogether([there, there])];
      const frame = encodePacket(direct, 'ethernet');
      const delivered = { verdict: Verdict.Local, outPort: host, frame };
      expect(sent).toMatchObject(Array(4).fill(delivered));
    });

    test.each([1, 40])('is stopped by an MTU of %i bytes', (mtuBytes) => {
      instance.map('ports').update(server, { kind: PortKind.Pod, mtuBytes });
      configure({ largestMtuBytes: 1500 });
      const whole = { ...direct, dontFragment: true, payload: new Uint8Array(20) } as const;
      const sent = sendTogether([
        [whole, client],
        [whole, client],
      ]);
      expect(sent.map(({ verdict }) => verdict)).toEqual([Verdict.Reply, Verdict.Reply]);
      expect(codeOf('Reason', instance.vector.outcome(1).reason)).toBe('packet-too-big');
    });
  });
});

type Ends = Pick<PacketFields, 'source' | 'destination' | 'sourcePort' | 'destinationPort'>;
type Pair = readonly [what: string, one: Partial<Ends>, other: Partial<Ends>];

const ends4 = { source: '10.244.1.9', destination: '203.0.113.7' };
const ends6 = { source: 'fd00:10:244:1::9', destination: 'fd00:9:9:9::7' };
const ports: readonly Pair[] = [
  ['source port', { sourcePort: 40_000 }, { sourcePort: 40_001 }],
  ['destination port', { destinationPort: 53 }, { destinationPort: 54 }],
];
const pairs4: readonly Pair[] = [
  ['source', { source: '10.244.1.9' }, { source: '10.244.1.8' }],
  ['destination', { destination: '203.0.113.7' }, { destination: '203.0.113.8' }],
  ...ports,
];
/** The last ones are alike if one of the two is read from one byte further on. */
const pairs6: readonly Pair[] = [
  ['network of the source', { source: 'fd00:1::9' }, { source: 'fd00:2::9' }],
  ['source', { source: 'fd00::1' }, { source: 'fd00::2' }],
  ['network of the destination', { destination: '100::7' }, { destination: '2a00::7' }],
  ['destination', { destination: 'fd00::1' }, { destination: 'fd00::2' }],
  ...ports,
  ['moved source', { source: 'fd00::102:304:506:708' }, { source: 'fd00::203:405:607:8fd' }],
  [
    'moved network of the destination',
    { destination: '2001:203:405:607:800::1' },
    { destination: '102:304:506:708:800::1' },
  ],
  [
    'moved destination',
    { destination: 'fd00::102:304:506:708' },
    { destination: 'fd00::203:405:607:89c' },
  ],
];
const pairs = [
  ...pairs4.map((pair) => [4, ...pair] as const),
  ...pairs6.map((pair) => [6, ...pair] as const),
].flatMap(
  ([family, what, one, other]) =>
    [
      [family, what, one, other],
      [family, what, other, one],
    ] as const,
);

test.each(pairs)(
  'IPv%i: who took the place of a connection is another one: %s',
  async (family, _, changes, otherChanges) => {
    instance = await makeNode({ connections4: 1, connections6: 1 });
    const ends = { sourcePort: 40_000, destinationPort: 53, ...(family === 4 ? ends4 : ends6) };
    const first: PacketFields = { protocol: udp, ...ends, ...changes };
    const other: PacketFields = { protocol: udp, ...ends, ...otherChanges };
    send(instance, first, { port: client });
    send(instance, answerTo(first), { port: uplink });
    const sent = sendTogether([
      [other, client],
      [answerTo(other), uplink],
      [first, client],
    ]);
    const created = [Effect.Created, Effect.ReplyDirection, Effect.Created];
    expect(sent.map(({ effects }) => effects)).toEqual(created);
    const { protocol: _protocol, ...key } = first;
    expect([...instance.map('connections').entries()]).toMatchObject([
      [key, { originalPackets: 1, replyPackets: 0 }],
    ]);
  },
);
