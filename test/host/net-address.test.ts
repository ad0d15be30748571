// Addresses against two parsers that we did not write: Node's and ipaddr.js.

import { isIPv4 as nodeIsIPv4, isIPv6 as nodeIsIPv6 } from 'node:net';
import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  canonicalAddress,
  familyOf,
  formatAddress,
  parseAddress,
  parseLegacyAddress,
} from '../../host/net/address.ts';

/**
 * Text near the border of what is an address: real ones, and real ones with a few characters
 * changed.
 */
const addressLike = fc
  .tuple(
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(...'0123456789af:.%/ ') })),
    fc.array(
      fc.tuple(fc.nat(40), fc.constantFrom('', '0', '1', 'f', ':', '::', '.', '%', 'g', 'F')),
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [at, put]) => edited.slice(0, at) + put + edited.slice(at + 1), text),
  );

/**
 * ipaddr.js takes the deprecated ::1.2.3.4 for an IPv4-mapped address, so the URL parser judges.
 */
function isMapped(text: string): boolean {
  const url = `http://[${text}]`;
  return URL.canParse(url) && /^\[::ffff:[0-9a-f]+:[0-9a-f]+\]$/.test(new URL(url).hostname);
}

describe('parseAddress', () => {
  it('accepts exactly what Node accepts, less zones and IPv4-mapped spellings', () => {
    fc.assert(
      fc.property(addressLike, (text) => {
        const isAddress = nodeIsIPv4(text) || (nodeIsIPv6(text) && !text.includes('%'));
        expect(parseAddress(text) !== null).toBe(isAddress && !isMapped(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('reads the bytes that ipaddr.js reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        fc.pre(!isMapped(text) && !/^::[0-9.]+$/.test(text));
        const oracle = ipaddr.parse(text);
        const bytes = oracle instanceof ipaddr.IPv4 ? oracle.toIPv4MappedAddress() : oracle;
        expect([...parseAddress(text)!]).toEqual(bytes.toByteArray());
      }),
    );
  });

  it.each([
    '010.0.0.1',
    '10.1',
    '0x0a.0.0.1',
    '1.2.3.256',
    '1.2.3.4.5',
    '',
    ' 1.2.3.4',
    'fe80::1%eth0',
    '::ffff:1.2.3.4',
    '::ffff:102:304',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    '1.2.3.4::',
    ':::',
    '12345::',
  ])('refuses %j', (text) => expect(parseAddress(text)).toBeNull());
});

describe('formatAddress', () => {
  it('spells any 16 bytes as RFC 5952 does, and reads them back', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const oracle = new ipaddr.IPv6(groups);
        const bytes = Uint8Array.from(oracle.toByteArray());
        fc.pre(!oracle.isIPv4MappedAddress());
        const text = formatAddress(Uint8Array.of(9, ...bytes), 1);
        expect(text).toBe(oracle.toRFC5952String());
        expect(parseAddress(text)).toEqual(bytes);
        expect(familyOf(text)).toBe(6);
      }),
    );
  });

  it('spells IPv4 dotted', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(formatAddress(parseAddress(text)!)).toBe(text);
        expect(familyOf(text)).toBe(4);
      }),
    );
  });

  it.each([
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['0:0:0:0:0:0:0:0', '::'],
  ])('makes %s %s', (text, canonical) => expect(canonicalAddress(text)).toBe(canonical));
});

describe('parseLegacyAddress', () => {
  it.each([
    ['010.1.2.003', '10.1.2.3'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::ffff:010.0.0.08', '10.0.0.8'],
    ['fd00::0001', 'fd00::1'],
  ])('reads %s as %s', (text, canonical) =>
    expect(formatAddress(parseLegacyAddress(text)!)).toBe(canonical),
  );

  it.each(['0x0a.0.0.1', '10.1', '1.2.3.0256', 'fe80::1%eth0'])('refuses %s', (text) =>
    expect(parseLegacyAddress(text)).toBeNull(),
  );
});
