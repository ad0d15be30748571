// What ICMP errors quote, cut off as routers may: of a packet as much as tells whose it was (RFC
// 792, RFC 4443). Each test runs for both families.

import { describe, expect, test } from 'vitest';
import { Effect } from '../../host/abi/abi.gen.ts';
import { encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, client, makeNode, send, server } from './node.ts';

const [udp, gre] = [17, 47];

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const headerBytes = family === 4 ? 20 : 40;
  const icmp = family === 4 ? 1 : 58;
  const request = (protocol: number): PacketFields => ({
    source: own.client,
    destination: own.server,
    protocol,
    ...(protocol === udp ? { sourcePort: 40_000, destinationPort: 8080 } : {}),
    payload: new Uint8Array(16),
  });

  /** "Port unreachable" about these bytes, from the server. */
  const errorAbout = (quote: Uint8Array): PacketFields => ({
    source: own.server,
    destination: own.client,
    protocol: icmp,
    icmpType: family === 4 ? 3 : 1,
    icmpCode: family === 4 ? 3 : 4,
    payload: quote,
  });

  /** What is said of an error that quotes these bytes of a packet that was sent. */
  async function judge(packet: PacketFields, change: (quote: Uint8Array) => Uint8Array) {
    const instance = await makeNode();
    send(instance, packet, { port: client });
    const quote = change(encodePacket(packet, 'raw'));
    const { reason, effects } = send(instance, errorAbout(quote), { port: server });
    return effects & Effect.Related ? 'related' : effects & Effect.Invalid ? 'unrelated' : reason;
  }

  test.each([
    [udp, 8, 'related'],
    [udp, 7, 'bad-quoted-packet'],
    [udp, 0, 'bad-quoted-packet'],
    [udp, -1, 'bad-quoted-packet'],
    [gre, 1, 'related'],
    [gre, 0, 'related'],
    [gre, -1, 'bad-quoted-packet'],
    [gre, -headerBytes, 'bad-quoted-packet'],
  ])('protocol %i, %i bytes behind the header: %s', async (protocol, more, said) => {
    const cut = (quote: Uint8Array) => quote.slice(0, headerBytes + more);
    expect(await judge(request(protocol), cut)).toBe(said);
  });

  test('another version, or another family, is no quote', async () => {
    const otherwise = (first: number) => (quote: Uint8Array) => {
      quote[0] = first;
      return quote;
    };
    for (const first of family === 4 ? [0x65, 0x44, 0x4f, 0x05] : [0x40, 0x70, 0x50]) {
      expect(await judge(request(gre), otherwise(first))).toBe('bad-quoted-packet');
    }
  });

  test.skipIf(family === 6)('a later fragment does not say whose it was', async () => {
    const later = (quote: Uint8Array) => {
      new DataView(quote.buffer).setUint16(6, 2);
      return quote;
    };
    expect(await judge(request(udp), later)).toBe('unrelated');
    expect(await judge(request(gre), later)).toBe('unrelated');
    expect(await judge(request(udp), (quote) => later(quote).slice(0, headerBytes))).toBe(
      'unrelated',
    );
  });
});
