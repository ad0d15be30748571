// Prefixes with exceptions, as a map of longest prefixes has to hold them: whatever the spans, an
// address finds what holds there.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nestSpans, type Nest, type Span } from '../../../host/compile/nesting.ts';
import { familyOf, parseAddress } from '../../../host/net/address.ts';
import { formatPrefix, parsePrefix, type Prefix } from '../../../host/net/prefix.ts';

const texts = [
  ...['0.0.0.0/0', '8.0.0.0/5', '10.0.0.0/8', '10.0.0.4/30', '10.0.0.5/32', '10.0.0.0/24'],
  ...['::/0', '::/80', '::fffe:0:0/95', '::/96', 'fd00::/8', 'fd00::/127', 'fd00::1/128'],
];
const addresses = [
  ...['10.0.0.4', '10.0.0.5', '10.0.0.8', '10.0.1.1', '11.0.0.1', '203.0.113.9', '0.0.0.0'],
  ...['::1', '::fffe:0:1', 'fd00::', 'fd00::1', 'fd00::2', '2001:db8::1'],
];

const prefix = fc.constantFrom(...texts).map((text) => parsePrefix(text)!);
const spans: fc.Arbitrary<Span<string>[]> = fc
  .array(fc.record({ prefix, except: fc.array(prefix, { maxLength: 2 }) }), { maxLength: 6 })
  .map((made) => made.map((span, at) => ({ ...span, item: `item ${at}` })));

function bitsOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function covers({ bytes, lengthBits }: Prefix, address: Uint8Array): boolean {
  return bitsOf(address).startsWith(bitsOf(bytes).slice(0, lengthBits));
}

/** As a map of 128 bits finds it: families are not told apart but by their bits. */
function lookUp(nests: readonly Nest<string>[], address: Uint8Array): readonly string[] {
  const found = nests.filter((nest) => covers(nest.prefix, address));
  return found.sort((a, b) => b.prefix.lengthBits - a.prefix.lengthBits)[0]?.items ?? [];
}

function holdingAt(given: readonly Span<string>[], text: string): string[] {
  const address = parseAddress(text)!;
  const isIn = (one: Prefix) => one.family === familyOf(text) && covers(one, address);
  return given
    .filter((span) => isIn(span.prefix) && !span.except.some(isIn))
    .map(({ item }) => item);
}

test.each<[string, string[], string, string[]]>([
  [
    'what is around it, in the order of the spans',
    ['10.0.0.0/8', '10.0.0.0/24'],
    '10.0.0.1',
    ['10.0.0.0/8', '10.0.0.0/24'],
  ],
  [
    'and in the other order',
    ['10.0.0.0/24', '10.0.0.0/8'],
    '10.0.0.1',
    ['10.0.0.0/24', '10.0.0.0/8'],
  ],
  ['all of IPv6', ['::/0'], '2001:db8::1', ['::/0']],
  ['around one address', ['fd00::/127', 'fd00::1/128'], 'fd00::1', ['fd00::/127', 'fd00::1/128']],
  ['all of IPv4 only, beside all of IPv6', ['0.0.0.0/0', '::/0'], '10.0.0.1', ['0.0.0.0/0']],
])('an address finds %s', (_, written, address, expected) => {
  const given = written.map((text) => ({ prefix: parsePrefix(text)!, except: [], item: text }));
  expect(lookUp(nestSpans(given), parseAddress(address)!)).toEqual(expected);
});

test('an address finds what holds there, in the order of the spans', () => {
  fc.assert(
    fc.property(spans, (given) => {
      const nests = nestSpans(given);
      for (const text of addresses) {
        expect([text, lookUp(nests, parseAddress(text)!)]).toEqual([text, holdingAt(given, text)]);
      }
    }),
    { numRuns: 200 },
  );
});

test('every prefix is listed once, and all of IPv4 where IPv6 reaches over it', () => {
  fc.assert(
    fc.property(spans, (given) => {
      const mapped = parseAddress('0.0.0.0')!;
      const written = given.flatMap((span) => [span.prefix, ...span.except]);
      const isOver = given.some((span) => span.prefix.family === 6 && covers(span.prefix, mapped));
      const expected = new Set([...written.map(formatPrefix), ...(isOver ? ['0.0.0.0/0'] : [])]);
      const listed = nestSpans(given).map((nest) => formatPrefix(nest.prefix));
      expect(listed.toSorted()).toEqual([...expected].toSorted());
    }),
    { numRuns: 200 },
  );
});
