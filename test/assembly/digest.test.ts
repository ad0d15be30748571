// Digests: equal for equal outcomes, and different wherever one differs, by the port it left by.

import { test as property } from '@fast-check/vitest';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import { hashWords, mix } from './bucket.ts';
import { addresses, client, makeNode, server, servicePort, uplink } from './node.ts';

const own = addresses[4];
const tcp: PacketFields = {
  source: own.client,
  destination: own.service,
  protocol: 6,
  sourcePort: 40000,
  destinationPort: servicePort,
  tcpFlags: 2,
  payload: new Uint8Array(200),
};

interface Sent {
  readonly frame: Uint8Array;
  readonly port?: number;
  readonly number?: number;
}

/** Sends packets in vectors of so many, and returns the digests by port. */
async function digestsOf(packets: readonly Sent[], atOnce = packets.length): Promise<unknown> {
  const instance = await makeNode();
  for (let at = 0; at < packets.length; at += atOnce) {
    packets.slice(at, at + atOnce).forEach((packet, index) => add(instance, packet, at + index));
    instance.vector.run();
    instance.vector.digest();
    instance.vector.clear();
  }
  return [...instance.map('digests').entries()];
}

function add({ vector }: Instance, { frame, port = client, number }: Sent, index: number): void {
  vector.add(frame, { port, timeMs: index, number: number ?? index });
}

const encode = (fields: PacketFields): Uint8Array => encodePacket(fields, 'ethernet');

/** Behind Ethernet and IPv4. */
const udpAt = 14 + 20;

const martian = { ...tcp, source: '127.0.0.1' };

test('a sum for each port that packets leave by, and one for those that do not', async () => {
  const outwards = { ...tcp, source: own.server, destination: own.outside, destinationPort: 80 };
  const sent = [
    { frame: encode(tcp) },
    { frame: encode(martian) },
    { frame: encode(outwards), port: server },
  ];
  const ports = ((await digestsOf(sent)) as [number, unknown][]).map(([port]) => port);
  expect(ports).toEqual([0, uplink, server].toSorted((one, other) => one - other));
});

/** Each makes instances. */
const few = { numRuns: 30 };

const flow = fc.record({
  sourcePort: fc.integer({ min: 1024, max: 1030 }),
  destinationPort: fc.constantFrom(servicePort, servicePort + 1),
  payload: fc.uint8Array({ maxLength: 300 }),
});

property.prop(
  [fc.array(flow, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 8 })],
  few,
)('the size of vectors makes no difference', async (flows, atOnce) => {
  const sent = flows.map((one) => ({ frame: encode({ ...tcp, ...one }) }));
  expect(await digestsOf(sent, atOnce)).toEqual(await digestsOf(sent));
});

test.each<[string, PacketFields, PacketFields]>([
  ['a header', tcp, { ...tcp, ttl: 9 }],
  ['the length', tcp, { ...tcp, payload: new Uint8Array(208) }],
  ['the reason', martian, { ...tcp, sourcePort: 0 }],
])('%s counts', async (_, one, other) => {
  const [first, second] = [one, other].map((fields) => digestsOf([{ frame: encode(fields) }]));
  expect(await first).not.toEqual(await second);
});

test.each([tcp, martian])('what the caller calls a packet counts', async (fields) => {
  const frame = encode(fields);
  const [first, second] = [7, 8].map((number) => digestsOf([{ frame, number }]));
  expect(await first).not.toEqual(await second);
});

property.prop([fc.integer({ min: 1, max: 300 }), fc.nat()], few)(
  'the first 160 bytes count, whatever the length, and no others',
  async (lengthBytes, position) => {
    const ends = { source: own.client, destination: own.server, protocol: 17 };
    const ports = { sourcePort: 1, destinationPort: 2 };
    const frame = encode({ ...ends, ...ports, payload: new Uint8Array(lengthBytes) });
    // RFC 768: no checksum; otherwise it would tell of the payload.
    frame.fill(0, udpAt + 6, udpAt + 8);
    const at = udpAt + 8 + (position % lengthBytes);
    const changed = frame.slice();
    changed[at]! ^= 1;
    const [before, after] = [frame, changed].map((one) => digestsOf([{ frame: one }]));
    if (at < 160) expect(await after).not.toEqual(await before);
    else expect(await after).toEqual(await before);
  },
);

/** As assembly/packet/digest.ts has it. */
function digestOf({ verdict, reason, frame }: RawOutcome, number: number): bigint {
  const outcome = BigInt((verdict << 8) | reason);
  const seed = (BigInt(number) << 32n) | (outcome << 20n) | BigInt(frame.length);
  const bytes = frame.slice(0, 160);
  const words = bytes.subarray(0, bytes.length & ~7);
  const isWhole = words.length === bytes.length;
  const last = isWhole ? 0n : new DataView(bytes.buffer).getBigUint64(bytes.length - 8, true);
  return mix(hashWords(words, seed) ^ last);
}

property.prop([fc.array(fc.tuple(flow, fc.boolean(), fc.nat()), { minLength: 2 })], few)(
  'is a sum modulo 2^64 of hashes of number, outcome, length and bytes',
  async (flows) => {
    const instance = await makeNode();
    const { vector } = instance;
    const sent = flows.map(([one, isMartian, number]) => {
      const frame = encode({ ...tcp, ...one, ...(isMartian && { source: '127.0.0.1' }) });
      return { frame, number };
    });
    sent.forEach((packet, index) => add(instance, packet, index));
    vector.run();
    const expected = new Map<number, bigint>();
    sent.forEach(({ number }, index) => {
      const outcome = vector.peek(index);
      const port = outcome.frame.length === 0 ? 0 : outcome.outPort;
      const sum = (expected.get(port) ?? 0n) + digestOf(outcome, number);
      expected.set(port, BigInt.asUintN(64, sum));
    });
    vector.digest();
    const sums = [...instance.map('digests').entries()].map(([port, { low, high }]) => [
      port,
      (BigInt(high) << 32n) | BigInt(low),
    ]);
    expect(new Map(sums as [number, bigint][])).toEqual(expected);
  },
);
