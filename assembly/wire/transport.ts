// What TCP (RFC 9293), UDP (RFC 768), SCTP (RFC 9260) and their like begin with, and where their
// checksums are.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source Port          |       Destination Port        |  all
//   +-------------------------------+-------------------------------+
//   |            Length             |           Checksum            |  UDP
//   +-------------------------------+-------------------------------+
//   |      Sequence Number (TCP), Verification Tag (SCTP)           |
//   +---------------------------------------------------------------+
//   |      Acknowledgement Number (TCP), CRC32c (SCTP)              |
//   +-------+-------+---------------+-------------------------------+
//   | Offset|       |     Flags     |            Window             |  TCP
//   +-------+-------+---------------+-------------------------------+
//   |           Checksum            |        Urgent Pointer         |  TCP
//   +-------------------------------+-------------------------------+

import { Net16 } from "../abi/alias";
import { swap16, swap32 } from "./byte-order";

/** IP protocol numbers (IANA). */
export const ICMP: u8 = 1;
export const TCP: u8 = 6;
export const UDP: u8 = 17;
export const ICMPV6: u8 = 58;
export const SCTP: u8 = 132;

export const TCP_BYTES: u32 = 20;
export const UDP_BYTES: u32 = 8;
export const SCTP_BYTES: u32 = 12;
/** Of any of them, what an ICMP error must quote at least (RFC 792). */
export const QUOTED_BYTES: u32 = 8;

export const TCP_CHECKSUM: usize = 16;
export const UDP_CHECKSUM: usize = 6;

/** TCP flags. */
export const FIN: u8 = 1;
export const SYN: u8 = 2;
export const RST: u8 = 4;
export const ACK: u8 = 16;

/** Ports, and the fields that only one protocol has. */
@unmanaged
@final
export class Transport {
  sourcePort: Net16;
  destinationPort: Net16;
  /** UDP: length. */
  udpLengthBytes: Net16;
  udpChecksum: Net16;

  get udpBytes(): u32 {
    return swap16(this.udpLengthBytes);
  }

  /** Bytes of the TCP header. */
  get tcpHeaderBytes(): u32 {
    return (<u32>(load<u8>(changetype<usize>(this), 12) >> 4)) << 2;
  }

  get hasTcpOptions(): bool {
    return this.tcpHeaderBytes > TCP_BYTES;
  }

  get tcpFlags(): u8 {
    return load<u8>(changetype<usize>(this), 13);
  }

  get tcpSequence(): u32 {
    return swap32(load<u32>(changetype<usize>(this), 4));
  }

  get tcpAcknowledgement(): u32 {
    return swap32(load<u32>(changetype<usize>(this), 8));
  }

  get tcpWindow(): u16 {
    return swap16(load<u16>(changetype<usize>(this), 14));
  }

  /** SCTP: the verification tag, as on the wire. */
  get sctpTag(): u32 {
    return load<u32>(changetype<usize>(this), 4);
  }
}

/** True for protocols whose first four bytes are ports. */
export function hasPorts(protocol: u8): bool {
  return protocol == TCP || protocol == UDP || protocol == SCTP;
}
