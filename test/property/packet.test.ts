// Fields to bytes and back, for every packet; and bytes that are no packet.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyFrame, link, packetFields } from '../../fuzz/arbitrary/packet.ts';
import { hasValidChecksums } from '../../host/net/packet-layout.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import { runs } from './setup.ts';

test('decoding undoes encoding', () => {
  fc.assert(
    fc.property(packetFields(), link(), (fields, linkType) => {
      const decoded = decodePacket(encodePacket(fields, linkType), linkType);
      expect(decoded).toEqual(fields);
    }),
  );
});

test('what is encoded has right checksums', () => {
  fc.assert(
    fc.property(packetFields(), link(), (fields, linkType) => {
      expect(hasValidChecksums(encodePacket(fields, linkType), linkType)).toBe(true);
    }),
  );
});

test('no bytes make decoding throw, and what it reads can be written again', () => {
  fc.assert(
    fc.property(anyFrame('raw'), (frame) => {
      const decoded = decodePacket(frame, 'raw');
      if (decoded === null) return;
      const again = decodePacket(encodePacket(decoded, 'raw'), 'raw');
      expect(again?.source).toBe(decoded.source);
      expect(again?.destination).toBe(decoded.destination);
    }),
    runs(1000),
  );
});

test('every cut of a packet decodes to nothing', () => {
  fc.assert(
    fc.property(packetFields(), fc.nat(), (fields, cut) => {
      const frame = encodePacket(fields, 'raw');
      expect(decodePacket(frame.subarray(0, cut % frame.length), 'raw')).toBeNull();
    }),
  );
});
