// What a frame carries: its EtherType and where that begins, behind any VLAN tags. Knows nothing of
// what is inside. Sources: IEEE 802.3, 802.1Q, 802.1ad.

import type { LinkType } from './packet-layout.ts';
import { spanOf, type Span } from './span.ts';

export const EtherType = { Ipv4: 0x0800, Arp: 0x0806, Vlan: 0x8100, Ipv6: 0x86dd, Qinq: 0x88a8 };

const addressesBytes = 12;

/**
 * EtherType and offset of what it names; null if the frame ends before. Bare IP has the type of its
 * version.
 */
export function readEtherType(
  frame: Uint8Array,
  link: LinkType,
): { etherType: number; at: number } | null {
  return findEtherType(spanOf(frame), link);
}

/** As `readEtherType`, of a frame in a larger memory; `at` is an offset there. */
export function findEtherType(
  { bytes, start, lengthBytes }: Span,
  link: LinkType,
): { etherType: number; at: number } | null {
  if (link === 'raw') {
    if (lengthBytes === 0) return null;
    const etherType = bytes[start]! >> 4 === 6 ? EtherType.Ipv6 : EtherType.Ipv4;
    return { etherType, at: start };
  }
  const end = start + lengthBytes;
  for (let at = start + addressesBytes; at + 2 <= end; at += 4) {
    const etherType = (bytes[at]! << 8) | bytes[at + 1]!;
    if (etherType !== EtherType.Vlan && etherType !== EtherType.Qinq) {
      return { etherType, at: at + 2 };
    }
  }
  return null;
}
