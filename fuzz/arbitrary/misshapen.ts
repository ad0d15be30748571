// Frames that are in order but for one thing that damage hardly ever brings about: tags in a row,
// extension headers in a row or in the wrong order, an IPv4 address in IPv6, too short a packet.

import * as fc from 'fast-check';
import { withExtension } from './ip-options.ts';
import { withHeaderChecksum } from './pieces.ts';

const hopByHop = 0;
const destinationOptions = 60;
/** A PadN that fills an extension header of 8 bytes. */
const padding = Uint8Array.of(1, 4, 0, 0, 0, 0);
/** 802.1Q and 802.1ad. */
const tagTypes = [0x81_00, 0x88_a8];
const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 244, 1, 2];

/** A frame whose packet begins behind `linkBytes`, changed. */
export type Shape = (frame: Uint8Array, linkBytes: number) => Uint8Array;

export function shape(): fc.Arbitrary<Shape> {
  return fc.oneof(
    fc.array(fc.constantFrom(...tagTypes), { minLength: 1, maxLength: 4 }).map(tagged),
    fc
      .array(fc.constantFrom(hopByHop, destinationOptions), { minLength: 1, maxLength: 12 })
      .map(extended),
    fc.constantFrom(8, 24).map(withMapped),
    fc.nat({ max: 19 }).map(cutOff),
  );
}

/** Behind the addresses of Ethernet; a raw packet has no place for tags. */
function tagged(types: readonly number[]): Shape {
  const tags = types.flatMap((type) => [type >> 8, type & 0xff, 0, 1]);
  return (frame, linkBytes) =>
    linkBytes === 0
      ? frame
      : Uint8Array.of(...frame.subarray(0, 12), ...tags, ...frame.subarray(12));
}

function extended(types: readonly number[]): Shape {
  return ofIPv6((packet) =>
    types.reduce<Uint8Array>((inner, type) => withExtension(inner, type, padding), packet),
  );
}

/** So many bytes are left behind the IP header, which says so. */
function cutOff(bytes: number): Shape {
  return (frame, linkBytes) => {
    const isIPv6 = frame[linkBytes]! >> 4 === 6;
    const cut = frame.slice(0, linkBytes + (isIPv6 ? 40 : 20) + bytes);
    const packet = cut.subarray(linkBytes);
    const length = packet.length - (isIPv6 ? 40 : 0);
    packet.set([length >> 8, length & 0xff], isIPv6 ? 4 : 2);
    if (!isIPv6) withHeaderChecksum(packet);
    return cut;
  };
}

/** At the offset of the source or of the destination. */
function withMapped(at: number): Shape {
  return ofIPv6((packet) => {
    const changed = packet.slice();
    changed.set(mapped, at);
    return changed;
  });
}

function ofIPv6(change: (packet: Uint8Array) => Uint8Array): Shape {
  return (frame, linkBytes) => {
    const packet = frame.subarray(linkBytes);
    if (packet[0]! >> 4 !== 6) return frame;
    return Uint8Array.of(...frame.subarray(0, linkBytes), ...change(packet));
  };
}
