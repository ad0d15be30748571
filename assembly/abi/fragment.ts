// Fragmented datagrams on their way: what a later fragment has to know of the first one.

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
  /** IP protocol number of the datagram. */
  protocol: u8;
  zero0: u8;
  /** Port it came in by: the same datagram is not mixed up between ports. */
  port: u16;
}

//   ┌ 0 ──────────┬ 8 ─────────┬ 10 ─────────────┬ 12 ─────┬ 13 ────┬ 14 ──────┬ 15 ──────┐ 16
//   │ expiresAtMs │ sourcePort │ destinationPort │ verdict │ reason │ icmpType │ icmpCode │
//   └─────────────┴────────────┴─────────────────┴─────────┴────────┴──────────┴──────────┘
/** Value of map `fragments`: the part of the tuple that only the first fragment has. */
@unmanaged @final
export class Fragment {
  /** When the datagram is forgotten. */
  expiresAtMs: Milliseconds;
  /** Ports of the first fragment; ICMP: the identifier, twice. */
  sourcePort: Net16;
  destinationPort: Net16;
  /** Verdict on the first fragment (a Verdict); the rest share it. */
  verdict: u8;
  /** Its Reason. */
  reason: u8;
  icmpType: u8;
  icmpCode: u8;
}
