// The key of one direction of a connection, once for each address width. Keys are whole 8-byte
// words and are hashed and compared as words; unused bytes are zero.

import { AddressHigh, AddressLow, Net16 } from "./alias";

//   ┌ 0 ─────┬ 4 ──────────┬ 8 ─────────┬ 10 ─────────────┬ 12 ──────┬ 13 ──────┬ 14 ──────┐ 16
//   │ source │ destination │ sourcePort │ destinationPort │ protocol │ icmpType │ icmpCode │
//   └────────┴─────────────┴────────────┴─────────────────┴──────────┴──────────┴──────────┘
/** IPv4 tuple, 16 bytes: lives in the connection table only. */
@unmanaged @final
export class FlowKey4 {
  /** Source address as on the wire. */
  source: u32;
  /** Destination address as on the wire. */
  destination: u32;
  /** Source port; ICMP: the identifier. Zero for protocols without ports. */
  sourcePort: Net16;
  /** Destination port; ICMP: the identifier again. Zero for protocols without ports. */
  destinationPort: Net16;
  /** IP protocol number (IANA). */
  protocol: u8;
  /** ICMP: type of the packets of this direction, which tells a request from its answer. */
  icmpType: u8;
  icmpCode: u8;
  zero0: u8;
}

//   ┌ 0 ─────┬ 16 ─────────┬ 32 ────────┬ 34 ─────────────┬ 36 ──────┬ 37 ──────┬ 38 ──────┐ 40
//   │ source │ destination │ sourcePort │ destinationPort │ protocol │ icmpType │ icmpCode │
//   └────────┴─────────────┴────────────┴─────────────────┴──────────┴──────────┴──────────┘
/**
 * Tuple of either family, 40 bytes: IPv6 connections, and what the host sees of every connection.
 */
@unmanaged @final
export class FlowKey6 {
  /** Source address. */
  sourceHigh: AddressHigh;
  sourceLow: AddressLow;
  /** Destination address. */
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  /** Source port; ICMP: the identifier. Zero for protocols without ports. */
  sourcePort: Net16;
  /** Destination port; ICMP: the identifier again. Zero for protocols without ports. */
  destinationPort: Net16;
  /** IP protocol number (IANA). */
  protocol: u8;
  /** ICMP: type of the packets of this direction, which tells a request from its answer. */
  icmpType: u8;
  icmpCode: u8;
  zero0: u8;
}
