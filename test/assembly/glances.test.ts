// What the first look at the packets of a vector may not mistake for a packet of a known
// connection: bytes that are not of the frame, or of another kind of packet.

import { beforeEach, describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { VectorEntry } from '../../host/dataplane/vector.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, send, server, targetPort } from './node.ts';
import { uplink } from './node.ts';

const [syn, ack] = [2, 16];
const [tcp, udp, gre] = [6, 17, 47];

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 64, connections6: 64 });
});

/** Why a frame had its fate. It is sent beside a runt: what is alone is not glanced at. */
function sendInVector(frame: Uint8Array, entry: VectorEntry): string {
  const { vector } = instance;
  vector.clear();
  vector.add(frame, entry);
  vector.add(new Uint8Array(), entry);
  vector.run();
  return codeOf('Reason', vector.outcome(0).reason);
}

/** Packets that each connection has counted, in both directions. */
const counted = (): number[] =>
  [...instance.map('connections').entries()].map(
    ([, { originalPackets, replyPackets }]) => originalPackets + replyPackets,
  );

/** A TCP connection that both ends have agreed on, and a segment that goes on with it. */
function openTcp(source: string, destination: string, sequence = 100): PacketFields {
  const ports = { sourcePort: 40_000, destinationPort: targetPort };
  const request = { source, destination, protocol: tcp, ...ports };
  const windows = { window: 65_535 };
  send(
    instance,
    { ...request, tcpFlags: syn, sequence: sequence - 1, ...windows },
    { port: client },
  );
  const answer = { tcpFlags: syn | ack, sequence: 500, acknowledgement: sequence, ...windows };
  send(instance, answerTo(request, answer), { port: uplink });
  const segment = { ...request, tcpFlags: ack, sequence, acknowledgement: 501, ...windows };
  send(instance, segment, { port: client });
  return segment;
}

describe('the same bytes', () => {
  const at = { port: client, timeMs: 0 };

  test('behind an Ethernet header and without one are two packets', () => {
    const frame = encodePacket(openTcp(addresses[4].client, addresses[4].server), 'ethernet');
    // Instead of stations' addresses a header of IPv6, with what follows as its source.
    const raw = frame.slice();
    const [version, next, hops] = [0x60, 59, 64];
    raw.set([version, 0, 0, 0, 0, frame.length - 40, next, hops, 0x20, 1, 0xd, 0xb8]);
    const before = counted();
    sendInVector(raw, { ...at, link: 'raw' });
    expect(counted().slice(0, 1)).toEqual(before);
    sendInVector(raw, at);
    expect(counted().slice(0, 1)).toEqual(before.map((count) => count + 1));
  });

  const routed = '2001:86dd:1::5';
  test.each([
    // Where a frame has its type, the one before has a sequence number or a destination.
    ['IPv4', addresses[4].client, addresses[4].outside, 0x5678_0800],
    ['IPv6', addresses[6].client, routed, 100],
  ])('%s: 14 bytes before a frame are not of it', (_, source, destination, sequence) => {
    const packet = encodePacket(openTcp(source, destination, sequence), 'raw');
    const bytes = Uint8Array.of(...packet, ...new Uint8Array(28));
    const { vector, layout, memory } = instance;
    const before = counted();
    new Uint8Array(memory.buffer).set(bytes, layout.block);
    vector.clear();
    vector.addInPlace(layout.block + 14, bytes.length - 14, at);
    vector.addInPlace(layout.block + 14, 0, at);
    vector.run();
    expect(counted()).toEqual(before);
  });
});

test('a time stamp option that is cut off is none', () => {
  const { client: source, server: destination } = addresses[4];
  const segment = openTcp(source, destination);
  const optionHead = Uint8Array.of(1, 1, 8, 10);
  const frame = encodePacket({ ...segment, payload: optionHead }, 'ethernet');
  const before = counted();
  sendInVector(frame, { port: client, timeMs: 0 });
  expect(counted(), 'of no option, but of data').toEqual(before.map((count) => count + 1));
  // Eight words of header, of which six are there.
  frame[14 + 20 + 12] = 0x80;
  expect(sendInVector(frame, { port: client, timeMs: 0 })).toBe('bad-tcp-data-offset');
  expect(counted()).toEqual(before.map((count) => count + 1));
});

test.each([4, 6] as const)('IPv%i: what looks like an ACK lives as its protocol does', (family) => {
  const { client: source, server: destination } = addresses[family];
  // Where TCP has its ports there is nothing; then a header of five words, and the flag.
  const payload = new Uint8Array(40);
  payload.set([0x50, ack], 12);
  const packet = { source, destination, protocol: gre, payload };
  send(instance, packet, { port: client });
  send(instance, answerTo(packet), { port: server });
  sendInVector(encodePacket(packet, 'ethernet'), { port: client, timeMs: 5000 });
  const ends = [...instance.map('connections').entries()].map(([, value]) => value.expiresAtMs);
  expect(ends).toEqual([5000 + 600_000]);
});

test('packet memory may be full to its last byte', async () => {
  const { client: source, server: destination } = addresses[4];
  const ports = { sourcePort: 40_000, destinationPort: targetPort };
  const payload = Uint8Array.from({ length: 128 - 42 }, (_, index) => index + 1);
  const packet = { source, destination, protocol: udp, ...ports, payload };
  const frame = encodePacket(packet, 'ethernet');
  const count = 8;
  instance = await makeNode({ vectorPackets: count, blockBytes: count * frame.length });
  const { vector } = instance;
  const numbers = Array.from({ length: count }, (_, index) => index);
  for (const sourcePort of numbers) {
    vector.add(encodePacket({ ...packet, sourcePort }, 'ethernet'), { port: client, timeMs: 0 });
  }
  expect(vector.hasRoom(1)).toBe(false);
  vector.run();
  for (const sourcePort of numbers) {
    const left = encodePacket({ ...packet, sourcePort, ttl: 63 }, 'ethernet');
    expect(vector.outcome(sourcePort).frame).toEqual(left);
  }
});

test('a packet that is alone is of no connection that was found for another one', async () => {
  const capacity = { connections4: 16_384, connections6: 1, heldBytes: 1, heldFragments: 1 };
  instance = await makeNode({ ...capacity, fragments: 1, endpoints: 16, affinities: 1 });
  const { vector } = instance;
  const [own, other] = [addresses[4], addresses[6]];
  const datagram = { source: own.outside, destination: own.server, protocol: udp };
  for (let number = 0; number < capacity.connections4; number += vector.count) {
    for (const _ of [1, 2]) {
      vector.clear();
      while (vector.count < vector.capacity) {
        const sourcePort = number + vector.count;
        const packet = { ...datagram, sourcePort, destinationPort: targetPort };
        vector.add(encodePacket(packet, 'ethernet'), { port: uplink, timeMs: 0 });
      }
      vector.run();
    }
  }
  const alone = { source: other.client, destination: other.server, protocol: udp };
  const ports = { sourcePort: 5, destinationPort: targetPort };
  expect(send(instance, { ...alone, ...ports }, { port: client })).toMatchObject({
    verdict: 'forward',
    effects: Effect.Created,
  });
});
