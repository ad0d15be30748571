// What a frame carries: its EtherType and where that begins, behind any VLAN tags. Knows nothing of
// what is inside. Sources: IEEE 802.3, 802.1Q, 802.1ad.

import type { LinkType } from './packet-layout.ts';

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
  if (link === 'raw') {
    if (frame.length === 0) return null;
    return { etherType: frame[0]! >> 4 === 6 ? EtherType.Ipv6 : EtherType.Ipv4, at: 0 };
  }
  for (let at = addressesBytes; at + 2 <= frame.length; at += 4) {
    const etherType = (frame[at]! << 8) | frame[at + 1]!;
    if (etherType !== EtherType.Vlan && etherType !== EtherType.Qinq) {
      return { etherType, at: at + 2 };
    }
  }
  return null;
}
