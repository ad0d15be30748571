// IPv4 header, RFC 791, section 3.1.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+-------------------------------+
//   |Version|  IHL  |Type of Service|          Total Length         |
//   +-------+-------+---------------+-----+-------------------------+
//   |         Identification        |Flags|     Fragment Offset     |
//   +---------------+---------------+-----+-------------------------+
//   |  Time to Live |    Protocol   |        Header Checksum        |
//   +---------------+---------------+-------------------------------+
//   |                         Source Address                        |
//   +---------------------------------------------------------------+
//   |                      Destination Address                      |
//   +---------------------------------------------------------------+

import { Net16 } from "../abi/alias";
import { swap16 } from "./byte-order";

/** Bytes of a header without options. */
export const IPV4_BYTES: u32 = 20;
/** Where the header checksum is. */
/** Where the source address is, with the destination behind it. */
export const IPV4_SOURCE: usize = 12;
export const IPV4_CHECKSUM: usize = 10;

const OFFSET_BITS: u16 = 0x1fff;
const MORE_FRAGMENTS: u16 = 0x2000;
const DONT_FRAGMENT: u16 = 0x4000;
/** Version 4, five words. */
const PLAIN: u8 = 0x45;
/** MORE_FRAGMENTS and OFFSET_BITS, as they read from memory. */
const FRAGMENT_BITS: u16 = 0xff3f;

/** The header in place. */
@unmanaged
@final
export class Ipv4 {
  versionAndLength: u8;
  typeOfService: u8;
  totalLengthBytes: Net16;
  identification: Net16;
  flagsAndOffset: Net16;
  timeToLive: u8;
  protocol: u8;
  checksum: Net16;
  /** Wire order, as are all addresses. */
  source: u32;
  destination: u32;

  /** Without options, and not a fragment. */
  get isPlain(): bool {
    return this.versionAndLength == PLAIN && (this.flagsAndOffset & FRAGMENT_BITS) == 0;
  }

  get version(): u32 {
    return this.versionAndLength >> 4;
  }

  get headerBytes(): u32 {
    return (<u32>(this.versionAndLength & 15)) << 2;
  }

  get totalBytes(): u32 {
    return swap16(this.totalLengthBytes);
  }

  /** Where this fragment belongs in its datagram, in bytes. */
  get fragmentOffset(): u32 {
    return (<u32>(swap16(this.flagsAndOffset) & OFFSET_BITS)) << 3;
  }

  get hasMoreFragments(): bool {
    return (swap16(this.flagsAndOffset) & MORE_FRAGMENTS) != 0;
  }

  /** False for what must arrive as it is, or not at all. */
  get mayBeCut(): bool {
    return (swap16(this.flagsAndOffset) & DONT_FRAGMENT) == 0;
  }
}
