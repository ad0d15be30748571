// What a replay remembers of packets so as not to work it out again never shows: ports are those of
// the source address, whatever was asked before.

import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { encodePacket } from '../../host/net/packet.ts';
import { findPlainIpv4 } from '../../host/replay/network-packet.ts';
import { NumberCache } from '../../host/replay/number-cache.ts';
import { findIngress, originFinder, SourcePorts } from '../../host/replay/place.ts';
import { concatenate } from './pcap-arbitrary.ts';
import { addresses, stubSubject } from './replay-subject.ts';

const number = fc.oneof(fc.nat(3), fc.constant(-1), fc.integer());
const key = fc.tuple(number, number, number);

property.prop([fc.array(fc.tuple(key, fc.integer({ min: 1, max: 99 })), { minLength: 1 })])(
  'a number that is remembered is the one that was kept last',
  (kept) => {
    const cache = new NumberCache();
    const expected = new Map<string, number>();
    for (const [numbers, value] of kept) {
      cache.keep(...numbers, value);
      expected.set(numbers.join(), value);
      expect(cache.find(...numbers)).toBe(value);
      for (const [asked] of kept) {
        expect([0, expected.get(asked.join())]).toContain(cache.find(...asked));
      }
    }
  },
);

test('nothing is remembered at first, and near keys do not take the place of each other', () => {
  const cache = new NumberCache();
  expect(cache.find(0, 0, 0)).toBe(0);
  for (let at = 0; at < 64; at++) cache.keep(at, 0, 0, at + 1);
  const found = Array.from({ length: 64 }, (_, at) => cache.find(at, 0, 0));
  expect(found).toEqual(found.map((_, at) => at + 1));
});

/** With a VLAN tag behind the addresses. */
const withTag = (frame: Uint8Array): Uint8Array =>
  concatenate([frame.subarray(0, 12), Uint8Array.of(0x81, 0, 0, 7), frame.subarray(12)]);

const source = fc.constantFrom(...Object.values(addresses), '0.0.0.0', 'fd00::5', '::');
const frame = fc
  .record({
    source,
    protocol: fc.constantFrom(1, 6, 17, 89),
    link: fc.constantFrom('ethernet' as const, 'raw' as const),
    isTagged: fc.boolean(),
    cut: fc.oneof({ arbitrary: fc.constant(99), weight: 5 }, fc.nat(60)),
    before: fc.nat(5),
    version: fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, fc.nat(255)),
  })
  .map(({ link, isTagged, cut, before, version, ...fields }) => {
    const destination = fields.source.includes(':') ? 'fd00::9' : '10.1.2.3';
    const untagged = encodePacket({ ...fields, destination }, link);
    if (version !== null) untagged[link === 'raw' ? 0 : 14] = version;
    const bytes = isTagged && link === 'ethernet' ? withTag(untagged) : untagged;
    const memory = new Uint8Array(before + bytes.length + 40).fill(0x45);
    memory.set(bytes, before);
    const lengthBytes = Math.min(bytes.length, cut);
    return { link, span: { bytes: memory, start: before, lengthBytes } };
  });

property.prop([fc.array(frame, { minLength: 1, maxLength: 20 })])(
  'the port of a source is what its address says',
  (frames) => {
    const subject = stubSubject();
    const findOrigin = originFinder(subject);
    const sources = new SourcePorts(findOrigin, (name) => subject.port(name));
    for (const { span, link } of [...frames, ...frames]) {
      const name = findIngress(undefined, findOrigin(span, link, 'source'))!;
      expect(sources.portOf(span, link)).toBe(subject.port(name));
    }
  },
);

test('a plain header is whole, untagged and without options', () => {
  const packet = { source: addresses.client, destination: addresses.server, protocol: 6 };
  const at = (bytes: Uint8Array, link: 'ethernet' | 'raw', lengthBytes = bytes.length) =>
    findPlainIpv4({ bytes, start: 0, lengthBytes }, link);
  const [ethernet, raw] = [encodePacket(packet, 'ethernet'), encodePacket(packet, 'raw')];
  expect([at(ethernet, 'ethernet'), at(ethernet, 'ethernet', 34)]).toEqual([14, 14]);
  expect([at(raw, 'raw'), at(raw, 'raw', 20)]).toEqual([0, 0]);
  expect([at(ethernet, 'ethernet', 33), at(raw, 'raw', 19)]).toEqual([-1, -1]);
  expect(at(withTag(ethernet), 'ethernet')).toBe(-1);
  expect(
    at(
      Uint8Array.from(raw, (byte, index) => (index === 0 ? 0x46 : byte)),
      'raw',
    ),
  ).toBe(-1);
});
