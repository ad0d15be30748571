// Protocols without ports that we know: tracked by their addresses, as Linux's generic tracker has
// it (nf_conntrack_proto_generic.c), and never changed behind the IP header.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { encode } from '../../host/abi/struct.ts';
import { listExhaustions } from '../../host/cluster/connections.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, countClear, client, makeNode, send, server, uplink } from './node.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 16, connections6: 16 });
});

const [gre, esp, authentication, experiment] = [47, 50, 51, 253];
const cases = [
  ...[gre, esp, authentication, experiment].map((protocol) => ({ family: 4 as const, protocol })),
  ...[gre, esp, experiment].map((protocol) => ({ family: 6 as const, protocol })),
];

describe.each(cases)('protocol $protocol over IPv$family', ({ family, protocol }) => {
  const own = addresses[family];
  const payload = Uint8Array.from({ length: 37 }, (_, index) => 255 - index);
  const packet: PacketFields = { source: own.client, destination: own.server, protocol, payload };
  const answer = answerTo(packet);

  test('one connection in both directions, whatever it holds', () => {
    expect(send(instance, packet, { port: client })).toMatchObject({
      verdict: 'forward',
      outPort: server,
      effects: Effect.Created,
    });
    const other = { ...packet, payload: payload.toReversed() };
    expect(send(instance, other, { port: client }).effects).toBe(0);
    expect(send(instance, answer, { port: server })).toMatchObject({
      verdict: 'forward',
      outPort: client,
      effects: Effect.ReplyDirection,
    });
    expect([...instance.map('connections').entries()]).toHaveLength(1);
  });

  test('only hops and the header’s checksum change', () => {
    const { frame } = send(instance, packet, { port: client });
    expect(frame).toEqual(encodePacket({ ...packet, ttl: 63 }, 'ethernet'));
  });

  test('it is remembered for ten minutes', () => {
    const created = (timeMs: number): boolean =>
      (send(instance, packet, { port: client, timeMs }).effects & Effect.Created) !== 0;
    expect([0, 599_999, 1_199_998, 1_799_998].map(created)).toEqual([true, false, false, true]);
  });

  test.each([0, 1, 3])('%i bytes are as good as any', (bytes) => {
    const short = { ...packet, payload: payload.subarray(0, bytes) };
    expect(send(instance, short, { port: client }).verdict).toBe('forward');
  });

  test('an error about it belongs to it', () => {
    const { packet: left } = send(instance, packet, { port: client });
    const icmp = family === 4 ? { protocol: 1, icmpType: 3 } : { protocol: 58, icmpType: 1 };
    const error = { source: own.outside, destination: own.client, ...icmp, quoted: left! };
    const told = send(instance, error, { port: uplink });
    expect(told).toMatchObject({ verdict: 'forward', outPort: client });
    expect(told.effects & Effect.Related).not.toBe(0);
  });

  test('no Service is served by it', () => {
    const sent = send(instance, { ...packet, destination: own.service }, { port: client });
    expect([sent.verdict, sent.reason]).toEqual(['reply', 'reject-unknown-service-port']);
  });
});

test.each([4, 6] as const)(
  'IPv%i: its answer belongs to somebody else, no port helps',
  (family) => {
    const own = addresses[family];
    const ends = { source: own.client, destination: own.server };
    const key = { source: own.outside, destination: own.node, protocol: gre };
    const value = { replySource: ends.destination, replyDestination: ends.source };
    const bytes = encode('Connection', { ...value, expiresAtMs: 1000 });
    instance.map('connections').restoreBytes(encode('FlowKey6', key), bytes);
    const refuse = (timeMs: number): void => {
      const { reason } = send(instance, { ...ends, protocol: gre }, { port: client, timeMs });
      expect(reason).toBe('masquerade-ports-exhausted');
    };
    const { destination } = ends;
    const told = { destination, destinationPort: 0, packets: 2, lastMs: 6 };
    for (const timeMs of [5, 6]) refuse(timeMs);
    expect(listExhaustions(instance)).toMatchObject([told]);
    // Where so many destinations have counts, those of another one are in the total only.
    for (const [known] of [...instance.map('exhaustions').entries()]) {
      instance.map('exhaustions').delete(known);
    }
    for (let port = 1; port <= 1024; port++) {
      const other = encode('ExhaustionKey', { destination: own.outside, port, protocol: gre });
      instance.map('exhaustions').restoreBytes(other, encode('Exhaustion', { packets: 1 }));
    }
    const clear = countClear(instance);
    refuse(7);
    expect(listExhaustions(instance)).toHaveLength(1024);
    expect(countClear(instance)).toBe(clear);
  },
);

test('an authentication header of IPv6 is looked through: behind it are ports', () => {
  const { client: source, service: destination, server: endpoint } = addresses[6];
  const ports = { sourcePort: 40000, destinationPort: 80 };
  const plain = encodePacket({ source, destination, protocol: 17, ...ports }, 'raw');
  // RFC 4302: next header, length in words of 4 bytes less 2, index, sequence, check value.
  const header = Uint8Array.of(17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, ...Array<number>(12).fill(9));
  const frame = Uint8Array.of(...plain.subarray(0, 40), ...header, ...plain.subarray(40));
  frame[6] = authentication;
  frame[5] = frame.length - 40;
  const sent = send(instance, frame, { port: client, link: 'raw' });
  expect(sent).toMatchObject({ verdict: 'forward', outPort: server });
  const translated = { source, destination: endpoint, sourcePort: 40000, destinationPort: 8080 };
  const expected = encodePacket({ ...translated, protocol: 17, ttl: 63 }, 'raw');
  expect(sent.frame.subarray(7, 40)).toEqual(expected.subarray(7, 40));
  expect([...sent.frame.subarray(40, 64)]).toEqual([...header]);
  expect(sent.frame.subarray(64)).toEqual(expected.subarray(40));
});

test('IPv6 headers that nothing follows belong to no connection, whatever they are sent to', () => {
  const [noNextHeader, payload] = [59, new Uint8Array(8)];
  for (const family of [4, 6] as const) {
    const { client: source, server: destination, service } = addresses[family];
    const packet = { source, destination, protocol: noNextHeader, payload };
    const expected = {
      verdict: 'forward',
      effects: family === 4 ? Effect.Created : Effect.Invalid,
    };
    expect(send(instance, packet, { port: client })).toMatchObject(expected);
    const { verdict } = send(instance, { ...packet, destination: service }, { port: client });
    expect(verdict).toBe(family === 4 ? 'reply' : 'forward');
  }
});
