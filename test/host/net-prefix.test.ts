// Prefixes against ipaddr.js, and the rules that ipaddr.js does not have.

import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../host/net/address.ts';
import {
  addressAt,
  formatPrefix,
  parseLegacyPrefix,
  parsePrefix,
  prefixContains,
  prefixSize,
} from '../../host/net/prefix.ts';

const address = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map(parseAddress)
  .filter((bytes) => bytes !== null);

/** Addresses go through their canonical spelling: ipaddr.js misreads the deprecated ::1.2.3.4. */
const prefixText = address.chain((bytes) => {
  const text = formatAddress(bytes);
  return fc.tuple(fc.constant(text), fc.nat(text.includes(':') ? 128 : 32));
});

describe('parsePrefix', () => {
  it('contains what ipaddr.js says it contains, and never the other family', () => {
    const near = fc.tuple(prefixText, address, fc.nat(15), fc.nat(255));
    fc.assert(
      fc.property(near, ([[text, length], far, at, flip]) => {
        const prefix = parsePrefix(`${text}/${length}`)!;
        const close = parseAddress(text)!;
        if (prefix.family === 6 || at >= 12) close[at]! ^= flip;
        for (const candidate of [close, far]) {
          const oracle = ipaddr.parse(formatAddress(candidate));
          const isOfFamily = (oracle.kind() === 'ipv4') === (prefix.family === 4);
          const isInside = isOfFamily && oracle.match([ipaddr.parse(text), length] as never);
          expect(prefixContains(prefix, candidate)).toBe(isInside);
        }
      }),
    );
  });

  it('masks host bits, and its text reads back to the same', () => {
    fc.assert(
      fc.property(prefixText, ([text, length]) => {
        const prefix = parsePrefix(`${text}/${length}`)!;
        const network =
          prefix.family === 4
            ? ipaddr.IPv4.networkAddressFromCIDR(`${text}/${length}`)
            : ipaddr.IPv6.networkAddressFromCIDR(`${text}/${length}`);
        expect(formatPrefix(prefix).split('/')).toEqual([
          formatAddress(parseAddress(network.toString())!),
          String(length),
        ]);
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
      }),
    );
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/+8',
    '10.0.0.0/08',
    '::/129',
    '::/-1',
  ])('refuses %s', (text) => expect(parsePrefix(text)).toBeNull());

  it('refuses IPv4-mapped blocks', () => expect(parsePrefix('::ffff:10.0.0.0/104')).toBeNull());

  it.each([
    ['010.0.0.0/08', '10.0.0.0/8'],
    ['10.0.0.0/024', '10.0.0.0/24'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
  ])('reads the stored spelling %s as %s', (text, canonical) =>
    expect(formatPrefix(parseLegacyPrefix(text)!)).toBe(canonical),
  );

  it('refuses an IPv4-mapped block that is larger than IPv4', () =>
    expect(parseLegacyPrefix('::ffff:10.0.0.0/80')).toBeNull());
});

describe('addressAt', () => {
  it('stays inside, counts up by one, and ends at the size', () => {
    fc.assert(
      fc.property(prefixText, fc.maxSafeNat(), ([text, length], wish) => {
        const prefix = parsePrefix(`${text}/${length}`)!;
        const index = wish % prefixSize(prefix);
        const bytes = parseAddress(addressAt(prefix, index))!;
        expect(prefixContains(prefix, bytes)).toBe(true);
        const distance = valueOf(bytes) - valueOf(prefix.bytes);
        expect(distance).toBe(BigInt(index));
        if (prefixSize(prefix) < Number.MAX_SAFE_INTEGER) {
          expect(() => addressAt(prefix, prefixSize(prefix))).toThrow(RangeError);
        }
      }),
    );
  });

  it('has one address in a full-length block', () => {
    const prefix = parsePrefix('10.0.0.1/32')!;
    expect(prefixSize(prefix)).toBe(1);
    expect(addressAt(prefix, 0)).toBe('10.0.0.1');
    expect(() => addressAt(prefix, -1)).toThrow(RangeError);
  });
});

function valueOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
