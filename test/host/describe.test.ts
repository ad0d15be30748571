// One line about a frame: right for what is whole, and never an exception for what is not.

import * as fc from 'fast-check';
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { describeFrame } from '../../host/net/describe.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';

const tcp: PacketFields = {
  source: '10.0.0.1',
  destination: '10.0.0.2',
  protocol: 6,
  sourcePort: 1000,
  destinationPort: 80,
  sequence: 5,
  acknowledgement: 6,
  tcpFlags: 18,
  payload: Uint8Array.of(1, 2),
};
const ping6: PacketFields = {
  source: 'fd00::1',
  destination: 'fd00::2',
  protocol: 58,
  icmpType: 128,
  icmpIdentifier: 7,
  sequence: 3,
};

test.each<[string, PacketFields]>([
  ['IP 10.0.0.1.1000 > 10.0.0.2.80: TCP [S.], seq 5, ack 6, length 2', tcp],
  ['IP 10.0.0.1.1000 > 10.0.0.2.80: TCP [none], seq 5, length 2', { ...tcp, tcpFlags: 0 }],
  ['IP 10.0.0.1.1000 > 10.0.0.2.80: UDP, length 2', { ...tcp, protocol: 17 }],
  ['IP 10.0.0.1 > 10.0.0.2: GRE, length 2', { ...tcp, protocol: 47 }],
  ['IP6 fd00::1 > fd00::2: ICMPv6 echo request, id 7, seq 3', ping6],
  [
    'IP 10.0.0.3 > 10.0.0.1: ICMP port unreachable, about ' +
      '10.0.0.1.1000 > 10.0.0.2.80: TCP [S.], seq 5, ack 6, length 2',
    {
      source: '10.0.0.3',
      destination: '10.0.0.1',
      protocol: 1,
      icmpType: 3,
      icmpCode: 3,
      quoted: tcp,
    },
  ],
])('%s', (line, fields) => {
  expect(describeFrame(encodePacket(fields, 'ethernet'), 'ethernet')).toBe(line);
  expect(describeFrame(encodePacket(fields, 'raw'), 'raw')).toBe(line);
});

test('behind VLAN tags, fragments, ARP, other types', () => {
  const frame = encodePacket(tcp, 'ethernet');
  const tagged = Uint8Array.of(...frame.subarray(0, 12), 0x81, 0, 0, 5, ...frame.subarray(12));
  expect(describeFrame(tagged, 'ethernet')).toBe(describeFrame(frame, 'ethernet'));
  const fragment = encodePacket({ ...tcp, protocol: 17 }, 'raw');
  fragment[6] = 0x20;
  expect(describeFrame(fragment, 'raw')).toMatch(/UDP, length 2, fragment$/);
  const arp = new Uint8Array(42);
  arp.set([8, 6, 0, 1, 8, 0, 6, 4, 0, 1], 12);
  arp.set([10, 0, 0, 1], 28);
  arp.set([10, 0, 0, 2], 38);
  expect(describeFrame(arp, 'ethernet')).toBe('ARP who-has 10.0.0.2 tell 10.0.0.1');
  arp.set([2, 2, 0, 0, 0, 0, 9], 21);
  expect(describeFrame(arp, 'ethernet')).toBe('ARP 10.0.0.1 is-at 02:00:00:00:00:09');
  arp.set([0x88, 0xcc], 12);
  expect(describeFrame(arp, 'ethernet')).toBe('ethertype 0x88cc, 42 bytes');
});

property.prop([fc.uint8Array({ maxLength: 120 }), fc.constantFrom('ethernet' as const, 'raw')])(
  'any bytes are described in one line',
  (bytes, link) => {
    expect(describeFrame(bytes, link)).toMatch(/^[^\n]+$/);
  },
);

property.prop([
  fc.nat(100),
  fc.constantFrom(tcp, ping6),
  fc.constantFrom('ethernet' as const, 'raw'),
])('cut anywhere', (cut, fields, link) => {
  const frame = encodePacket(fields, link);
  const line = describeFrame(frame.subarray(0, Math.max(0, frame.length - 1 - cut)), link);
  expect(line).toMatch(/cut off/);
});
