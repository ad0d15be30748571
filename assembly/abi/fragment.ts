// Fragmented datagrams on their way: what is there of them, and what became of the first fragment,
// which the later ones follow.

import { AddressHigh, AddressLow, Milliseconds, Net16 } from "./alias";

//   ┌ 0 ─────┬ 16 ─────────┬ 32 ────────────┬ 36 ──────┬ 38 ──┐ 40
//   │ source │ destination │ identification │ protocol │ port │
//   └────────┴─────────────┴────────────────┴──────────┴──────┘
/** Key of map `fragments`. */
@unmanaged @final
export class FragmentKey {
  /** Source address. */
  sourceHigh: AddressHigh;
  sourceLow: AddressLow;
  /** Destination address. */
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  /** Identification as on the wire; IPv4: in the first two bytes. */
  identification: u32;
  /**
   * IPv4: IP protocol number of the datagram. IPv6: 0, since later fragments cannot tell (RFC 8200,
   * section 4.5).
   */
  protocol: u8;
  zero0: u8;
  /** Port it came in by: the same datagram is not mixed up between ports. */
  port: u16;
}

/** Bits of Fragment.flags. */
export enum FragmentFlag {
  /** The first fragment is there, and its fate is decided. */
  Settled = 1,
  /** Fragments are held for it. */
  Awaited = 2,
}

//   ┌ 0 ──────────┬ 8 ─────┬ 24 ─────────┬ 40 ────┬ 44 ─────┬ 48 ────────┬ 50 ─────────────┐
//   │ expiresAtMs │ source │ destination │ serial │ service │ sourcePort │ destinationPort │
//   └─────────────┴────────┴─────────────┴────────┴─────────┴────────────┴─────────────────┘
//   ┌ 52 ─────┬ 54 ─────────┬ 56 ──────┬ 58 ───────┬ 60 ──────┬ 61 ─────┬ 62 ────┬ 63 ─────┐
//   │ outPort │ lengthBytes │ endUnits │ seenUnits │ protocol │ verdict │ reason │ effects │
//   └─────────┴─────────────┴──────────┴───────────┴──────────┴─────────┴────────┴─────────┘
//   ┌ 64 ───┬ 65 ───┬ 66 ──────┬ 67 ──────┐ 72
//   │ state │ flags │ icmpType │ icmpCode │
//   └───────┴───────┴──────────┴──────────┘
/**
 * Value of map `fragments`. From `source` to `destination`, and from `service` on, what follows
 * from the first fragment is valid once it is Settled.
 */
@unmanaged @final
export class Fragment {
  /** When the datagram is forgotten. */
  expiresAtMs: Milliseconds;
  /** Source address, as the first fragment left. */
  sourceHigh: AddressHigh;
  sourceLow: AddressLow;
  /** Destination address, as the first fragment left. */
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  /** Number of the datagram: no other has it. */
  serial: u32;
  /** The service that decided, or 0. */
  service: u32;
  /** Ports of the first fragment, as it came; ICMP: the identifier, twice. */
  sourcePort: Net16;
  destinationPort: Net16;
  /** Port the first one left by. */
  outPort: u16;
  /** Bytes of the whole datagram behind its IP headers; 0 until its last fragment is there. */
  lengthBytes: u16;
  /** Highest end of a fragment so far, in units of 8 bytes. */
  endUnits: u16;
  /** Units of 8 bytes that are there. */
  seenUnits: u16;
  /** IP protocol number behind all extension headers, as the first fragment tells. */
  protocol: u8;
  /** Verdict on the first fragment (a Verdict); the rest share it. */
  verdict: u8;
  /** Its Reason. */
  reason: u8;
  /** Its Effect bits. */
  effects: u8;
  /** Its ConnectionState. */
  state: u8;
  /** FragmentFlag bits. */
  flags: u8;
  icmpType: u8;
  icmpCode: u8;
  zero0: u32;
}
