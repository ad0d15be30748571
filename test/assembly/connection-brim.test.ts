// Tables of connections that are full to the brim: none lies where another one does, and taking
// one out leaves its neighbours as they are. Nothing of one that is gone comes back with the next.

import { beforeEach, describe, expect, test } from 'vitest';
import { ConnectionFlag, Effect } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, nodePort, send, uplink } from './node.ts';
import { server, servicePort, targetPort } from './node.ts';

/** With the slot that is never used, a number that fills cache lines. */
const room = 31;

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: room, connections6: room });
});

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const flow = (number: number): PacketFields => ({
    source: own.client,
    destination: own.server,
    protocol: 17,
    sourcePort: 5000 + number,
    destinationPort: targetPort,
  });
  const ask = (number: number) => send(instance, flow(number), { port: client });
  const answer = (number: number) => send(instance, answerTo(flow(number)), { port: server });
  const numbers = [...Array(room).keys()];
  const entries = () => [...instance.map('connections').entries()];

  /** So that none is given up for another one. */
  function fill(): void {
    for (const number of numbers) ask(number);
    for (let round = 0; round < 3; round++) for (const number of numbers) answer(number);
    for (const number of numbers) send(instance, flow(number), { port: client, timeMs: 3000 });
  }

  test('every connection has its own tuples and its own record', () => {
    fill();
    for (const number of numbers) {
      expect(answer(number).effects & Effect.ReplyDirection, `${number}`).not.toBe(0);
    }
    expect(entries()).toHaveLength(room);
    for (const [key, value] of entries()) {
      expect(value, `${key.sourcePort}`).toMatchObject({
        originalPackets: 2,
        replyPackets: 4,
        createdAtMs: 0,
        replySourcePort: targetPort,
        replyDestinationPort: key.sourcePort,
      });
      expect(value.flags & ConnectionFlag.Assured, `${key.sourcePort}`).not.toBe(0);
    }
    expect(ask(room)).toMatchObject({ verdict: 'drop', reason: 'conntrack-full' });
  });

  test('one that is taken out leaves its neighbours alone', () => {
    fill();
    const gone = entries().filter((_, index) => index % 3 === 1);
    for (const [key] of gone) expect(instance.map('connections').delete(key)).toBe(true);
    const gonePorts = new Set(gone.map(([{ sourcePort }]) => sourcePort));
    for (const number of numbers) {
      const isGone = gonePorts.has(5000 + number);
      const { effects } = answer(number);
      expect((effects & Effect.ReplyDirection) === 0, `${number}`).toBe(isGone);
    }
    expect(entries().length).toBe(room);
  });

  test('the next one in its place begins with nothing', () => {
    const bytes = (number: number): PacketFields => {
      const ports = { sourcePort: 7000 + number, destinationPort: servicePort };
      return { ...flow(number), destination: own.service, ...ports };
    };
    for (const number of numbers) send(instance, bytes(number), { port: client });
    const translated = entries();
    expect(translated).toHaveLength(room);
    for (const [key] of translated) instance.map('connections').delete(key);
    for (const number of numbers) {
      const sent = ask(number);
      expect(sent).toMatchObject({ effects: Effect.Created, packet: { destination: own.server } });
      const back = answer(number);
      expect(back).toMatchObject({ verdict: 'forward', effects: Effect.ReplyDirection });
      expect(back.packet).toMatchObject({ source: own.server, sourcePort: targetPort });
    }
    for (const [, value] of entries()) {
      expect(value).toMatchObject({ service: 0, originalPackets: 1, replyPackets: 1 });
    }
  });

  test('the one that waited longest for an answer makes room, and it alone', () => {
    for (const number of numbers) send(instance, flow(number), { port: client, timeMs: number });
    const dialled = {
      ...flow(99),
      source: own.outside,
      destination: own.node,
      destinationPort: nodePort,
    };
    send(instance, dialled, { port: uplink, timeMs: 100 });
    const counters = instance.map('counters').lookUp(0)!;
    expect(counters).toMatchObject({ connectionsEvicted: 1, connectionsExpired: 0 });
    expect(entries()).toHaveLength(room);
  });
});
