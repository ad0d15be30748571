// Datagrams in pieces: all pieces are translated alike, or share the fate of the first.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, client, makeNode, send, server, servicePort } from './node.ts';

/** Cuts an IPv4 frame into pieces of `bytes` of payload (RFC 791, section 3.2). */
function cut(frame: Uint8Array, bytes: number): Uint8Array[] {
  const headers = 34;
  const pieces: Uint8Array[] = [];
  for (let offset = 0; headers + offset < frame.length; offset += bytes) {
    const payload = frame.slice(headers + offset, headers + offset + bytes);
    const piece = Uint8Array.of(...frame.slice(0, headers), ...payload);
    const view = new DataView(piece.buffer);
    const hasMore = headers + offset + bytes < frame.length;
    view.setUint16(16, 20 + payload.length);
    view.setUint16(20, (hasMore ? 0x2000 : 0) | (offset / 8));
    view.setUint16(24, 0);
    pieces.push(piece);
  }
  return pieces;
}

const own = addresses[4];
const datagram: PacketFields = {
  source: own.client,
  destination: own.service,
  protocol: 17,
  sourcePort: 40000,
  destinationPort: servicePort,
  identification: 0x4242,
  payload: new Uint8Array(3000).map((_, index) => index),
};

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ fragments: 2, connections4: 16 });
});

describe('fragments', () => {
  test('all pieces reach the endpoint, and together make the whole datagram', () => {
    const pieces = cut(encodePacket(datagram, 'ethernet'), 1480);
    const sent = pieces.map((piece) => send(instance, piece, { port: client }));
    expect(sent.map(({ outPort }) => outPort)).toEqual([server, server, server]);
    const whole = sent.flatMap(({ frame }) => [...frame.slice(34)]);
    const arrived = { ...datagram, destination: own.server, destinationPort: 8080, ttl: 63 };
    expect(whole).toEqual([...encodePacket(arrived, 'ethernet').slice(34)]);
    for (const { frame } of sent) expect([...frame.slice(30, 34)]).toEqual([10, 244, 1, 5]);
  });

  test('an echo request and its answer are one connection, in pieces as well', () => {
    const ends = { source: own.client, destination: own.server, protocol: 1 };
    const { payload } = datagram;
    const request: PacketFields = { ...ends, icmpType: 8, icmpIdentifier: 7, payload: payload! };
    const answer = { ...request, source: own.server, destination: own.client, icmpType: 0 };
    for (const [packet, port] of [
      [request, client],
      [answer, server],
    ] as const) {
      for (const piece of cut(encodePacket(packet, 'ethernet'), 1480)) {
        expect(send(instance, piece, { port })).toMatchObject({ verdict: 'forward' });
      }
    }
    const all = [...instance.map('connections').entries()].map(([, value]) => value);
    expect(all).toMatchObject([{ originalPackets: 3, replyPackets: 3 }]);
  });

  test('what acknowledges a segment in pieces is in window', () => {
    const ends = { ...datagram, protocol: 6, sourcePort: 40000, destination: own.server };
    const [syn, ack] = [2, 16];
    const back = { ...ends, source: own.server, destination: own.client };
    const answer = { ...back, sourcePort: servicePort, destinationPort: 40000 };
    const none = new Uint8Array(0);
    send(instance, { ...ends, tcpFlags: syn, payload: none }, { port: client });
    const accepted = { ...answer, tcpFlags: syn | ack, acknowledgement: 1, payload: none };
    send(instance, accepted, { port: server });
    const data = { ...ends, tcpFlags: ack, sequence: 1, acknowledgement: 1 };
    for (const piece of cut(encodePacket(data, 'ethernet'), 1480)) {
      send(instance, piece, { port: client });
    }
    const heard = { ...answer, tcpFlags: ack, sequence: 1, acknowledgement: 3001, payload: none };
    expect(send(instance, heard, { port: server }).effects & Effect.Invalid).toBe(0);
  });

  test('a later piece without its first is dropped', () => {
    const [, second] = cut(encodePacket(datagram, 'ethernet'), 1480);
    const sent = send(instance, second!, { port: client });
    expect(sent).toMatchObject({ verdict: 'drop', reason: 'fragment-before-first' });
  });

  test('pieces share the fate of a rejected first one, without being answered', () => {
    const refused = { ...datagram, destinationPort: servicePort + 1 };
    const [first, second] = cut(encodePacket(refused, 'ethernet'), 1480);
    const reason = 'reject-no-endpoints';
    expect(send(instance, first!, { port: client })).toMatchObject({ verdict: 'reply', reason });
    expect(send(instance, second!, { port: client })).toMatchObject({ verdict: 'drop', reason });
  });

  test('a datagram too many is dropped until another one’s time is over', () => {
    const firstOf = (identification: number): Uint8Array =>
      cut(encodePacket({ ...datagram, identification }, 'ethernet'), 1480)[0]!;
    for (const identification of [1, 2]) {
      const sent = send(instance, firstOf(identification), { port: client });
      expect(sent.verdict).toBe('forward');
    }
    const full = { verdict: 'drop', reason: 'fragment-table-full' };
    expect(send(instance, firstOf(3), { port: client })).toMatchObject(full);
    const later = send(instance, firstOf(3), { port: client, timeMs: 30_000 });
    expect(later.verdict).toBe('forward');
  });
});
