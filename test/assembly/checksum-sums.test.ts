// Translations whose words add up to nearly nothing: to 0 and 1, in either byte order, where one's
// complement has two zeros (RFC 1624). The packet must be, to the byte, what encoding its fields
// gives.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Instance } from '../../host/dataplane/instance.ts';
import { formatAddress, parseAddress } from '../../host/net/address.ts';
import { encodePacket } from '../../host/net/packet.ts';
import { addresses, client, makeNode, nodePort, send, servicePort, uplink } from './node.ts';
import { targetPort } from './node.ts';

const ones = 0xffff;

/** Sum of the words of an address; the form of IPv4 addresses adds as good as nothing. */
function sumOf(address: string): number {
  const bytes = parseAddress(address)!;
  const isIPv4 = !address.includes(':');
  const words = new DataView(bytes.buffer, bytes.byteOffset);
  let sum = 0;
  for (let at = isIPv4 ? 12 : 0; at < 16; at += 2) sum += words.getUint16(at);
  return sum;
}

const wrap = (sum: number): number => ((sum % ones) + ones) % ones;

describe.each([4, 6] as const)('IPv%i', (family) => {
  const own = addresses[family];
  const service = family === 4 ? 1 : 2;
  let instance: Instance;
  beforeEach(async () => {
    instance = await makeNode();
  });

  describe.each([6, 17])('protocol %i', (protocol) => {
    const packet = {
      ...{ protocol, source: own.client, destination: own.service, tcpFlags: 2 },
      ...{ sourcePort: 40000, destinationPort: servicePort, payload: Uint8Array.of(1, 2, 3) },
    };

    test.each([-256, -1, 0, 1, 256])('the destination alone adds %i', (change) => {
      const port = wrap(servicePort + sumOf(own.service) - sumOf(own.server) + change);
      const endpoint = { address: own.server, port, flags: 1 };
      instance.map('endpoints').update({ service, set: 0, slot: 0 }, endpoint);
      const sent = send(instance, packet, { port: client });
      const left = { ...packet, destination: own.server, destinationPort: port, ttl: 63 };
      expect(sent.frame).toEqual(encodePacket(left, 'ethernet'));
    });

    test.each([-256, -1, 0, 1, 256])('a sum of nothing stays one, or not: %i', (change) => {
      const port = wrap(servicePort + sumOf(own.service) - sumOf(own.server) + change);
      const endpoint = { address: own.server, port, flags: 1 };
      instance.map('endpoints').update({ service, set: 0, slot: 0 }, endpoint);
      // What completes the sum: UDP writes it as ones, for zero is no checksum (RFC 768).
      const rest = encodePacket({ ...packet, payload: new Uint8Array(2) }, 'raw');
      const at = (family === 4 ? 20 : 40) + (protocol === 6 ? 16 : 6);
      const whole = { ...packet, payload: rest.slice(at, at + 2) };
      const sent = send(instance, whole, { port: client });
      const left = { ...whole, destination: own.server, destinationPort: port, ttl: 63 };
      expect(sent.frame).toEqual(encodePacket(left, 'ethernet'));
    });

    test('of the two zeros a checksum keeps the one that it has when nothing is added', () => {
      const port = wrap(servicePort + sumOf(own.service) - sumOf(own.server));
      const endpoint = { address: own.server, port, flags: 1 };
      instance.map('endpoints').update({ service, set: 0, slot: 0 }, endpoint);
      const at = (family === 4 ? 20 : 40) + (protocol === 6 ? 16 : 6);
      const rest = encodePacket({ ...packet, payload: new Uint8Array(2) }, 'raw');
      const whole = encodePacket({ ...packet, payload: rest.slice(at, at + 2) }, 'raw');
      whole.fill(0xff, at, at + 2);
      const sent = send(instance, whole, { port: client, link: 'raw' });
      expect(sent.packet).toMatchObject({ destination: own.server, destinationPort: port });
      expect([...sent.frame.subarray(at, at + 2)]).toEqual([0xff, 0xff]);
    });

    test.each([0, 1])('an address changes in the first byte of word %i alone', (word) => {
      const bytes = parseAddress(own.service)!;
      bytes[12 * Number(family === 4) + 2 * word]! -= word === 0 ? 1 : -1;
      const endpoint = { address: formatAddress(bytes), port: servicePort, flags: 0 };
      instance.map('endpoints').update({ service, set: 0, slot: 0 }, endpoint);
      const sent = send(instance, packet, { port: client });
      const left = { ...packet, destination: endpoint.address, ttl: 63 };
      expect(sent.frame).toEqual(encodePacket(left, 'ethernet'));
    });

    test.each([-256, -1, 0, 1, 256])('both ends together add %i', (change) => {
      const before = sumOf(own.outside) + nodePort;
      const after = sumOf(own.server) + targetPort;
      // The port drawn must be one that a node may draw.
      const sourcePort = [20_000, 40_000].find((port) => wrap(port + before - after) > 1100)!;
      const drawn = wrap(sourcePort + before - after + change);
      const dialled = { ...packet, source: own.outside, destination: own.node };
      const request = { ...dialled, sourcePort, destinationPort: nodePort };
      const choice = { sourcePort: drawn };
      const sent = send(instance, request, { port: uplink, choice });
      const source = { source: own.node, sourcePort: drawn };
      const destination = { destination: own.server, destinationPort: targetPort };
      const left = { ...request, ...source, ...destination, ttl: 63 };
      expect(sent.frame).toEqual(encodePacket(left, 'ethernet'));
    });
  });
});
