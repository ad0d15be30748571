// Destinations that masquerade ran out of ports for: counted by destination, for a port that is
// taken towards one is free towards another.

import { AddressHigh, AddressLow, Count, Milliseconds, Net16 } from "./alias";

//   ┌ 0 ──────────┬ 16 ──┬ 18 ──────┐ 24
//   │ destination │ port │ protocol │
//   └─────────────┴──────┴──────────┘
/** Key of map `exhaustions`. */
@unmanaged @final
export class ExhaustionKey {
  /** Where the connection was to go, after translation. */
  destinationHigh: AddressHigh;
  destinationLow: AddressLow;
  /** Destination port after translation; 0 for protocols without ports. */
  port: Net16;
  /** IP protocol number. */
  protocol: u8;
  zero0: u8;
  zero1: u32;
}

//   ┌ 0 ──────┬ 8 ─────┐ 16
//   │ packets │ lastMs │
//   └─────────┴────────┘
/** Value of map `exhaustions`. */
@unmanaged @final
export class Exhaustion {
  /** Packets that would have opened a connection. */
  packets: Count;
  /** When the last of them came. */
  lastMs: Milliseconds;
}
