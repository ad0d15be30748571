// Where a packet goes when prefixes of every length contain its address, or nearly do.

import { beforeEach, expect, test } from 'vitest';
import { FrontendFlag, PortKind, RouteKind } from '../../host/abi/abi.gen.ts';
import { formatAddress, parseAddress } from '../../host/net/address.ts';
import { Instance } from '../../host/dataplane/instance.ts';
import { addresses, client, makeNode, send, servicePort, uplink } from './node.ts';

const { client: source } = addresses[6];
const target = '9abc:def0:1234:5678:9abc:def0:1234:5678';
const otherPort = 5;

let instance: Instance;
beforeEach(async () => {
  instance = await makeNode();
  instance.map('ports').update(otherPort, { kind: PortKind.Pod });
});

function route(address: string, lengthBits: number, port: number): void {
  const bytes = parseAddress(address)!.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, lengthBits - 8 * index));
    return byte & (0xff00 >> kept);
  });
  const key = { address: formatAddress(bytes), lengthBits, scope: 0 };
  instance.map('routes').update(key, { kind: RouteKind.Forward, port });
}

let sourcePort = 0;
/** Where a new connection goes. */
const portOf = (destination: string): number => {
  sourcePort += 1;
  const packet = { source, destination, protocol: 17, sourcePort, destinationPort: 1 };
  return send(instance, packet, { port: client }).outPort;
};

/** The address with one bit turned. */
function turned(bit: number): string {
  const bytes = parseAddress(target)!;
  bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
  return formatAddress(bytes);
}

const lengths = Array.from({ length: 128 }, (_, index) => index + 1);

test.each(lengths)('/%i holds what shares so many bits, and the rest goes elsewhere', (length) => {
  route(target, length, otherPort);
  expect(portOf(target)).toBe(otherPort);
  // Multicast is nowhere forwarded, whatever the routes.
  if (length > 8) expect(portOf(turned(length - 1))).toBe(uplink);
  if (length > 8 && length < 128) expect(portOf(turned(length))).toBe(otherPort);
});

test('the only one that contains an address is all addresses, beside half of them', () => {
  route('8000::', 1, otherPort);
  expect(portOf('2001:db8::1')).toBe(uplink);
  expect(portOf(target)).toBe(otherPort);
});

test.each([1, 2, 63, 64, 65, 127])('/%i is found behind the length above it', (length) => {
  route(target, length, otherPort);
  route(turned(length), length + 1, uplink);
  expect(portOf(target)).toBe(otherPort);
});

test.each([1, 2, 63, 64, 65, 127])('/%i is found behind the one above, and no others', (length) => {
  for (const [key] of [...instance.map('routes').entries()]) instance.map('routes').delete(key);
  route(target, length, otherPort);
  route(turned(length), length + 1, uplink);
  expect(portOf(target)).toBe(otherPort);
});

test('IPv4 addresses are in no prefix of all IPv6', () => {
  const all = [...instance.map('routes').entries()].filter(([key]) => key.lengthBits < 128);
  for (const [key] of all.filter(([{ lengthBits }]) => lengthBits === 96)) {
    instance.map('routes').delete(key);
  }
  const ends = { source: addresses[4].client, destination: addresses[4].outside };
  const { reason } = send(instance, { ...ends, protocol: 47 }, { port: client });
  expect(reason).toBe('no-route');
  expect(portOf('2001:db8::1')).toBe(uplink);
});

test('without the prefix of all addresses the others are still there', () => {
  route(target, 64, otherPort);
  for (const [key] of [...instance.map('routes').entries()]) {
    if (key.lengthBits === 0) instance.map('routes').delete(key);
  }
  expect(portOf(target)).toBe(otherPort);
});

test('a length that no prefix has any more is not in use', () => {
  route(target, 64, otherPort);
  route(target, 65, otherPort);
  const key = (lengthBits: number) =>
    [...instance.map('routes').entries()].find(([at]) => at.lengthBits === lengthBits)![0];
  expect(instance.map('routes').delete(key(65))).toBe(true);
  expect(portOf(target)).toBe(otherPort);
  expect(instance.map('routes').delete(key(64))).toBe(true);
  expect(portOf(target)).toBe(uplink);
});

test('a length that is in use twice stays so while one of them is there', () => {
  route(target, 101, otherPort);
  route(turned(90), 101, otherPort);
  const keys = [...instance.map('routes').entries()].map(([key]) => key);
  const [first] = keys.filter((key) => key.lengthBits === 101);
  expect(instance.map('routes').delete(first!)).toBe(true);
  expect([portOf(target), portOf(turned(90))].toSorted()).toEqual([uplink, otherPort]);
});

function clear(): void {
  for (const [key] of [...instance.map('routes').entries()]) instance.map('routes').delete(key);
}

test('prefixes of IPv6 that are shorter than those of IPv4 say nothing about IPv4', () => {
  const all4 = { address: '0.0.0.0', lengthBits: 96, scope: 0 };
  expect(instance.map('routes').delete(all4)).toBe(true);
  route('::', 80, otherPort);
  const ends = { source: addresses[4].client, destination: addresses[4].outside };
  const packet = { ...ends, protocol: 17, sourcePort: 1, destinationPort: 1 };
  expect(send(instance, packet, { port: client }).reason).toBe('no-route');
});

test.each([1, 2, 63, 64, 65, 127])('/%i is found behind nothing but the next length', (length) => {
  clear();
  route(target, length, otherPort);
  route(turned(length), length + 1, uplink);
  expect(portOf(target)).toBe(otherPort);
});

test.each([1, 63, 64, 65, 128])('/%i stays when all addresses are gone', (length) => {
  route(target, length, otherPort);
  const all = { address: '::', lengthBits: 0, scope: 0 };
  expect(instance.map('routes').delete(all)).toBe(true);
  expect(portOf(target)).toBe(otherPort);
});

test('all addresses of one scope are none of another one', () => {
  const own = addresses[6];
  const key = { address: own.service, port: servicePort, protocol: 17 };
  const frontend = instance.map('frontends').lookUp(key)!;
  const flags = FrontendFlag.SourceRanges;
  instance.map('frontends').update(key, { ...frontend, flags });
  const ranges = instance.map('source-ranges');
  ranges.update({ address: '::', lengthBits: 0, scope: frontend.service + 10 }, { allowed: 1 });
  ranges.update({ address: 'fd00::', lengthBits: 8, scope: frontend.service }, { allowed: 1 });
  const ports = { sourcePort: 40_000, destinationPort: servicePort };
  const dial = (from: string, port: number) => {
    const ends = { source: from, destination: own.service };
    return send(instance, { ...ends, ...ports, protocol: 17 }, { port }).reason;
  };
  expect(dial(own.client, client)).toBe('none');
  expect(dial(own.outside, uplink)).toBe('source-range');
});

test('a full table holds a prefix of each length', async () => {
  instance = await Instance.create({ capacity: { prefixes: 127 } });
  const all = lengths.slice(0, 127);
  for (const length of all.toReversed()) route(target, length, otherPort);
  const held = [...instance.map('routes').entries()].map(([{ lengthBits }]) => lengthBits);
  expect(held.toSorted((a, b) => a - b)).toEqual(all);
});
