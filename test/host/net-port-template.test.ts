// A template's packets are those that encoding makes from scratch.

import * as fc from 'fast-check';
import { test } from 'vitest';
import { expect } from 'vitest';
import { encodePacket } from '../../host/net/packet.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { PortTemplate } from '../../host/net/port-template.ts';
import { openingPacket } from '../../host/scenario/probe.ts';

const port = () => fc.integer({ min: 0, max: 65_535 });
const ends = fc.constantFrom(
  { source: '10.0.0.1', destination: '203.0.113.255' },
  { source: 'fd00::1', destination: '2001:db8::ffff' },
);

test('packets with other ports are as if they were encoded', () => {
  const protocols = fc.constantFrom(Ip.Tcp, Ip.Udp, Ip.Sctp);
  const pairs = fc.array(fc.tuple(port(), port()), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(ends, protocols, pairs, (addresses, protocol, ports) => {
      const open = (sourcePort: number, destinationPort: number) =>
        openingPacket({ ...addresses, protocol, sourcePort, destinationPort });
      const template = new PortTemplate(open(0, 0));
      for (const [sourcePort, destinationPort] of ports) {
        const frame = template.withPorts(sourcePort, destinationPort);
        expect(frame).toEqual(encodePacket(open(sourcePort, destinationPort), 'raw'));
      }
    }),
  );
});
