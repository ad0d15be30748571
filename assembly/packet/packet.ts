// The packets of a vector, and what an ICMP error among them quotes. `parse` fills one, the stages
// read it, `rewrite` keeps it in step with the bytes. Ports and addresses are in wire order.

import { AddressHigh, AddressLow, Milliseconds, Net16 } from "../abi/alias";
import { allocate } from "../table/arena";
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
  /** The Reason for which the parser refuses it, or 0. */
  refused: u8;
  /** Only what `glance` reads was looked at. */
  isGlanced: bool;
  zero0: u16;
  zero1: u32;

  // What was found out ahead of its turn: see conntrack/lookahead.ts. The parser leaves it alone.
  /** The half of a connection that it seems to belong to, or 0. */
  half: u32;
  /** Hash of its tuple, or 0. */
  hash: u64;
  /** Its tuple, in its family's width. */
  tuple0: u64;
  tuple1: u64;
  tuple2: u64;
  tuple3: u64;
  tuple4: u64;

  /** A fragment that does not hold the transport header. */
  get isLaterFragment(): bool {
    return this.fragmentOffset != 0;
  }

  get isIcmpError(): bool {
    return this.icmpKind == IcmpKind.Error;
  }
}

/** What the parser finds comes first. */
const PARSED_BYTES: usize = offsetof<Packet>("half");

if (PARSED_BYTES % 8 != 0) ERROR("a Packet is cleared by whole words");

/** A packet that is not of the vector: one that was held, or is made up. */
export const single = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** What the packet that has its turn quotes; valid when it is an ICMP error. */
export const quoted = changetype<Packet>(memory.data(offsetof<Packet>(), 8));

/** Address of its tuple. */
export function tupleOf(packet: Packet): usize {
  return changetype<usize>(packet) + offsetof<Packet>("tuple0");
}

let packets: usize = 0;

/** Makes room for the packets of a vector. */
export function openPackets(vectorPackets: u32): void {
  packets = allocate(<u64>vectorPackets * offsetof<Packet>());
}

/** Packet `number` of the vector. */
export function packetAt(number: u32): Packet {
  return changetype<Packet>(packets + <usize>number * offsetof<Packet>());
}

/** Forgets what was found out ahead of its turn. */
export function forgetLookAhead(packet: Packet): void {
  packet.half = 0;
  packet.hash = 0;
}

/** Forgets what the parser found before. */
export function clearPacket(packet: Packet): void {
  clearWords(changetype<usize>(packet), PARSED_BYTES);
}
