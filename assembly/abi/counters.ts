// What the dataplane counted since it was initialised, and summed up.

import { Count } from "./alias";

//   ┌ 0 ──────┬ 8 ────┬ 16 ─────┬ 24 ───────┬ 32 ───────┬ 40 ──────┬ 48 ────────────────┐
//   │ packets │ bytes │ dropped │ forwarded │ delivered │ answered │ connectionsCreated │
//   └─────────┴───────┴─────────┴───────────┴───────────┴──────────┴────────────────────┘
//   ┌ 56 ────────────────┬ 64 ────────────────┬ 72 ────────────────┬ 80 ─────┐
//   │ connectionsRemoved │ connectionsExpired │ connectionsEvicted │ invalid │
//   └────────────────────┴────────────────────┴────────────────────┴─────────┘
//   ┌ 88 ───────────────┬ 96 ──────────┬ 104 ─┬ 112 ─────────┐ 120
//   │ affinitiesRefused │ loadsRefused │ held │ errorsSpared │
//   └───────────────────┴──────────────┴──────┴──────────────┘
/** Value of map `counters`, key 0. */
@unmanaged @final
export class Counters {
  packets: Count;
  bytes: Count;
  dropped: Count;
  forwarded: Count;
  delivered: Count;
  answered: Count;
  connectionsCreated: Count;
  /** Taken out by the host, or because the same tuple began anew. */
  connectionsRemoved: Count;
  /** Taken out because their time was over. */
  connectionsExpired: Count;
  /** Taken out to make room. */
  connectionsEvicted: Count;
  /** Packets that connection tracking called invalid, whatever became of them. */
  invalid: Count;
  /** Affinity records that found no room; the client is balanced anew each time. */
  affinitiesRefused: Count;
  /** Connections that found no room in map `loads` and are not counted there. */
  loadsRefused: Count;
  /**
   * Fragments held now: packets = dropped + forwarded + delivered + answered + held.
   */
  held: Count;
  /** ICMP errors that were not sent because of Config.errorsPerSecond. */
  errorsSpared: Count;
}

//   ┌ 0 ──────┐ 8
//   │ packets │
//   └─────────┘
/** Value of map `reasons`; the key is a Reason. */
@unmanaged @final
export class ReasonCount {
  packets: Count;
}

//   ┌ 0 ──┬ 4 ───┐ 8
//   │ low │ high │
//   └─────┴──────┘
/** Value of map `digests`; the key is the port that packets left by, 0 for those that did not. */
@unmanaged @final
export class Digest {
  /** Low half of a sum modulo 2^64: of a hash of each packet. */
  low: u32;
  high: u32;
}
