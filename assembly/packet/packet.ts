// The one packet that is being worked on, and the packet it quotes if it is an ICMP error. `parse`
// fills it, the stages read it, `rewrite` keeps it in step with the bytes. Ports and addresses are
// in wire order.

import { AddressHigh, AddressLow, Milliseconds, Net16 } from "../abi/alias";
import { clearWords } from "../table/words";
import { IcmpKind } from "../wire/icmp";

/** What the parser found. */
@unmanaged
@final
export class Packet {
  timeMs: Milliseconds;
  sourceHigh: AddressHigh;
  sourceLow: AddressLow;
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  /** Ports; ICMP requests and answers: the identifier, twice; otherwise 0. */
  sourcePort: Net16;
  destinationPort: Net16;
  /** First byte of the frame. */
  frame: usize;
  /** First byte of the IP header. */
  network: usize;
  /** Bytes of the IP packet, padding of the frame not counted. */
  networkBytes: u32;
  /** First byte behind the IP headers; 0 in a later fragment. */
  transport: usize;
  /** Bytes from there to the end of the packet. */
  transportBytes: u32;
  /** Port it came in by. */
  port: u16;
  /** 4, 6, or 0 for a frame that is not IP (ARP). */
  family: u8;
  /** IP protocol number behind all extension headers. */
  protocol: u8;
  tcpFlags: u8;
  /** An IcmpKind, of ICMP and ICMPv6 only. */
  icmpKind: u8;
  icmpType: u8;
  icmpCode: u8;
  /** One piece of a larger datagram. */
  isFragment: bool;
  hasMoreFragments: bool;
  /** The IPv4 header has options, or there is an IPv6 hop-by-hop header. */
  hasOptions: bool;
  /** Where in its datagram the fragment belongs, in bytes. */
  fragmentOffset: u32;
  /** Identification of the datagram, wire order; IPv4 in the first two bytes. */
  identification: u32;
  /** Bytes of the datagram that the fragment holds. */
  fragmentBytes: u32;

  /** A fragment that does not hold the transport header. */
  get isLaterFragment(): bool {
    return this.fragmentOffset != 0;
  }

  get isIcmpError(): bool {
    return this.icmpKind == IcmpKind.Error;
  }
}

if (offsetof<Packet>() % 8 != 0) ERROR("a Packet is cleared by whole words");

/** The packet being worked on. */
export const current = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** What it quotes; valid when it is an ICMP error. */
export const quoted = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** Forgets what was found before. */
export function clearPacket(packet: Packet): void {
  clearWords(changetype<usize>(packet), offsetof<Packet>());
}
