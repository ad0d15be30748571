// The check, on a dataplane of a few lines: equal packets are found equal, and every planted
// difference is named.

import { describe, expect, test } from 'vitest';
import { Verdict } from '../../host/abi/abi.gen.ts';
import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { translationKey } from '../../host/replay/network-packet.ts';
import { comparePackets } from '../../host/replay/packet-fields.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import {
  addresses,
  captureOf,
  client,
  forward,
  server,
  stubSubject,
  type Decide,
} from './replay-subject.ts';

const ethernetBytes = 14;

const base: PacketFields = {
  source: addresses.client,
  destination: addresses.service,
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 80,
  tcpFlags: 2,
  sequence: 1000,
  payload: Uint8Array.of(1, 2, 3, 4),
};

const encode = (fields: Partial<PacketFields> = {}) =>
  encodePacket({ ...base, ...fields }, 'ethernet');
const arrived = (fields: Partial<PacketFields> = {}) =>
  encode({ destination: addresses.server, destinationPort: 8080, ttl: 63, ...fields });

function check(
  captures: Partial<Record<typeof client | typeof server | 'uplink', Uint8Array[]>>,
  decide: Decide = forward,
) {
  const inputs = Object.entries(captures).map(([place, frames]) => captureOf(frames, place));
  const report = replayCaptures(stubSubject(decide), inputs, { check: true });
  if (report.check === undefined) throw new Error('no check');
  return report.check;
}

const nothing = { different: [], onlyReal: 0, onlyPodplane: 0, hostStack: 0, notCaptured: 0 };

describe('equal', () => {
  test('a packet and its image', () => {
    expect(check({ [client]: [encode()], [server]: [arrived()] })).toMatchObject({
      compared: 1,
      equal: 1,
      ...nothing,
    });
  });

  test('packets that changed places', () => {
    const numbers = [1, 2, 3].map((identification) => ({ identification }));
    const sent = numbers.map((fields) => encode(fields));
    const received = numbers.toReversed().map((fields) => arrived(fields));
    expect(check({ [client]: sent, [server]: received })).toMatchObject({ equal: 3, ...nothing });
  });

  test('the choice of endpoint and masquerade port is taken over', () => {
    const chosen = { destination: '10.244.2.5', destinationPort: 9090 };
    const subject = stubSubject();
    const inputs = [
      captureOf([encode()], client),
      captureOf([arrived({ ...chosen, source: addresses.node, sourcePort: 3333 })], 'uplink'),
    ];
    replayCaptures(subject, inputs, { check: true });
    expect(subject.fed[0]?.entry.choice).toEqual({
      endpoint: { address: '10.244.2.5', port: 9090 },
      sourcePort: 3333,
    });
  });

  test("an answer's own identification is free, the rest is not", () => {
    const error = (fields: Partial<PacketFields>) =>
      encode({
        source: addresses.node,
        destination: addresses.client,
        protocol: 1,
        icmpType: 3,
        icmpCode: 3,
        quoted: base,
        payload: new Uint8Array(),
        ...fields,
      });
    const decide: Decide = () => ({
      verdict: Verdict.Reply,
      outPort: 3,
      frame: error({ identification: 1 }),
    });
    const same = check({ [client]: [encode(), error({ identification: 77 })] }, decide);
    expect(same).toMatchObject({ compared: 1, equal: 1, ...nothing });
    const other = check({ [client]: [encode(), error({ ttl: 65 })] }, decide);
    expect(other.different.map(({ field }) => field)).toEqual(['ipv4.ttl', 'ipv4.checksum']);
    const forwarded = check({ [client]: [encode(), error({ identification: 77 })] }, (...all) => ({
      ...decide(...all),
      verdict: Verdict.Forward,
    }));
    expect(forwarded.different.map(({ field }) => field)).toEqual([
      'ipv4.identification',
      'ipv4.checksum',
    ]);
  });

  test('the identification of IPv6 fragments is free', () => {
    const fragment = (identification: number, hopLimit: number) => {
      const frame = new Uint8Array(ethernetBytes + 40 + 8 + 16).fill(7, 62);
      frame.set([0x86, 0xdd], 12);
      frame.set([0x60, 0, 0, 0, 0, 24, 44, hopLimit], ethernetBytes);
      frame.set([0x20, 1, 0xd, 0xb8], 22);
      frame.set([0xfd, 0], 38);
      frame.set([17, 0, 0, 9, 0, 0, 0, identification], 54);
      return frame;
    };
    const decide: Decide = () => ({ outPort: 3, frame: fragment(1, 63) });
    const at = { uplink: [fragment(1, 64)] };
    const left = new Uint8Array(fragment(200, 63));
    expect(check({ ...at, [client]: [left] }, decide)).toMatchObject({ equal: 1, ...nothing });
    left[70]! ^= 1;
    expect(check({ ...at, [client]: [left] }, decide).different).toHaveLength(1);
  });
});

describe('planted differences', () => {
  /** As a dataplane decides that finds every choice illegal. */
  const withoutChoice: Decide = (frame, { choice: _ignored, ...entry }) => forward(frame, entry);

  test.each([
    ['time to live', { ttl: 62 }, ['ipv4.ttl', 'ipv4.checksum']],
    ['endpoint', { destination: '10.244.1.5', destinationPort: 8081 }, ['tcp.destinationPort']],
    ['payload', { payload: Uint8Array.of(1, 2, 9, 4) }, ['payload']],
    ['sequence', { sequence: 1001 }, ['tcp.sequence']],
    ['flags', { tcpFlags: 18 }, ['tcp.offsetAndFlags']],
    ['identification', { identification: 5 }, ['ipv4.identification', 'ipv4.checksum']],
  ] as const)('%s', (_, fault, fields) => {
    const captures = { [client]: [encode()], [server]: [arrived(fault)] };
    const result = check(captures, withoutChoice);
    const found = result.different
      .map(({ field }) => field)
      .filter((name) => name !== 'tcp.checksum');
    expect(found).toEqual(fields);
    expect(result).toMatchObject({ compared: 1, equal: 0, onlyReal: 0, onlyPodplane: 0 });
    expect(result.different[0]).toMatchObject({ packet: 1, capture: `${server}.pcap` });
  });

  test('every single byte of a packet from the IP header up', () => {
    const real = arrived();
    for (let at = ethernetBytes; at < real.length; at++) {
      const changed = real.slice();
      changed[at]! ^= 0x10;
      const result = check({ [client]: [encode()], [server]: [changed] }, withoutChoice);
      const isFound = result.different.length + result.onlyPodplane > 0;
      expect(isFound, `byte ${at}`).toBe(true);
    }
  });

  test('a packet that only one side sent', () => {
    const onlyReal = check({ [client]: [], [server]: [arrived()] });
    expect(onlyReal).toMatchObject({ ...nothing, onlyReal: 1 });
    expect(onlyReal.unmatched).toEqual([
      {
        sender: 'real',
        place: server,
        packet: 1,
        capture: `${server}.pcap`,
        text: 'IP 10.244.1.9.40000 > 10.244.1.5.8080: TCP [S], seq 1000, length 4',
      },
    ]);
    const onlyOurs = check({ [client]: [encode()], [server]: [] });
    expect(onlyOurs).toMatchObject({ ...nothing, onlyPodplane: 1 });
    expect(onlyOurs.unmatched).toMatchObject([{ sender: 'podplane', place: server, packet: 1 }]);
    const dropped: Decide = (frame) => ({ verdict: Verdict.Drop, frame: frame.subarray(0, 0) });
    expect(check({ [client]: [encode()], [server]: [arrived()] }, dropped)).toMatchObject({
      ...nothing,
      onlyReal: 1,
    });
  });
});

describe("the real node's own", () => {
  const fromNode = { source: addresses.node, sourcePort: 10250 };

  test('address resolution', () => {
    const arp = new Uint8Array(42);
    arp.set([8, 6], 12);
    expect(check({ [client]: [arp] })).toMatchObject({ ...nothing, hostStack: 1 });
  });

  test("the node's stack, unless the packet is part of what was translated", () => {
    const probe = arrived({ ...fromNode, payload: Uint8Array.of(9) });
    expect(check({ [server]: [probe] })).toMatchObject({ ...nothing, hostStack: 1 });
    const masquerade: Decide = () => ({ frame: arrived(fromNode) });
    const both = check({ [client]: [encode()], [server]: [arrived(fromNode), probe] }, masquerade);
    expect(both).toMatchObject({ ...nothing, equal: 1, onlyReal: 1 });
  });

  test('answers to what was handed to the node', () => {
    const toNode = encode({ destination: addresses.node, destinationPort: 22 });
    const answer = encode({
      source: addresses.node,
      sourcePort: 22,
      destination: addresses.client,
      destinationPort: 40000,
    });
    const local: Decide = (frame) => ({ verdict: Verdict.Local, outPort: 1, frame });
    const result = check({ [client]: [toNode, answer] }, local);
    expect(result).toMatchObject({ ...nothing, hostStack: 1 });
  });

  test('what came from a port that was not captured', () => {
    const result = check({ [server]: [arrived()] });
    expect(result).toMatchObject({ ...nothing, notCaptured: 1 });
  });
});

test('without a place there is nothing to compare with', () => {
  const replay = () =>
    replayCaptures(stubSubject(), [captureOf([encode()], undefined)], { check: true });
  expect(replay).toThrow('any.pcap: nothing to compare with: no capture says where it was taken; ');
});

test('the key of a packet is that of its image', () => {
  const packet = (frame: Uint8Array) => frame.subarray(ethernetBytes);
  expect(translationKey(packet(encode()))).toBe(translationKey(packet(arrived())));
  const other = translationKey(packet(arrived({ sequence: 1 })));
  expect(translationKey(packet(encode()))).not.toBe(other);
  const error = (quoted: PacketFields) =>
    packet(encode({ protocol: 1, icmpType: 3, icmpCode: 3, quoted }));
  const inside = { ...base, destination: addresses.server, destinationPort: 8080, ttl: 1 };
  expect(translationKey(error(base))).toBe(translationKey(error(inside)));
  expect(translationKey(error(base))).not.toBe(translationKey(error({ ...base, sequence: 1 })));
});

test('fields of quoted packets are named, long values shown from their first difference', () => {
  const error = (quoted: PacketFields) =>
    encodePacket({ ...base, protocol: 1, icmpType: 3, quoted }, 'raw');
  const names = comparePackets(error(base), error({ ...base, ttl: 63 })).map(({ field }) => field);
  expect(names).toEqual(['icmp.quoted.ipv4.ttl', 'icmp.quoted.ipv4.checksum']);
  const long = new Uint8Array(500);
  const changed = long.slice();
  changed[400] = 0xab;
  const payloads = comparePackets(
    encodePacket({ ...base, payload: long }, 'raw'),
    encodePacket({ ...base, payload: changed }, 'raw'),
  );
  expect(payloads.find(({ field }) => field === 'payload')).toEqual({
    field: 'payload',
    real: `@400 ${'0'.repeat(32)}`,
    podplane: `@400 ab${'0'.repeat(30)}`,
  });
  expect(foldToChecksum(sumWords(error(base), 0, 20))).toBe(0);
});
