// Ethernet II (IEEE 802.3), with up to two VLAN tags (802.1Q, 802.1ad).
//
//   0 destination | 6 source | 12 type [| 14 tag control | 16 type] …

/** Bytes of an untagged header. */
export const ETHERNET_BYTES: u32 = 14;
/** Bytes of one VLAN tag. */
export const VLAN_TAG_BYTES: u32 = 4;
/** Tags followed before a frame is refused. */
export const VLAN_TAGS_MAX: u32 = 2;

/** EtherTypes, as they read from memory. */
export const TYPE_IPV4: u16 = 0x0008;
export const TYPE_ARP: u16 = 0x0608;
export const TYPE_IPV6: u16 = 0xdd86;
const TYPE_VLAN: u16 = 0x0081;
const TYPE_SERVICE_VLAN: u16 = 0xa888;

/** The type field that ends at byte `end` of a header. */
export function typeBefore(frame: usize, end: u32): u16 {
  return load<u16>(frame + end - 2);
}

/** True for the type of a VLAN tag. */
export function isVlanType(type: u16): bool {
  return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
}

/** Swaps source and destination: the frame goes back where it came from. */
export function swapEthernetAddresses(frame: usize): void {
  const firstFour = load<u32>(frame);
  const lastTwo = load<u16>(frame + 4);
  store<u32>(frame, load<u32>(frame + 6));
  store<u16>(frame + 4, load<u16>(frame + 10));
  store<u32>(frame + 6, firstFour);
  store<u16>(frame + 10, lastTwo);
}
