// Packets as fields and bytes: known bytes from RFC examples and real traffic, refusals, quoted
// packets.

import { describe, expect, test } from 'vitest';
import { crc32c, foldToChecksum, sumWords } from '../../host/net/checksum.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import type { PacketFields } from '../../host/net/packet.ts';
import { TcpFlag, decodePacket, encodePacket } from '../../host/net/packet.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

const syn: PacketFields = {
  source: '10.244.1.5',
  destination: '10.96.0.10',
  protocol: 6,
  sourcePort: 40000,
  destinationPort: 80,
  tcpFlags: TcpFlag.Syn,
  sequence: 0xfffffff0,
  acknowledgement: 0,
  window: 1024,
  ttl: 64,
  identification: 7,
  payload: new Uint8Array(0),
};

describe('checksums', () => {
  test('the example of RFC 1071, section 3', () => {
    expect(foldToChecksum(sumWords(hex('0001 f203 f4f5 f6f7'), 0, 8))).toBe(0x220d);
  });

  test('an odd last byte counts as a high byte', () => {
    expect(sumWords(hex('0001 f2'), 0, 3)).toBe(0xf201);
  });

  test('CRC32c of the check string', () => {
    expect(crc32c(new TextEncoder().encode('123456789'), 0, 9)).toBe(0xe3069283);
  });
});

describe('encoding', () => {
  test('an IPv4 header as in the worked example of its checksum', () => {
    const packet = encodePacket(
      {
        source: '192.168.0.1',
        destination: '192.168.0.199',
        protocol: 17,
        payload: new Uint8Array(87),
      },
      'raw',
    );
    expect(packet.length).toBe(0x73);
    expect([...packet.subarray(0, 4)]).toEqual([0x45, 0, 0, 0x73]);
    expect(foldToChecksum(sumWords(packet, 0, 20))).toBe(0);
  });

  test('Ethernet says which family follows', () => {
    expect([...encodePacket(syn, 'ethernet').subarray(12, 15)]).toEqual([8, 0, 0x45]);
    const six = { ...syn, source: 'fd00::1', destination: 'fd00::2' };
    expect([...encodePacket(six, 'ethernet').subarray(12, 15)]).toEqual([0x86, 0xdd, 0x60]);
  });

  test('a UDP checksum that comes out as zero is sent as ones', () => {
    const datagram = { ...syn, protocol: 17, sourcePort: 0, destinationPort: 0 };
    const sum = encodePacket(datagram, 'raw').subarray(26, 28);
    const port = (sum[0]! << 8) | sum[1]!;
    const packet = encodePacket({ ...datagram, sourcePort: port }, 'raw');
    expect([...packet.subarray(26, 28)]).toEqual([0xff, 0xff]);
    expect(hasValidChecksums(packet, 'raw')).toBe(true);
  });

  test('what is no address is refused', () => {
    expect(() => encodePacket({ ...syn, source: '10.0.0' }, 'raw')).toThrow(RangeError);
  });
});

describe('decoding', () => {
  test.each([0, 19, 20, 39])('a packet cut off after %i bytes is none', (length) => {
    expect(decodePacket(encodePacket(syn, 'raw').subarray(0, length), 'raw')).toBeNull();
  });

  test('padding behind the packet is not payload', () => {
    const frame = new Uint8Array(80);
    frame.set(encodePacket(syn, 'ethernet'));
    expect(decodePacket(frame, 'ethernet')).toEqual(syn);
  });

  test('VLAN tags are looked through', () => {
    const frame = encodePacket(syn, 'ethernet');
    const tagged = Uint8Array.from([
      ...frame.subarray(0, 12),
      0x81,
      0,
      0,
      5,
      ...frame.subarray(12),
    ]);
    expect(decodePacket(tagged, 'ethernet')).toEqual(syn);
    expect(hasValidChecksums(tagged, 'ethernet')).toBe(true);
  });

  test('IPv4-mapped addresses in IPv6 are refused', () => {
    const packet = encodePacket({ ...syn, source: 'fd00::1', destination: 'fd00::2' }, 'raw');
    packet.set(hex('00000000 00000000 0000ffff 0a000001'), 8);
    expect(decodePacket(packet, 'raw')).toBeNull();
  });

  test('IPv6 extension headers are skipped', () => {
    const six = encodePacket({ ...syn, source: 'fd00::1', destination: 'fd00::2' }, 'raw');
    const extended = Uint8Array.from([
      ...six.subarray(0, 40),
      6,
      0,
      1,
      4,
      0,
      0,
      0,
      0,
      ...six.subarray(40),
    ]);
    extended[5] = extended[5]! + 8;
    extended[6] = 60;
    expect(decodePacket(extended, 'raw')).toMatchObject({ protocol: 6, destinationPort: 80 });
    expect(hasValidChecksums(extended, 'raw')).toBe(true);
  });

  test('a fragment other than the first has no ports', () => {
    const packet = encodePacket(syn, 'raw');
    packet[7] = 1;
    const fields = decodePacket(packet, 'raw');
    expect(fields?.sourcePort).toBeUndefined();
    expect(fields?.payload).toHaveLength(20);
  });

  test('an error that quotes eight bytes of TCP still names its ports', () => {
    const quoted = encodePacket(syn, 'raw').subarray(0, 28);
    const error = { ...syn, protocol: 1, icmpType: 3, icmpCode: 3, payload: quoted };
    const decoded = decodePacket(encodePacket(error, 'raw'), 'raw');
    expect(decoded?.quoted).toMatchObject({ sourcePort: 40000, destinationPort: 80, tcpFlags: 0 });
  });
});

describe('hasValidChecksums', () => {
  test.each([6, 17, 132, 1])('one changed byte of protocol %i is noticed', (protocol) => {
    const packet = encodePacket({ ...syn, protocol, payload: Uint8Array.of(1, 2, 3) }, 'raw');
    expect(hasValidChecksums(packet, 'raw')).toBe(true);
    packet[packet.length - 1]! ^= 1;
    expect(hasValidChecksums(packet, 'raw')).toBe(false);
  });

  test('a wrong checksum inside a quoted packet is noticed', () => {
    const error = { ...syn, protocol: 1, icmpType: 3, icmpCode: 3, payload: new Uint8Array(0) };
    const quoted = encodePacket(syn, 'raw');
    quoted[36]! ^= 1;
    const wrong = encodePacket({ ...error, payload: quoted }, 'raw');
    expect(hasValidChecksums(encodePacket({ ...error, quoted: syn }, 'raw'), 'raw')).toBe(true);
    expect(hasValidChecksums(wrong, 'raw')).toBe(false);
  });

  test('a UDP checksum of zero is allowed over IPv4 only', () => {
    const four = encodePacket({ ...syn, protocol: 17 }, 'raw');
    four.fill(0, 26, 28);
    const six = encodePacket(
      { ...syn, protocol: 17, source: 'fd00::1', destination: 'fd00::2' },
      'raw',
    );
    six.fill(0, 46, 48);
    expect(hasValidChecksums(four, 'raw')).toBe(true);
    expect(hasValidChecksums(six, 'raw')).toBe(false);
  });
});
