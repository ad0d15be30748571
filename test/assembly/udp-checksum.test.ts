// UDP checksums that come out as 0, which would mean none (RFC 768): they are sent as all ones,
// which sum up to the same. Each datagram is made so that it does, there or back.

import { expect, test } from 'vitest';
import { decodePacket, encodePacket, type PacketFields } from '../../host/net/packet.ts';
import { addresses, answerTo, client, makeNode, send, server, servicePort } from './node.ts';
import { targetPort } from './node.ts';

/** Two bytes of payload with which a datagram's checksum is this one. */
function payloadFor(packet: PacketFields, checksum: number): Uint8Array {
  const at = (packet.source.includes(':') ? 40 : 20) + 6;
  for (let word = 0; word < 0x10000; word++) {
    const payload = Uint8Array.of(word >> 8, word & 255);
    const frame = encodePacket({ ...packet, payload }, 'raw');
    if (((frame[at]! << 8) | frame[at + 1]!) === checksum) return payload;
  }
  throw new Error('no payload has that checksum');
}

test.each([4, 6] as const)('IPv%i', async (family) => {
  const own = addresses[family];
  const ports = { sourcePort: 40000, destinationPort: servicePort };
  const dialled = { source: own.client, destination: own.service, protocol: 17, ...ports };
  const received = { ...dialled, destination: own.server, destinationPort: targetPort };
  const answered = answerTo(dialled, { ttl: 63 });
  const ways = [
    [dialled, received, client],
    [answerTo(received), answered, server],
  ] as const;
  const instance = await makeNode();
  for (const [sent, left, port] of ways) {
    const payload = payloadFor(left, 0xffff);
    const { frame } = send(instance, encodePacket({ ...sent, payload }, 'raw'), {
      port,
      link: 'raw',
    });
    const expected = encodePacket({ ...left, payload, ttl: 63 }, 'raw');
    expect(decodePacket(frame, 'raw')).toMatchObject({ destination: left.destination });
    expect([...frame]).toEqual([...expected]);
  }
});
