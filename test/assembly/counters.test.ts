// What is counted of packets: as many as came in, and what became of each.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Reason, Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { anyFrame } from '../../fuzz/arbitrary/packet.ts';
import {
  addresses,
  answerTo,
  client,
  makeNode,
  send,
  server,
  servicePort,
  uplink,
} from './node.ts';

const own = addresses[4];
const tcp: PacketFields = {
  source: own.client,
  destination: own.service,
  protocol: 6,
  sourcePort: 40000,
  destinationPort: servicePort,
  tcpFlags: 2,
};

/** Forwarded, delivered, answered, dropped; and anything. */
const packets: readonly (readonly [PacketFields | Uint8Array, number])[] = [
  [tcp, client],
  [answerTo({ ...tcp, destination: own.server, destinationPort: 8080 }, { tcpFlags: 18 }), server],
  [{ ...tcp, source: own.outside, destination: own.node, destinationPort: 22 }, uplink],
  [{ ...tcp, destinationPort: servicePort + 1 }, client],
  [{ ...tcp, source: '127.0.0.1' }, uplink],
  ...fc
    .sample(anyFrame('ethernet'), { numRuns: 300, seed: 7 })
    .map((frame) => [frame, uplink] as const),
];

test('every packet is counted once, with its bytes, its verdict and its reason', async () => {
  const instance = await makeNode();
  const verdicts = { drop: 0, forward: 0, local: 0, reply: 0, hold: 0 };
  const reasons = new Map<number, number>();
  let bytes = 0;
  for (const [what, port] of packets) {
    const frame = what instanceof Uint8Array ? what : encodePacket(what, 'ethernet');
    const { verdict, reason } = send(instance, frame, { port });
    verdicts[verdict as keyof typeof verdicts] += 1;
    const number = Object.values(Reason).find((one) => codeOf('Reason', one) === reason)!;
    reasons.set(number, (reasons.get(number) ?? 0) + 1);
    bytes += frame.length;
  }
  expect(Math.min(...Object.values(verdicts).slice(0, 4))).toBeGreaterThan(0);
  expect(Object.keys(verdicts)).toHaveLength(Object.keys(Verdict).length);
  expect(instance.map('counters').lookUp(0)).toMatchObject({
    packets: packets.length,
    bytes,
    dropped: verdicts.drop,
    forwarded: verdicts.forward,
    delivered: verdicts.local,
    answered: verdicts.reply,
    held: verdicts.hold,
  });
  const counted = [...instance.map('reasons').entries()].map(([at, count]) => [at, count.packets]);
  expect(new Map(counted as [number, number][])).toEqual(reasons);
});
