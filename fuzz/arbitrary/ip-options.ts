// IP options: put into packets that have none, and drawn from sound to broken. Sources: RFC 791,
// section 3.1; RFC 8200, sections 4.2 and 4.3.

import * as fc from 'fast-check';
import { foldToChecksum, sumWords } from '../../host/net/checksum.ts';

/** Types that a node looks into, of either family, beside any other. */
const knownTypes = [0, 1, 5, 7, 49, 68, 131, 134, 137, 148, 194] as const;

/** Bytes of one option after the other; lengths are mostly right. */
export function optionBytes(): fc.Arbitrary<Uint8Array> {
  const type = fc.oneof(fc.constantFrom(...knownTypes), fc.nat({ max: 255 }));
  const value = fc.uint8Array({ maxLength: 10 });
  const wrong = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
  );
  const option = (isIpv4: boolean) =>
    fc
      .tuple(type, value, wrong)
      .map(([kind, bytes, off]) => [kind, bytes.length + (isIpv4 ? 2 : 0) + off, ...bytes]);
  return fc
    .boolean()
    .chain((isIpv4) => fc.array(option(isIpv4), { maxLength: 4 }))
    .map((options) => Uint8Array.from(options.flat()));
}

/**
 * A raw packet with options: in its IPv4 header, at most 40 bytes, or in an IPv6 hop-by-hop header
 * in front of all others. Zeroes fill up the last word. Packets shorter than a header stay as they
 * are.
 */
export function withIpOptions(packet: Uint8Array, options: Uint8Array): Uint8Array {
  if (packet[0] === 0x45 && packet.length >= 20) return withIpv4Options(packet, options);
  const isIpv6 = packet.length >= 40 && packet[0]! >> 4 === 6;
  return isIpv6 ? withExtension(packet, 0, options) : packet;
}

/** An IPv6 packet with an extension header in front of all others. */
export function withExtension(packet: Uint8Array, type: number, value: Uint8Array): Uint8Array {
  const bytes = Math.ceil((2 + value.length) / 8) * 8;
  const extended = inserted(packet, 40, bytes);
  const view = new DataView(extended.buffer);
  view.setUint16(4, view.getUint16(4) + bytes);
  extended.set([packet[6]!, bytes / 8 - 1, ...value], 40);
  extended[6] = type;
  return extended;
}

function withIpv4Options(packet: Uint8Array, options: Uint8Array): Uint8Array {
  const bytes = Math.min(40, Math.ceil(options.length / 4) * 4);
  const extended = inserted(packet, 20, bytes);
  const view = new DataView(extended.buffer);
  extended[0] = 0x45 + bytes / 4;
  view.setUint16(2, view.getUint16(2) + bytes);
  view.setUint16(10, 0);
  extended.set(options.subarray(0, bytes), 20);
  view.setUint16(10, foldToChecksum(sumWords(extended, 0, 20 + bytes)));
  return extended;
}

function inserted(packet: Uint8Array, at: number, bytes: number): Uint8Array {
  return Uint8Array.of(...packet.subarray(0, at), ...new Uint8Array(bytes), ...packet.subarray(at));
}
