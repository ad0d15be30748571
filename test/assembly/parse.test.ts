// Every reason for which the parser refuses a frame, each by the smallest frame that deserves it.

import { beforeAll, expect, test } from 'vitest';
import { Effect, Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import type { Instance } from '../../host/dataplane/instance.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { addresses, client, makeNode, send, uplink } from './node.ts';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(/\s/g, '').match(/../g) ?? [], (byte) => parseInt(byte, 16));

const ethernet4 = '020000000002 020000000001 0800';
const ethernet6 = '020000000002 020000000001 86dd';
const ends4 = '0af40109 0af40105';
const ends6 = 'fd000010024400010000000000000009 fd000010024400010000000000000005';
const mapped = '00000000000000000000ffff0a000001';

/** IPv4 header with this first byte, total length and protocol. */
const ip4 = (first: string, total: string, rest = '0000 0000 4006 0000'): string =>
  `${ethernet4} ${first}00 ${total} ${rest} ${ends4}`;
const ip6 = (payload: string, next: string): string =>
  `${ethernet6} 60000000 ${payload} ${next} 40 ${ends6}`;

const refused: readonly [reason: string, frame: string][] = [
  ['truncated-ethernet', '0200 0000'],
  ['truncated-ethernet', '020000000002 020000000001 8100 0001'],
  // A header of 14 bytes or a tag that is there as a whole is followed by what is not.
  ['truncated-ipv4', ethernet4],
  ['truncated-ipv4', '020000000002 020000000001 8100 0001 0800'],
  ['unknown-ethertype', '020000000002 020000000001 88cc 0000'],
  ['too-many-vlan-tags', '020000000002 020000000001 88a8 0001 8100 0002 8100 0003 0800'],
  ['truncated-ipv4', `${ethernet4} 4500`],
  ['truncated-ipv4', ip4('4f', '0014')],
  ['bad-ipv4-version', ip4('55', '0014')],
  ['bad-ipv4-header-length', ip4('44', '0014')],
  ['bad-ipv4-total-length', ip4('45', '0013')],
  ['bad-ipv4-total-length', ip4('45', '0015')],
  ['truncated-ipv6', `${ethernet6} 6000`],
  ['bad-ipv6-version', `${ethernet6} 50000000 0000 3b 40 ${ends6}`],
  ['bad-ipv6-payload-length', ip6('0001', '3b')],
  ['truncated-ipv6-extension', ip6('0004', '00') + '06000000'],
  ['truncated-ipv6-extension', ip6('0008', '00') + '0601000000000000'],
  ['too-many-ipv6-extensions', ip6('0048', '00') + '0000000000000000'.repeat(9)],
  ['mapped-address', `${ethernet6} 60000000 0000 3b 40 ${mapped} ${ends6.slice(33)}`],
  ['truncated-tcp', ip4('45', '0018') + '9c400050'],
  ['bad-tcp-data-offset', ip4('45', '0028') + '9c400050 00000001 00000000 4002ffff 00000000'],
  ['bad-tcp-data-offset', ip4('45', '0028') + '9c400050 00000001 00000000 6002ffff 00000000'],
  ['truncated-udp', ip4('45', '0018', '0000 0000 4011 0000') + '9c400050'],
  // A header with options that is all there is.
  ['truncated-udp', ip4('46', '0018', '0000 0000 4011 0000') + '01010100'],
  ['bad-udp-length', ip4('45', '001c', '0000 0000 4011 0000') + '9c400050 0007 0000'],
  ['bad-udp-length', ip4('45', '001c', '0000 0000 4011 0000') + '9c400050 0009 0000'],
  ['truncated-sctp', ip4('45', '001c', '0000 0000 4084 0000') + '9c400050 00000000'],
  ['truncated-icmp', ip4('45', '0018', '0000 0000 4001 0000') + '08000000'],
  ['bad-quoted-packet', ip4('45', '0020', '0000 0000 4001 0000') + '0303 0000 00000000 45000000'],
  ['bad-fragment', ip4('45', '0014', '0001 2000 4011 0000')],
  ['bad-fragment', ip4('45', '0018', '0001 2000 4011 0000') + '01020304'],
  ['bad-fragment', ip4('45', '001d', '0001 2000 4011 0000') + '010203040506070809'],
  ['bad-fragment', ip4('45', '001c', '0001 1fff 4011 0000') + '0102030405060708'],
  // Behind 8 bytes as many more, of which none but the last fragment has any.
  ...Array.from({ length: 7 }, (_, index): [string, string] => {
    const total = (20 + 8 + index + 1).toString(16).padStart(4, '0');
    return ['bad-fragment', ip4('45', total, '0001 2000 4011 0000') + '01'.repeat(8 + index + 1)];
  }),
];

let instance: Instance;
beforeAll(async () => {
  instance = await makeNode();
});

test.each(refused)('%s: %s', (reason, frame) => {
  expect(send(instance, hex(frame), { port: client })).toMatchObject({ verdict: 'drop', reason });
});

/** More frames that end where something is missing. */
const short: readonly string[] = [
  // A hop-by-hop header that is not there at all, and one that ends with a type.
  ip6('0000', '00'),
  ip6('0008', '00') + '3b00 0103 0000 00 1e',
  // An IPv4 header that ends with a type.
  `${ip4('46', '0018', '0000 0000 40fd 0000')} 010101 88`,
  // Errors that quote nothing.
  ip4('45', '001c', '0000 0000 4001 0000') + '0303 0000 00000000',
  ip6('0008', '3a') + '0104 0000 00000000',
];

test.each([...refused.map(([, frame]) => frame), ...short])(
  'nothing is read behind the frame: %s',
  (text) => {
    const { memory, layout, vector } = instance;
    const frame = hex(text);
    const address = memory.buffer.byteLength - frame.length;
    expect(address, 'nobody’s').toBeGreaterThan(layout.memoryBytes);
    new Uint8Array(memory.buffer).set(frame, address);
    vector.clear();
    vector.addInPlace(address, frame.length, { port: client, timeMs: 0 });
    // One more byte would be none of memory.
    vector.run();
    expect(codeOf('Reason', vector.outcome(0).reason)).not.toBe('none');
  },
);

test('a port that the node does not have', () => {
  const packet = { source: addresses[4].client, destination: addresses[4].server, protocol: 47 };
  expect(send(instance, packet, { port: 99 })).toMatchObject({ reason: 'unknown-port' });
});

test.each([
  ['127.0.0.1', uplink],
  ['224.0.0.1', uplink],
  ['0.0.0.0', client],
  ['192.168.50.11', client],
  ['0.1.2.3', uplink],
  ['127.255.255.254', uplink],
  ['240.0.0.1', uplink],
  ['255.255.255.255', uplink],
  ['::', uplink],
  ['::1', uplink],
  ['ff00::1', uplink],
  ['ff02::1', client],
  ['ff80::1', uplink],
])('source %s is martian', (source, port) => {
  const family = source.includes(':') ? 6 : 4;
  const packet = { source, destination: addresses[family].server, protocol: 47 };
  expect(send(instance, packet, { port })).toMatchObject({ reason: 'martian-source' });
});

test.each([
  '1.0.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '223.255.255.255',
  '::2',
  '0:0:0:1::1',
  '7e80::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
])('source %s is not', (source) => {
  const family = source.includes(':') ? 6 : 4;
  const packet = { source, destination: addresses[family].server, protocol: 47 };
  expect(send(instance, packet, { port: uplink })).toMatchObject({ verdict: 'forward' });
});

test.each([
  ['0.0.0.1', 'not-forwardable'],
  ['1.0.0.1', 'none'],
  ['126.0.0.1', 'none'],
  ['127.0.0.1', 'martian-destination'],
  ['128.0.0.1', 'none'],
  ['223.0.0.1', 'none'],
  ['224.0.0.1', 'not-forwardable'],
  ['255.255.255.255', 'not-forwardable'],
  ['::', 'not-forwardable'],
  ['::1', 'martian-destination'],
  ['::2', 'none'],
  ['feff::1', 'none'],
  ['ff00::1', 'not-forwardable'],
  ['ff80::1', 'not-forwardable'],
])('a packet from a pod to %s: %s', (destination, reason) => {
  const family = destination.includes(':') ? 6 : 4;
  const packet = { source: addresses[family].client, destination, protocol: 47 };
  expect(send(instance, packet, { port: client })).toMatchObject({ reason });
});

test('what is invalid beside is martian first', () => {
  const [source, destination] = ['127.0.0.1', addresses[4].server];
  const answer = { protocol: 6, sourcePort: 1, destinationPort: 2, tcpFlags: 18 };
  const sent = send(instance, { source, destination, ...answer }, { port: uplink });
  expect(sent).toMatchObject({ reason: 'martian-source' });
});

test('what is invalid to a loopback address is martian, too', () => {
  const [source, destination] = [addresses[4].client, '127.0.0.1'];
  const reset = { protocol: 6, sourcePort: 1, destinationPort: 2, tcpFlags: 4 };
  const sent = send(instance, { source, destination, ...reset }, { port: client });
  expect(sent).toMatchObject({ reason: 'martian-destination' });
});

test('a packet of zeros is of no connection', () => {
  const packet = { source: '0.0.0.0', destination: '0.0.0.0', protocol: 0 };
  expect(send(instance, packet, { port: uplink })).toMatchObject({ reason: 'martian-source' });
});

test('the node’s own IPv6 address from elsewhere is forwarded, as Linux does', () => {
  const { node, server: destination } = addresses[6];
  const packet = { source: node, destination, protocol: 47 };
  expect(send(instance, packet, { port: client })).toMatchObject({ verdict: 'forward' });
});

test('VLAN tags and padding are looked through and left alone', () => {
  const { source, destination } = { source: addresses[4].client, destination: addresses[4].server };
  const udp = { source, destination, protocol: 17, sourcePort: 5, destinationPort: 6 };
  const plain = encodePacket(udp, 'ethernet');
  const tags = hex('88a8 0001 8100 0002');
  const padding = new Uint8Array(7).fill(0xee);
  const tagged = Uint8Array.of(...plain.slice(0, 12), ...tags, ...plain.slice(12), ...padding);
  const sent = send(instance, tagged, { port: client });
  expect(sent).toMatchObject({ verdict: 'forward', outPort: 3 });
  expect(sent.frame.slice(0, 22)).toEqual(tagged.slice(0, 22));
  expect(sent.frame.slice(-7)).toEqual(padding);
});

test('IPv4 options and IPv6 extension headers lead to the same ports', () => {
  const options = ip4('46', '0020', '0000 0000 4011 0000') + '01010100' + '9c40 0050 0008 0000';
  const extended =
    ip6('0018', '3c') + '00000000 00000000' + '1100000000000000' + '9c400050 0008 0000';
  expect(send(instance, hex(options), { port: client })).toMatchObject({ outPort: 3 });
  const sent = send(instance, hex(extended), { port: client });
  expect(sent).toMatchObject({ verdict: 'forward', outPort: 3 });
});

test('ARP and neighbour discovery are the node stack’s', () => {
  const arp = hex('ffffffffffff 020000000001 0806 0001');
  expect(send(instance, arp, { port: client })).toMatchObject({ verdict: 'local', outPort: 1 });
  const solicitation = {
    source: '::',
    destination: 'ff02::1:ff00:5',
    protocol: 58,
    icmpType: 135,
    payload: new Uint8Array(16),
  };
  const sent = send(instance, solicitation, { port: client });
  expect(sent).toMatchObject({ verdict: 'local', outPort: 1 });
});

test('eight extension headers are followed', () => {
  const headers = `${'3c00 0104 00000000'.repeat(7)} 3b00 0104 00000000`;
  const frame = hex(`${ip6('0040', '3c')} ${headers}`);
  expect(send(instance, frame, { port: client })).toMatchObject({ verdict: 'forward' });
});

test('no byte of a raw packet is too few', () => {
  const sent = send(instance, new Uint8Array(), { port: client, link: 'raw' });
  expect(sent).toMatchObject({ reason: 'truncated-ipv4' });
  const one = send(instance, hex('50'), { port: client, link: 'raw' });
  expect(one).toMatchObject({ reason: 'truncated-ipv4' });
  const six = send(instance, hex('60'), { port: client, link: 'raw' });
  expect(six).toMatchObject({ reason: 'truncated-ipv6' });
  // What lay there before is not looked at.
  const none = send(instance, new Uint8Array(), { port: client, link: 'raw' });
  expect(none).toMatchObject({ reason: 'truncated-ipv4' });
});

test('an extension header may be all that an IPv6 packet holds', () => {
  const frame = hex(ip6('0008', '3c') + '3b00 0104 00000000');
  expect(send(instance, frame, { port: client })).toMatchObject({ verdict: 'forward' });
});

test.each([
  ['fe7f::1', true],
  ['fe80::1', false],
  ['fe91::1', false],
  ['febf::1', false],
  ['fec0::1', true],
  ['ff02::1', false],
  ['7e80::1', true],
])('a packet to %s leaves the link: %s', (destination, leaves) => {
  const ends = { source: addresses[6].client, destination };
  const packet = { ...ends, protocol: 17, sourcePort: 1, destinationPort: 1 };
  const { outPort } = send(instance, packet, { port: client });
  expect(outPort === uplink).toBe(leaves);
});

test('what stands behind an SCTP packet is no chunk of it', () => {
  // An INIT with its parameters, and padding that Ethernet adds: it would be a second chunk.
  const ports = '9c40 1f90 00000000 00000000';
  const init = '01 00 0014 00000001 00010000 0001 0001 00000001';
  const frame = hex(`${ip4('45', '0034', '0000 0000 4084 0000')} ${ports} ${init} 00000004`);
  expect(send(instance, frame, { port: client }).effects & Effect.Invalid).toBe(0);
});

/** Frames that end where they announce something more. */
const cutOff: readonly (readonly [what: string, frame: string])[] = [
  ['an IPv4 header', ip4('46', '0014').replaceAll(ends4, '')],
  ['IPv4 options', ip4('46', '0018', '0000 0000 4006 0000')],
  ['an extension header of IPv6', ip6('0000', '3c')],
  ['the second extension header', ip6('0008', '3c') + '3c00 0104 00000000'],
  ['the length of an option', ip6('0008', '00') + '3b00 0000 0000 001e'],
  ['a TCP header', ip4('45', '0014')],
  ['a quoted IPv4 header', ip4('45', '001c', '0000 0000 4001 0000') + '0301 0000 00000000'],
  [
    'a quoted header’s extension',
    `${ip6('0030', '3a')} 01000000 00000000 60000000 0000 3c40 ${ends6}`,
  ],
];

test.each(cutOff)('%s that is not there is not read: memory may end before it', async (_, text) => {
  const { vector, memory } = instance;
  const bytes = new Uint8Array(memory.buffer);
  const frame = hex(text);
  const at = bytes.length - frame.length;
  const before = bytes.slice(at);
  bytes.set(frame, at);
  vector.clear();
  vector.addInPlace(at, frame.length, { port: client, timeMs: 0 });
  vector.run();
  expect(vector.outcome(0).verdict).toBe(Verdict.Drop);
  bytes.set(before, at);
});
