// Every field of every struct survives the way through bytes in both directions. There is no list
// of exceptions.

import { test as propertyTest, fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { enums, structs } from '../../host/abi/abi.gen.ts';
import type { EnumName, FieldKind, StructName } from '../../host/abi/abi.gen.ts';
import { codeOf, codesOfBits, sentenceOf, valueOf } from '../../host/abi/enum.ts';
import { decode, encode, encodeInto, offsetsOf, sizeOf } from '../../host/abi/struct.ts';
import { entryBytes } from './entry-bytes.ts';

const names = Object.keys(structs) as StructName[];
const fields = names.flatMap((name) =>
  structs[name].fields.map((field) => ({ title: `${name}.${field.name}`, name, field })),
);

/** For each kind: a value with another byte at every place, and its bytes. */
const samples: Record<FieldKind, { value: number | string; bytes: number[] }> = {
  u8: { value: 0xf1, bytes: [0xf1] },
  u16: { value: 0xf1e2, bytes: [0xe2, 0xf1] },
  net16: { value: 0xf1e2, bytes: [0xf1, 0xe2] },
  u32: { value: 0xf1e2d3c4, bytes: [0xc4, 0xd3, 0xe2, 0xf1] },
  u64: { value: 0x1ae2d3c4b5a697, bytes: [0x97, 0xa6, 0xb5, 0xc4, 0xd3, 0xe2, 0x1a, 0] },
  address: {
    value: '2001:db8:304:506:708:90a:b0c:d0e',
    bytes: [0x20, 1, 0xd, 0xb8, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  },
};

describe('structs', () => {
  test.each(fields)('$title is at its place, and only there', ({ name, field }) => {
    const { value, bytes } = samples[field.kind];
    const expected = new Uint8Array(sizeOf(name));
    expected.set(bytes, field.offset);
    const encoded = encode(name, { [field.name]: value });
    expect(encoded).toEqual(expected);
    expect(decode(name, encoded)).toMatchObject({ [field.name]: value });
    expect(offsetsOf(name)).toHaveProperty(field.name, field.offset);
  });

  describe.each(names)('%s', (name) => {
    propertyTest.prop([entryBytes(name)])('bytes to value to the same bytes', (bytes) => {
      expect(encode(name, decode(name, bytes))).toEqual(bytes);
    });

    propertyTest.prop([entryBytes(name), fc.nat(7)])('at any offset', (bytes, offset) => {
      const room = new Uint8Array(bytes.length + 8).fill(0xee);
      encodeInto(name, decode(name, bytes), room, offset);
      expect(decode(name, room, offset)).toEqual(decode(name, bytes));
      expect(room.filter((byte) => byte === 0xee).length).toBeGreaterThanOrEqual(8);
    });
  });

  test.each([
    ['a port beyond 65535', { port: 65_536 }],
    ['a negative port', { port: -1 }],
    ['a fraction', { protocol: 6.5 }],
    ['text that is no address', { address: '10.0.0.256' }],
  ])('%s is refused', (_, value) => {
    expect(() => encode('FrontendKey', value)).toThrow(/^FrontendKey\.\w+: .* is no \w+$/);
  });

  test('bytes that are too short are refused', () => {
    expect(() => decode('FrontendKey', new Uint8Array(8))).toThrow('24 bytes expected, got 8');
  });
});

describe('enums', () => {
  const members = (Object.keys(enums) as EnumName[]).flatMap((name) =>
    enums[name].map((member) => ({ title: `${name}.${member.name}`, name, member })),
  );

  test.each(members)('$title has a code of its own', ({ name, member }) => {
    expect(member.code).toMatch(/^[a-z]+[0-9]*(-[a-z]+[0-9]*)*$/);
    expect(codeOf(name, member.value)).toBe(member.code);
    expect(valueOf(name, member.code)).toBe(member.value);
    expect(sentenceOf(name, member.value)).not.toBe('');
  });

  test.each(enums.Reason)('reason $code has a sentence', ({ sentence }) => {
    expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  test('numbers that an enum lacks are told as such', () => {
    expect(codeOf('Verdict', 9)).toBe('verdict-9');
    expect(valueOf('Verdict', 'perhaps')).toBeUndefined();
    expect(codesOfBits('Effect', 5)).toEqual(['source-translated', 'created']);
  });
});
