// The replay itself, on a dataplane of a few lines: which packets enter, in which order, what is
// written and added up.

import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Verdict, type Digest } from '../../host/abi/abi.gen.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { LinkType } from '../../host/pcap/packet.ts';
import { InputError } from '../../host/problem.ts';
import { formatDigest, parseDigest, readDigest } from '../../host/replay/digest.ts';
import { hashBytes, toKey } from '../../host/replay/hash.ts';
import { mergeCaptures } from '../../host/replay/merge.ts';
import { findIngress, parseCaptureArgument, type CaptureInput } from '../../host/replay/place.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { concatenate, encodeCapture, formats, readAll, type Written } from './pcap-arbitrary.ts';
import { addresses, captureOf, client, forward, server, stubSubject } from './replay-subject.ts';

const request = (identification: number) =>
  encodePacket(
    {
      source: addresses.client,
      destination: addresses.service,
      protocol: 6,
      sourcePort: 40000,
      destinationPort: 80,
      tcpFlags: 2,
      identification,
    },
    'ethernet',
  );

describe('places', () => {
  test.each([
    ['pod/shop/web-0=a.pcap', { place: 'pod/shop/web-0', file: 'a.pcap' }],
    ['uplink=dir/b=c.pcap', { place: 'uplink', file: 'dir/b=c.pcap' }],
    ['host=b.pcap', { place: 'host', file: 'b.pcap' }],
    ['any=b.pcap', { place: 'any', file: 'b.pcap' }],
    ['b.pcap', { file: 'b.pcap' }],
    ['./uplinks=b.pcap', { file: './uplinks=b.pcap' }],
    ['pod/web=b.pcap', { file: 'pod/web=b.pcap' }],
  ])('%s', (text, expected) => {
    expect(parseCaptureArgument(text)).toEqual(expected);
  });

  const from = (port: string, isFrontend = false) => ({ address: '', port, isFrontend });

  test.each<[string, Parameters<typeof findIngress>, string | null]>([
    ['no place: by its source', [undefined, from(client)], client],
    ['no place, no source', [undefined, null], 'uplink'],
    ['pod: its own', [client, from(client)], client],
    ['pod: of others', [client, from(server)], null],
    ['pod: no source', [client, null], null],
    ['uplink: from outside', ['uplink', from('uplink')], 'uplink'],
    ['uplink: from the node', ['uplink', from('host')], null],
    ['uplink: from a pod', ['uplink', from(client)], null],
    ['uplink: from a front-end', ['uplink', from('uplink', true)], null],
    ['uplink: no source', ['uplink', null], 'uplink'],
    ['host: from the node', ['host', from('host')], 'host'],
    ['host: from elsewhere', ['host', from('uplink')], null],
  ])('%s', (_, packet, port) => {
    expect(findIngress(...packet)).toBe(port);
  });

  test('packets that left are counted, not fed', () => {
    const answer = encodePacket(
      { source: addresses.service, destination: addresses.client, protocol: 17 },
      'ethernet',
    );
    const subject = stubSubject();
    const report = replayCaptures(subject, [captureOf([request(1), answer, request(2)], client)]);
    expect(report).toMatchObject({ packets: 2, left: 1, bytes: 2 * request(1).length });
    expect(subject.fed.map(({ entry }) => entry.port)).toEqual([3, 3]);
    expect(subject.fed.map(({ entry }) => entry.timeMs)).toEqual([0, 2]);
  });
});

describe('merge', () => {
  const times = fc.array(fc.nat(50), { maxLength: 15 });

  property.prop([fc.array(times, { minLength: 1, maxLength: 4 })])(
    'in the order of time, equal times in the order of the captures',
    (captures) => {
      const inputs = captures.map((all, index): CaptureInput => {
        const frame = Uint8Array.of(index);
        const packets = all
          .toSorted((one, other) => one - other)
          .map((timeMs) => ({
            timeMs,
            nanoseconds: 0,
            frame,
            originalLengthBytes: 1,
            linkType: 1,
          }));
        const format = { name: 'pcap' as const, littleEndian: true, hasNanoseconds: true };
        const bytes = encodeCapture(format, 1, packets);
        return { file: `${index}`, open: () => sourceOf(bytes) };
      });
      const merged = Array.from(mergeCaptures(inputs), ({ packet }) => [
        packet.timeMs,
        packet.frame[0]!,
      ]);
      const expected = captures
        .flatMap((all, index) => all.map((timeMs) => [timeMs, index]))
        .toSorted(([one = 0, first = 0], [other = 0, second = 0]) =>
          one === other ? first - second : one - other,
        );
      expect(merged).toEqual(expected);
    },
  );
});

describe('report', () => {
  const frames = Array.from({ length: 10 }, (_, index) => request(index));

  test('verdicts, reasons, connections, seconds', () => {
    let clockMs = 0;
    const now = () => (clockMs += 500);
    const broken = request(3).subarray(0, 20);
    const report = replayCaptures(stubSubject(), [captureOf([...frames, broken], client)], { now });
    expect(report).toMatchObject({
      version: 1,
      packets: 10,
      left: 1,
      seconds: 0.5,
      packetsPerSecond: 20,
      verdicts: { forward: 10 },
      reasons: {},
      connections: { created: 0, live: 4 },
    });
    const unplaced = replayCaptures(stubSubject(), [captureOf([...frames, broken], undefined)]);
    expect(unplaced.verdicts).toEqual({ drop: 1, forward: 10 });
    expect(unplaced.reasons).toEqual({ 'truncated-ethernet': 1 });
  });

  test('progress', () => {
    const seen: number[] = [];
    const many = captureOf(Array(5000).fill(request(1)), client);
    replayCaptures(stubSubject(), [many], {
      progress: ({ bytesRead, packets }) => seen.push(bytesRead, packets),
    });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBeGreaterThan(4096 * 70);
  });
});

describe('hash', () => {
  property.prop([fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat()])(
    'every byte and the length count',
    (bytes, at) => {
      const hash = toKey(hashBytes(bytes, 40));
      const changed = bytes.slice();
      changed[at % bytes.length]! ^= 1;
      expect(toKey(hashBytes(changed, 40))).not.toBe(hash);
      expect(toKey(hashBytes(concatenate([bytes, Uint8Array.of(0)]), 41))).not.toBe(hash);
      expect(toKey(hashBytes(bytes, 40, 1))).not.toBe(hash);
    },
  );
});

describe('digest', () => {
  const half = fc.nat(0xffffffff);
  const sums = fc.array(fc.record({ low: half, high: half }), { minLength: 1, maxLength: 4 });
  const names = ['', 'host', 'uplink', client];

  /** The digest of sums under ports numbered from `first` on, by these names. */
  function digestOf(all: readonly Digest[], first = 0, called = names): bigint {
    const entries = (): never[] => all.map((sum, index) => [first + index, sum] as never);
    const portName = (port: number): string => called[port - first]!;
    return readDigest({ ...stubSubject(), portName, map: () => ({ entries }) as never });
  }

  property.prop([sums, sums])('those of parts add up, and carry', (one, other) => {
    const word = ({ low, high }: Digest): bigint => (BigInt(high) << 32n) + BigInt(low);
    const whole = names.map((_, index) => {
      const [first, second] = [one[index], other[index]].map((sum) => (sum ? word(sum) : 0n));
      const total = BigInt.asUintN(64, first! + second!);
      return { low: Number(total & 0xffffffffn), high: Number(total >> 32n) };
    });
    const parts = [one, other].map((part) => parseDigest(formatDigest(digestOf(part))));
    expect(formatDigest(parts[0]! + parts[1]!)).toBe(formatDigest(digestOf(whole)));
    expect(formatDigest(digestOf(whole))).toMatch(/^[0-9a-f]{16}$/);
  });

  test('names of ports count, not their numbers', () => {
    const sum = { low: 5, high: 1 };
    const digest = formatDigest(digestOf([sum, sum], 3, ['host', 'uplink']));
    expect(formatDigest(digestOf([sum, sum], 7, ['uplink', 'host']))).toBe(digest);
    expect(formatDigest(digestOf([sum, sum], 3, ['host', client]))).not.toBe(digest);
  });
});

describe('rewritten capture', () => {
  const packet = encodePacket(
    { source: addresses.client, destination: addresses.server, protocol: 17, sourcePort: 9 },
    'raw',
  );
  const forwarded = forward(packet, { port: 3, timeMs: 0, link: 'raw' }).frame;
  const ethernet = request(1).slice(0, 14);
  const cooked1 = Uint8Array.of(0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0);
  const cooked2 = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 7, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0);
  const headers: readonly (readonly [number, Uint8Array])[] = [
    [LinkType.Ethernet, ethernet],
    [LinkType.Raw, new Uint8Array()],
    [LinkType.Ipv4, new Uint8Array()],
    [LinkType.LinuxCooked, cooked1],
    [LinkType.LinuxCooked2, cooked2],
    [LinkType.Loopback, Uint8Array.of(2, 0, 0, 0)],
    [LinkType.LoopbackNetworkOrder, Uint8Array.of(0, 0, 0, 2)],
  ];

  function rewrite(
    format: { name: 'pcap' | 'pcapng'; littleEndian: boolean; hasNanoseconds: boolean },
    packets: Written[],
    subject = stubSubject(),
  ): { written: Written[]; magic: number } {
    const bytes = encodeCapture(format, packets[0]?.linkType ?? 1, packets);
    const chunks: Uint8Array[] = [];
    const write = (part: Uint8Array): void => void chunks.push(part.slice());
    replayCaptures(subject, [{ file: 'x.pcap', open: () => sourceOf(bytes) }], { write });
    const output = concatenate(chunks);
    return { written: readAll(output), magic: new DataView(output.buffer).getUint32(0) };
  }

  function captured(linkType: number, header: Uint8Array, body = packet): Written {
    const frame = concatenate([header, body]);
    const originalLengthBytes = frame.length;
    return { timeMs: 1234, nanoseconds: 567_000, frame, originalLengthBytes, linkType };
  }

  property.prop([formats, fc.constantFrom(...headers)])(
    'link headers and times are kept as they came',
    (format, [linkType, header]) => {
      const input = captured(linkType, header);
      const { written } = rewrite(format, [input]);
      // Only the time to live and its checksum differ: the Ethernet header of the stub is the
      // encoder's.
      expect(written).toEqual([{ ...input, frame: concatenate([header, forwarded]) }]);
    },
  );

  test('several link types need pcapng, one does not', () => {
    const pcapng = { name: 'pcapng' as const, littleEndian: true, hasNanoseconds: true };
    const inputs = headers.map(([linkType, header]) => captured(linkType, header));
    expect(rewrite(pcapng, inputs).written.map(({ linkType }) => linkType)).toEqual(
      headers.map(([linkType]) => linkType),
    );
    expect(rewrite(pcapng, inputs.slice(0, 1)).magic).toBe(0x4d3cb2a1);
    expect(
      rewrite({ ...pcapng, name: 'pcap', hasNanoseconds: false }, inputs.slice(0, 1)).magic,
    ).toBe(0xd4c3b2a1);
  });

  test('dropped packets are left out, answers are whole', () => {
    const answer = encodePacket(
      { source: addresses.node, destination: addresses.client, protocol: 1, icmpType: 3 },
      'raw',
    );
    const verdicts = [Verdict.Drop, Verdict.Reply, Verdict.Local];
    const subject = stubSubject((frame) => {
      const verdict = verdicts.shift() ?? Verdict.Drop;
      return { verdict, frame: verdict === Verdict.Reply ? answer : frame };
    });
    const input = captured(LinkType.LinuxCooked, cooked1);
    const pcap = { name: 'pcap' as const, littleEndian: true, hasNanoseconds: false };
    const { written } = rewrite(pcap, [input, input, input], subject);
    expect(written.map(({ frame }) => frame)).toEqual([
      concatenate([cooked1, answer]),
      concatenate([cooked1, packet]),
    ]);
    expect(written[0]?.originalLengthBytes).toBe(cooked1.length + answer.length);
  });

  test('a packet cut short by the snap length is fed whole and written short', () => {
    const subject = stubSubject((frame) => ({ frame }));
    const body = packet.subarray(0, 24);
    const input = { ...captured(LinkType.Raw, new Uint8Array(), body), originalLengthBytes: 28 };
    const pcap = { name: 'pcap' as const, littleEndian: true, hasNanoseconds: false };
    const { written } = rewrite(pcap, [input], subject);
    expect(subject.fed[0]?.frame).toHaveLength(28);
    expect(subject.fed[0]?.entry.link).toBe('raw');
    expect(written).toEqual([input]);
  });

  test('ARP in a cooked capture is shown as Ethernet and written back as it came', () => {
    const subject = stubSubject((frame) => ({ frame, verdict: Verdict.Local, outPort: 1 }));
    const arp = new Uint8Array(28).fill(1);
    const header = cooked1.slice();
    header.set([8, 6], 14);
    const input = captured(LinkType.LinuxCooked, header, arp);
    const pcap = { name: 'pcap' as const, littleEndian: true, hasNanoseconds: false };
    const { written } = rewrite(pcap, [input], subject);
    const [fed] = subject.fed;
    expect(fed?.entry.link).toBe('ethernet');
    expect([...(fed?.frame.subarray(6, 14) ?? [])]).toEqual([1, 2, 3, 4, 5, 6, 8, 6]);
    expect(written).toEqual([input]);
  });
});

test('a damaged capture is refused by name', () => {
  const whole = captureOf([request(1), request(2)], client, { file: 'a.pcap' });
  const bytes = new Uint8Array(1000);
  const length = whole.open().read(bytes);
  const cut = { ...whole, open: () => sourceOf(bytes.subarray(0, length - 5)) };
  expect(() => replayCaptures(stubSubject(), [cut])).toThrow(
    /^a\.pcap: packet 2: the file ends inside the packet \(49 of 54 bytes\); /,
  );
  expect(() => replayCaptures(stubSubject(), [cut])).toThrow(InputError);
});

test('a place that the node does not have is refused by the name of its capture', () => {
  const captures = [captureOf([], 'pod/default/nobody'), captureOf([], client)];
  const replay = () => replayCaptures(stubSubject(), captures);
  expect(replay).toThrow(InputError);
  expect(replay).toThrow('pod/default/nobody.pcap: no port pod/default/nobody');
});
