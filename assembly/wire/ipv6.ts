// IPv6 header, RFC 8200, section 3, and its extension headers, section 4.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+---------------+---------------------------------------+
//   |Version| Traffic Class |              Flow Label               |
//   +-------+---------------+-------+---------------+---------------+
//   |         Payload Length        |  Next Header  |   Hop Limit   |
//   +-------------------------------+---------------+---------------+
//   |                  Source Address (16 bytes)                    |
//   +---------------------------------------------------------------+
//   |                Destination Address (16 bytes)                 |
//   +---------------------------------------------------------------+

import { AddressHigh, AddressLow, Net16 } from "../abi/alias";
import { swap16 } from "./byte-order";

/** Bytes of the fixed header. */
export const IPV6_BYTES: u32 = 40;
/** Where the source address is. */
export const IPV6_SOURCE: usize = 8;
/** Extension headers followed before a packet is refused. */
export const IPV6_EXTENSIONS_MAX: u32 = 8;
/** Bytes of a fragment header. */
export const FRAGMENT_HEADER_BYTES: u32 = 8;

/** Next-header numbers of extension headers (IANA). */
export const HOP_BY_HOP: u8 = 0;
export const ROUTING: u8 = 43;
export const FRAGMENT_HEADER: u8 = 44;
export const AUTHENTICATION: u8 = 51;
export const DESTINATION_OPTIONS: u8 = 60;
/** Nothing follows (section 4.7); elsewhere it is a protocol like any other. */
export const NO_NEXT_HEADER: u8 = 59;

/** The fixed header in place; addresses are in wire order. */
@unmanaged
@final
export class Ipv6 {
  versionClassLabel: u32;
  payloadLengthBytes: Net16;
  nextHeader: u8;
  hopLimit: u8;
  sourceHigh: AddressHigh;
  sourceLow: AddressLow;
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;

  get version(): u32 {
    return (this.versionClassLabel >> 4) & 15;
  }

  get payloadBytes(): u32 {
    return swap16(this.payloadLengthBytes);
  }
}

/** RFC 8200, section 4.5: next header, reserved, offset and flags, identification. */
@unmanaged
@final
export class FragmentHeader {
  nextHeader: u8;
  reserved: u8;
  offsetAndFlags: Net16;
  identification: u32;

  /** In bytes. */
  get offset(): u32 {
    return swap16(this.offsetAndFlags) & 0xfff8;
  }

  get hasMoreFragments(): bool {
    return (swap16(this.offsetAndFlags) & 1) != 0;
  }
}

/** True for headers that the chain goes on behind. */
export function isExtension(nextHeader: u8): bool {
  return (
    nextHeader == HOP_BY_HOP ||
    nextHeader == ROUTING ||
    nextHeader == FRAGMENT_HEADER ||
    nextHeader == AUTHENTICATION ||
    nextHeader == DESTINATION_OPTIONS
  );
}

/** Bytes of the extension header at `at`; its first two bytes must be there. */
export function extensionBytes(nextHeader: u8, at: usize): u32 {
  if (nextHeader == FRAGMENT_HEADER) return FRAGMENT_HEADER_BYTES;
  const units = <u32>load<u8>(at, 1);
  // RFC 4302, section 2.2: the authentication header alone counts in 4-byte words.
  return nextHeader == AUTHENTICATION ? (units + 2) << 2 : (units + 1) << 3;
}
