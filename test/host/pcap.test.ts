// Captures: what is written is read again, in every format; what is damaged is refused with file,
// packet and cure.

import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { LinkType } from '../../host/pcap/packet.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import { InputError } from '../../host/problem.ts';
import {
  concatenate,
  encodeCapture,
  formats,
  linkTypes,
  packetsOf,
  readAll,
  readUntilRefused,
  type Format,
} from './pcap-arbitrary.ts';

const pcap: Format = { name: 'pcap', littleEndian: true, hasNanoseconds: false };
const pcapng: Format = { name: 'pcapng', littleEndian: true, hasNanoseconds: true };

/** An interface description block, which the writer puts before an interface's first packet. */
const interfaceBytes = 32;

function refusal(bytes: Uint8Array): string {
  const { error } = readUntilRefused(bytes);
  expect(error).toBeInstanceOf(InputError);
  return String(error);
}

describe('round trip', () => {
  const captures = linkTypes.chain((linkType) =>
    fc.record({
      format: formats,
      linkType: fc.constant(linkType),
      packets: packetsOf(fc.constant(linkType)),
    }),
  );

  property.prop([captures, fc.integer({ min: 256, max: 400 })])(
    'every format, byte order, precision and link type, in blocks of any size',
    ({ format, linkType, packets }, blockBytes) => {
      const bytes = encodeCapture(format, linkType, packets);
      const isExact = format.name === 'pcapng' || format.hasNanoseconds;
      const expected = packets.map((packet) => ({
        ...packet,
        nanoseconds: isExact ? packet.nanoseconds : Math.floor(packet.nanoseconds / 1000) * 1000,
      }));
      expect(readAll(bytes, new Uint8Array(blockBytes))).toEqual(expected);
    },
  );

  property.prop([packetsOf(linkTypes), fc.boolean()])(
    'several link types in one pcapng file',
    (packets, littleEndian) => {
      const bytes = encodeCapture({ ...pcapng, littleEndian }, 0, packets);
      expect(readAll(bytes)).toEqual(packets);
    },
  );
});

describe('hostile captures', () => {
  const some = packetsOf(fc.constant<number>(LinkType.Ethernet));

  property.prop([formats, some, fc.double({ min: 0, max: 1, noNaN: true })])(
    'cut anywhere: the packets before the cut, and a refusal unless it falls between two',
    (format, packets, share) => {
      const bytes = encodeCapture(format, LinkType.Ethernet, packets);
      const cut = bytes.subarray(0, Math.floor(share * bytes.length));
      const { read, error } = readUntilRefused(cut);
      const before = packets.slice(0, read.length);
      expect(read.map(({ frame }) => frame)).toEqual(before.map(({ frame }) => frame));
      const lengthBytes = encodeCapture(format, LinkType.Ethernet, before).length;
      const isBetween = cut.length === lengthBytes || cut.length === lengthBytes + interfaceBytes;
      if (error === null) expect(isBetween).toBe(true);
      else expect(error).toBeInstanceOf(InputError);
    },
  );

  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });

  property.prop([formats, some, changes])('any bytes changed', (format, packets, changed) => {
    const bytes = encodeCapture(format, LinkType.Ethernet, packets);
    for (const [at, value] of changed) bytes[at % bytes.length] = value;
    expectPacketsOrRefusal(bytes);
  });

  const starts = fc.constantFrom('a1b2c3d4', '4d3cb2a1', '0a0d0d0a', '');

  property.prop([starts, fc.uint8Array({ maxLength: 300 })])('random bytes', (start, rest) => {
    expectPacketsOrRefusal(concatenate([fromHex(start), rest]));
  });

  function expectPacketsOrRefusal(bytes: Uint8Array): void {
    const { read, error } = readUntilRefused(bytes);
    expect(read.length).toBeLessThanOrEqual(bytes.length / 12);
    if (error === null) return;
    expect(error).toBeInstanceOf(InputError);
    expect(String(error)).toMatch(/x\.pcap: .+; .+/);
  }
});

describe('refusals name the file, the packet and the cure', () => {
  const packet = {
    timeMs: 1,
    nanoseconds: 0,
    frame: new Uint8Array(74),
    originalLengthBytes: 74,
    linkType: LinkType.Ethernet as number,
  };
  const whole = encodeCapture(pcap, LinkType.Ethernet, [packet, packet]);
  const cure = '`editcap -r` with 1-1 keeps the packets before it';

  test.each([
    ['empty', new Uint8Array(), 'x.pcap: the file is empty; a pcap or pcapng file'],
    ['text', new TextEncoder().encode('kind: Pod'), 'no capture (it starts with 6b 69 6e 64)'],
    ['gzip', fromHex('1f8b0800'), 'compressed with gzip; `gunzip` it first'],
    ['header cut', whole.subarray(0, 10), 'the file ends inside its header (10 of 24 bytes)'],
    ['version', withByte(whole, 4, 9), 'pcap version 9 is not read; version 2'],
    ['link type', withByte(whole, 20, 127), 'x.pcap: link type 127 is not read; Ethernet (1)'],
    [
      'packet cut',
      whole.subarray(0, -58),
      `x.pcap: packet 2: the file ends inside the packet (16 of 74 bytes); ${cure}`,
    ],
    ['packet header cut', whole.subarray(0, 24 + 90 + 7), 'packet 2: the file ends inside'],
    ['length beyond limit', withByte(whole, 24 + 11, 9), 'packet 1: captured length 150995018'],
    ['captured above original', withByte(whole, 24 + 12, 9), 'more than the packet'],
  ])('%s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });

  const next = encodeCapture(pcapng, LinkType.Ethernet, [packet]);
  const packetBlock = 28 + 32;

  test.each([
    ['packet cut', next.subarray(0, -50), 'packet 1: the file ends inside the packet (30 of 74'],
    ['block cut behind the packet', next.subarray(0, -3), 'packet 1: the file ends inside its blo'],
    ['byte order', withByte(next, 8, 0), 'a section header without byte order'],
    ['block length', withByte(next, packetBlock + 4, 7), 'a block of 7 bytes, before its first'],
    [
      'repeated length',
      withByte(next, next.length - 4, 7),
      'a block that says 108 bytes first, th',
    ],
    ['packet longer than its block', withByte(next, packetBlock + 20, 99), 'captured length 99'],
    ['unknown interface', withByte(next, packetBlock + 8, 1), 'interface 1 is not described'],
    ['link type', withByte(next, 28 + 8, 127), 'packet 1: link type 127 is not read'],
  ])('pcapng: %s', (_, bytes, message) => {
    expect(refusal(bytes)).toContain(message);
  });
});

describe('pcapng', () => {
  const section = '0a0d0d0a0000001c1a2b3c4d00010000ffffffffffffffff0000001c';
  const unknownBlock = '00000bad 00000014 01020304 05060708 00000014';

  function readHex(...blocks: string[]) {
    return readAll(fromHex(blocks.join('')));
  }

  /** An Ethernet interface with a time resolution (if_tsresol). */
  function interfaceWith(resolution: string, offset = ''): string {
    const options = `00090001${resolution}000000${offset}00000000`;
    const length = (20 + options.length / 2).toString(16).padStart(8, '0');
    return `00000001${length}0001000000000000${options}${length}`;
  }

  /** A packet of one byte at a time of so many units. */
  function packetAt(units: bigint): string {
    const time = units.toString(16).padStart(16, '0');
    return `000000060000002400000000${time}0000000100000001aa00000000000024`;
  }

  test.each([
    ['06', 1_700_000_000_123_456n, 1_700_000_000_123, 456_000],
    ['09', 1_700_000_000_123_456_789n, 1_700_000_000_123, 456_789],
    ['03', 1_700_000_000_123n, 1_700_000_000_123, 0],
    ['00', 1_700_000_000n, 1_700_000_000_000, 0],
    ['0c', 1_700_000_000_123_456n, 1_700_000, 123],
    ['8a', 1024n * 5n + 512n, 5500, 0],
  ])('time resolution 0x%s', (resolution, units, timeMs, nanoseconds) => {
    const [packet] = readHex(section, interfaceWith(resolution), packetAt(units));
    expect(packet).toMatchObject({ timeMs, nanoseconds });
  });

  test('time offset', () => {
    const offset = '000e0008000000000000000a';
    const [packet] = readHex(section, interfaceWith('06', offset), packetAt(2_000_000n));
    expect(packet?.timeMs).toBe(12_000);
  });

  test('unknown blocks are passed over, a new section has interfaces of its own', () => {
    const packets = readHex(
      section,
      unknownBlock,
      interfaceWith('06'),
      packetAt(1000n),
      section,
      interfaceWith('09'),
      unknownBlock,
      packetAt(1000n),
    );
    expect(packets.map(({ timeMs, nanoseconds }) => [timeMs, nanoseconds])).toEqual([
      [1, 0],
      [0, 1000],
    ]);
  });

  test('simple and obsolete packets', () => {
    const cutAtTwo = '00000001 00000014 00010000 00000002 00000014';
    const simple = '00000003 00000014 00000005 aabb0000 00000014';
    const obsolete = packetAt(7000n).replace('00000006', '00000002');
    const packets = readHex(section, cutAtTwo, obsolete, simple);
    expect(packets.map(({ frame }) => [...frame])).toEqual([[0xaa], [0xaa, 0xbb]]);
    expect(packets.map(({ timeMs }) => timeMs)).toEqual([7, 7]);
    expect(packets[1]?.originalLengthBytes).toBe(5);
  });
});

test('a capture larger than its block is read through it', () => {
  const packet = {
    timeMs: 0,
    nanoseconds: 0,
    frame: Uint8Array.from({ length: 1500 }, (_, index) => index),
    originalLengthBytes: 1500,
    linkType: LinkType.Ethernet as number,
  };
  const bytes = encodeCapture(
    pcap,
    LinkType.Ethernet,
    Array.from({ length: 100 }, () => packet),
  );
  const block = new Uint8Array(4096);
  const reader = openCapture(sourceOf(bytes), 'x.pcap', { bytes: block });
  let count = 0;
  for (let read = reader.next(); read !== null; read = reader.next()) {
    expect(read.frame.buffer).toBe(block.buffer);
    expect(read.frame).toEqual(packet.frame);
    count += 1;
  }
  expect(count).toBe(100);
  expect(reader.bytesRead()).toBe(bytes.length);
});

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) =>
    Number.parseInt(pair, 16),
  );
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
