// The express lane, which packets of a vector take when their connection merely goes on: what
// leaves is what encoding the rewritten fields gives, and all is counted and remembered. That the
// whole walk would have done the same is held by fuzz target `express`.

import { beforeEach, describe, expect, test } from 'vitest';
import { Verdict } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import {
  addresses,
  answerTo,
  client,
  makeNode,
  send,
  server,
  servicePort,
  targetPort,
} from './node.ts';

const [syn, ack] = [2, 16];
const [tcp, udp] = [6, 17];
const lifeMs = 86_400_000;

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  let instance: Instance;

  const request: PacketFields = {
    source: own.client,
    destination: own.service,
    protocol: tcp,
    sourcePort: 40_000,
    destinationPort: servicePort,
  };
  const dialled = { address: own.service, port: servicePort, protocol: tcp };
  const arrived: PacketFields = {
    ...request,
    destination: own.server,
    destinationPort: targetPort,
    ttl: 63,
  };
  const data = {
    tcpFlags: ack,
    sequence: 101,
    acknowledgement: 501,
    payload: Uint8Array.of(1, 2, 3),
  };

  beforeEach(async () => {
    instance = await makeNode({ connections4: 64, connections6: 64 });
  });

  /** Three packets by which both ends agree. */
  function open(): void {
    send(instance, { ...request, tcpFlags: syn, sequence: 100 }, { port: client });
    const answer = { tcpFlags: syn | ack, sequence: 500, acknowledgement: 101 };
    send(instance, answerTo(arrived, answer), { port: server });
    send(instance, { ...request, ...data, payload: new Uint8Array() }, { port: client });
  }

  /** Sends packets in one vector, and tells of each how it left. */
  function sendTogether(
    packets: readonly (readonly [PacketFields, number])[],
    timeMs = 0,
  ): (readonly [verdict: number, frame: Uint8Array])[] {
    const { vector } = instance;
    vector.clear();
    for (const [packet, port] of packets) {
      vector.add(encodePacket(packet, 'ethernet'), { port, timeMs });
    }
    vector.run();
    return packets.map((_, index) => {
      const { verdict, frame } = vector.outcome(index);
      return [verdict, frame.slice()] as const;
    });
  }

  function counters(): Readonly<Record<string, number>> {
    return instance.map('counters').lookUp(0) as unknown as Record<string, number>;
  }

  test('segments both ways, to the byte', () => {
    open();
    const there = { ...request, ...data };
    const back = { tcpFlags: ack, sequence: 501, acknowledgement: 104, payload: Uint8Array.of(9) };
    const sent = sendTogether([
      [there, client],
      [answerTo(arrived, back), server],
    ]);
    expect(sent).toEqual([
      [Verdict.Forward, encodePacket({ ...arrived, ...data }, 'ethernet')],
      [Verdict.Forward, encodePacket(answerTo(request, { ...back, ttl: 63 }), 'ethernet')],
    ]);
    const services = [0, 1].map((index) => instance.vector.outcome(index).service);
    expect(new Set(services)).toEqual(
      new Set([instance.map('frontends').lookUp(dialled)!.service]),
    );
  });

  test('each is counted, for all and for its connection, and keeps it alive', () => {
    open();
    const before = counters();
    const reasonsBefore = instance.map('reasons').lookUp(0)!.packets;
    const [, connection] = [...instance.map('connections').entries()][0]!;
    const there = { ...request, ...data };
    const frameBytes = encodePacket(there, 'ethernet').length;
    sendTogether(
      [
        [there, client],
        [{ ...there, sequence: 104 }, client],
      ],
      1000,
    );
    expect(counters()).toEqual({
      ...before,
      packets: before['packets']! + 2,
      bytes: before['bytes']! + 2 * frameBytes,
      forwarded: before['forwarded']! + 2,
    });
    expect(instance.map('reasons').lookUp(0)!.packets).toBe(reasonsBefore + 2);
    const [, after] = [...instance.map('connections').entries()][0]!;
    expect(after.originalPackets).toBe(connection.originalPackets + 2);
    expect(after.originalBytes).toBe(connection.originalBytes + 2 * (frameBytes - 14));
    expect(after.replyPackets).toBe(connection.replyPackets);
    // What was sent is not acknowledged.
    expect(after.expiresAtMs).toBe(1000 + 300_000);
  });

  test('what is acknowledged lives on as long as any established connection', () => {
    open();
    sendTogether([
      [{ ...request, ...data }, client],
      [answerTo(arrived, { tcpFlags: ack, sequence: 501, acknowledgement: 104 }), server],
    ]);
    const [, { expiresAtMs }] = [...instance.map('connections').entries()][0]!;
    expect(expiresAtMs).toBe(lifeMs);
  });

  test('what has no hops left, or comes in elsewhere, does not take it', () => {
    open();
    const there = { ...request, ...data };
    const sent = sendTogether([
      [{ ...there, ttl: 1 }, client],
      [{ ...there, sequence: 200_000_000 }, client],
      [there, client],
    ]);
    expect(sent.map(([verdict]) => verdict)).toEqual([
      Verdict.Reply,
      expect.any(Number),
      Verdict.Forward,
    ]);
    expect(sent[2]![1]).toEqual(encodePacket({ ...arrived, ...data }, 'ethernet'));
    expect(counters()['invalid']).toBe(1);
  });

  test('datagrams both ways, to the byte; a stream is assured', () => {
    const asked = { ...request, protocol: udp };
    const reached = { ...arrived, protocol: udp };
    send(instance, asked, { port: client });
    send(instance, answerTo(reached, {}), { port: server });
    const sent = sendTogether(
      [
        [asked, client],
        [answerTo(reached, {}), server],
      ],
      2001,
    );
    expect(sent).toEqual([
      [Verdict.Forward, encodePacket(reached, 'ethernet')],
      [Verdict.Forward, encodePacket(answerTo(asked, { ttl: 63 }), 'ethernet')],
    ]);
    const [, { expiresAtMs }] = [...instance.map('connections').entries()][0]!;
    expect(expiresAtMs).toBe(2001 + 120_000);
  });
});
