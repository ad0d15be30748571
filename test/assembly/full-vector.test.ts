// A vector with as many packets, and as many bytes, as there is room for, each packet traced: none
// is written where another one is, or anything else.

import { describe, expect, test } from 'vitest';
import { encodePacket } from '../../host/net/packet.ts';
import { addresses, client, makeNode } from './node.ts';

describe.each([4, 6] as const)('IPv%i', (family) => {
  test('a vector full to the brim: each packet and each step is there', async () => {
    const [vectorPackets, bytes] = [4, 128];
    const instance = await makeNode({ vectorPackets, blockBytes: vectorPackets * bytes });
    const { vector } = instance;
    const { client: source, server: destination } = addresses[family];
    const request = { source, destination, protocol: 17, destinationPort: 8080 };
    const headers = family === 4 ? 28 : 48;
    const packets = Array.from({ length: vectorPackets }, (_, index) => {
      const payload = new Uint8Array(bytes - headers).fill(index + 1);
      return { ...request, payload, sourcePort: 7000 + index };
    });
    for (let round = 0; round < 2; round++) {
      vector.clear();
      for (const packet of packets) {
        const place = { port: client, timeMs: 0, link: 'raw', trace: true } as const;
        vector.add(encodePacket(packet, 'raw'), place);
      }
      vector.run();
      const left = packets.map((_, index) => vector.outcome(index).frame);
      expect(left).toEqual(packets.map((packet) => encodePacket({ ...packet, ttl: 63 }, 'raw')));
      const steps = instance.traceSteps().map(({ code, packet }) => [code, packet]);
      const [own] = [steps.filter(([, packet]) => packet === 0).map(([code]) => code)];
      const all = packets.flatMap((_, packet) => own!.map((code) => [code, packet]));
      expect(steps).toEqual(all);
      expect(own!.length).toBeGreaterThan(2);
    }
  });
});
