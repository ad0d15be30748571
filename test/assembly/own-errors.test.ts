// Errors that the dataplane sends itself: about packets too long for where they go, only to those
// who may be told, and only so many.

import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { anyFrame } from '../../fuzz/arbitrary/packet.ts';
import { ConfigFlag, PortKind } from '../../host/abi/abi.gen.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { hasValidChecksums, isIcmpError, locatePacket } from '../../host/net/packet-layout.ts';
import { encodePacket } from '../../host/net/packet.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { addresses, client, makeNode, send, server, servicePort, uplink } from './node.ts';
import '../property/setup.ts';

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode({ connections4: 64, connections6: 64 });
});

const flags = ConfigFlag.DetectLocal4 | ConfigFlag.DetectLocal6 | ConfigFlag.LoosePickup;

function configure(changes: { largestMtuBytes?: number; errorsPerSecond?: number }): void {
  const nodes = { node4: addresses[4].node, node6: addresses[6].node };
  instance.map('config').update(0, { ...nodes, flags, errorsAtOnce: 2, ...changes });
}

function datagram(family: 4 | 6, bytes: number): PacketFields {
  const { client: source, service: destination } = addresses[family];
  const headers = family === 4 ? 28 : 48;
  const payload = new Uint8Array(bytes - headers);
  const ports = { sourcePort: 40000, destinationPort: servicePort };
  return { source, destination, protocol: 17, ...ports, payload, dontFragment: true };
}

describe.each([4, 6] as const)('IPv%i: longer than the MTU', (family) => {
  beforeEach(() => {
    instance.map('ports').update(server, { kind: PortKind.Pod, mtuBytes: 1400 });
    configure({ largestMtuBytes: 1500 });
  });
  const place = { port: client, link: 'raw' as const };

  test('the sender is told, as from the address that it dialled', () => {
    const sent = send(instance, datagram(family, 1401), place);
    expect(sent).toMatchObject({ verdict: 'reply', reason: 'packet-too-big', outPort: client });
    expect(sent.packet).toMatchObject({
      source: addresses[family].service,
      destination: addresses[family].client,
      icmpType: family === 4 ? 3 : 2,
      icmpCode: family === 4 ? 4 : 0,
      icmpRest: 1400,
      quoted: { destination: addresses[family].service, destinationPort: servicePort, ttl: 64 },
    });
    expect(hasValidChecksums(sent.frame.subarray(0), 'raw')).toBe(true);
    expect(sent.frame.length).toBe(family === 4 ? 576 : 1280);
    expect([...instance.map('connections').entries()]).toEqual([]);
  });

  test('a packet of just that length leaves, and so does what an offload put together', () => {
    expect(send(instance, datagram(family, 1400), place).verdict).toBe('forward');
    expect(send(instance, datagram(family, 1501), place).verdict).toBe('forward');
  });

  test('the MTU is that of the port it leaves by', () => {
    const { server: source, outside: destination } = addresses[family];
    const out = { ...datagram(family, 1450), source, destination };
    expect(send(instance, out, { ...place, port: server }).verdict).toBe('forward');
  });
});

test('IPv4 without the flag is not stopped: what may be cut leaves whole', () => {
  instance.map('ports').update(server, { kind: PortKind.Pod, mtuBytes: 1400 });
  configure({ largestMtuBytes: 1500 });
  const { dontFragment: _, ...packet } = datagram(4, 1450);
  expect(send(instance, packet, { port: client }).verdict).toBe('forward');
});

test('so many errors at once, so many a second, by the time of packets', () => {
  configure({ errorsPerSecond: 10 });
  const expired = { ...datagram(4, 100), ttl: 1 };
  const verdicts = (times: number[]): string[] =>
    times.map((timeMs) => send(instance, expired, { port: client, timeMs }).verdict);
  expect(verdicts([0, 0, 0, 99])).toEqual(['reply', 'reply', 'drop', 'drop']);
  expect(verdicts([100, 150, 200])).toEqual(['reply', 'drop', 'reply']);
  // A pause earns no more than what may go at once.
  expect(verdicts([60_000, 60_000, 60_000])).toEqual(['reply', 'reply', 'drop']);
  expect(instance.map('counters').lookUp(0)).toMatchObject({ errorsSpared: 4, answered: 6 });
});

test('one error at once, where none is said to be', () => {
  const nodes = { node4: addresses[4].node, node6: addresses[6].node };
  instance.map('config').update(0, { ...nodes, flags, errorsPerSecond: 1, errorsAtOnce: 0 });
  const expired = { ...datagram(4, 100), ttl: 1 };
  const verdictAt = (timeMs: number) => send(instance, expired, { port: client, timeMs }).verdict;
  expect([0, 0, 999, 1000].map(verdictAt)).toEqual(['reply', 'drop', 'drop', 'reply']);
});

test('errors tell themselves apart by their identification (RFC 791, 2.3)', () => {
  const expired = { ...datagram(4, 100), ttl: 1 };
  const sent = [1, 2, 3].map((timeMs) => send(instance, expired, { port: client, timeMs }));
  expect(new Set(sent.map(({ packet }) => packet!.identification)).size).toBe(3);
});

test('nobody is told of what must not be answered (RFC 1122, 3.2.2; RFC 4443, 2.4 e)', () => {
  const ports = [client, server, uplink];
  fc.assert(
    fc.property(anyFrame('raw'), fc.constantFrom(...ports), (frame, port) => {
      const hasTtl = frame.length > 8;
      const dying = frame.slice();
      if (hasTtl) dying[dying[0]! >> 4 === 4 ? 8 : 7] = 1;
      const { verdict, packet } = send(instance, dying, { port, link: 'raw' });
      if (verdict !== 'reply') return;
      const { isLaterFragment, protocol, transportAt } = locatePacket(dying, 'raw')!;
      expect(isLaterFragment).toBe(false);
      const isIcmp = protocol === 1 || protocol === 58;
      expect(isIcmp && isIcmpError(protocol, dying[transportAt]!)).toBe(false);
      expect(packet!.destination).not.toMatch(/^(0\.|127\.|22[4-9]\.|2[3-5]\d\.|ff|::1?$)/);
    }),
    { numRuns: 3000 },
  );
});

test('an error goes back to the station that the packet came from', () => {
  const frame = encodePacket({ ...datagram(4, 100), ttl: 1 }, 'ethernet');
  const [node, station] = [
    [2, 11, 12, 13, 14, 15],
    [6, 21, 22, 23, 24, 25],
  ] as const;
  frame.set([...node, ...station]);
  const sent = send(instance, frame, { port: client });
  expect([...sent.frame.subarray(0, 12)]).toEqual([...station, ...node]);
});

test.each([4, 6] as const)(
  'IPv%i: a sum is over what is quoted, not over an older answer',
  (family) => {
    for (const bytes of [300, 299, 298, 297, 203, 202, 201, 99]) {
      const { payload, ...packet } = datagram(family, bytes);
      const full = { ...packet, payload: payload!.fill(0xff), ttl: 1 };
      const sent = send(instance, full, { port: client, link: 'raw' });
      expect(sent.verdict).toBe('reply');
      expect(hasValidChecksums(sent.frame, 'raw'), `${bytes} bytes`).toBe(true);
    }
  },
);

test('nor of a frame that went to a group of stations', () => {
  const frame = encodePacket({ ...datagram(4, 100), ttl: 1 }, 'ethernet');
  expect(send(instance, frame, { port: client }).verdict).toBe('reply');
  frame[0]! |= 1;
  expect(send(instance, frame, { port: client })).toMatchObject({
    verdict: 'drop',
    reason: 'time-exceeded',
  });
});

test.each([9, 10, 13, 18, 42, 200])(
  'ICMP of type %i: what neither asks nor answers',
  (icmpType) => {
    const { client: source, outside: destination } = addresses[4];
    const packet = { source, destination, protocol: 1, icmpType, ttl: 1 };
    const { verdict } = send(instance, packet, { port: client });
    expect(verdict).toBe(icmpType === 13 || icmpType === 18 ? 'reply' : 'drop');
  },
);
