// One packet of a vector: what the caller says about it, and what became of it. The caller fills an
// array of these in the area that Layout publishes; `process` writes the second half of each.

import { AddressHigh, AddressLow, Milliseconds, Net16 } from "./alias";

/** What the first byte of a frame is. */
export enum Link {
  /** An Ethernet header, perhaps with VLAN tags. */
  Ethernet,
  /** The IPv4 or IPv6 header itself. */
  Raw,
}

/** Bits of PacketDescriptor.flags. */
export enum PacketFlag {
  /** Each stage writes what it decided to the trace ring. */
  Trace = 1,
}

/** Bits of PacketDescriptor.effects: what happened on the way. */
export enum Effect {
  /** The source address or port was rewritten. */
  SourceTranslated = 1,
  /** The destination address or port was rewritten. */
  DestinationTranslated = 2,
  /** A connection was created. */
  Created = 4,
  /** The packet went in the reply direction of its connection. */
  ReplyDirection = 8,
  /** The packet is an ICMP error about its connection. */
  Related = 16,
  /** Connection tracking calls the packet invalid. */
  Invalid = 32,
}

//   ┌ 0 ─────┬ 8 ──────┬ 12 ─────────┬ 16 ────┬ 20 ──┬ 22 ──┬ 23 ───┬ 24 ─────┬ 25 ────┐
//   │ timeMs │ address │ lengthBytes │ choice │ port │ link │ flags │ verdict │ reason │
//   └────────┴─────────┴─────────────┴────────┴──────┴──────┴───────┴─────────┴────────┘
//   ┌ 26 ─────┬ 28 ────────┬ 32 ────────────┬ 36 ─────┬ 40 ─────┬ 41 ───┬ 44 ──┬ 48 ───┐
//   │ outPort │ outAddress │ outLengthBytes │ service │ effects │ state │ held │ after │
//   └─────────┴────────────┴────────────────┴─────────┴─────────┴───────┴──────┴───────┘
//   ┌ 52 ────┐ 64
//   │ number │
//   └────────┘
/** One packet, 64 bytes. */
@unmanaged @final
export class PacketDescriptor {
  /** When the packet arrived. */
  timeMs: Milliseconds;
  /** In: where the frame's first byte is in memory. */
  address: u32;
  /** In: bytes present. */
  lengthBytes: u32;
  /** In: the Choice to take over, as an address in memory; 0 = choose freely. */
  choice: u32;
  /** In: the port it came in by (key of map `ports`). */
  port: u16;
  /** In: a Link. */
  link: u8;
  /** In: PacketFlag bits. */
  flags: u8;
  /** Out: a Verdict. */
  verdict: u8;
  /** Out: a Reason. */
  reason: u8;
  /** Out: the port it leaves by; 0 unless the verdict is Forward, Local or Reply. */
  outPort: u16;
  /** Out: where the frame that leaves is: the packet's own place, or the answer's. */
  outAddress: u32;
  /** Out: its length; 0 when nothing leaves. */
  outLengthBytes: u32;
  /** Out: the service that decided, or 0 (key of map `services`). */
  service: u32;
  /** Out: Effect bits. */
  effects: u8;
  /** Out: ConnectionState after the packet, valid when a connection is known. */
  state: u8;
  zero0: u16;
  /**
   * Out: the number under which a fragment is held, and comes out later in Layout.released; 0 for
   * all other packets.
   */
  held: u32;
  /** Out, in Layout.released: the packet of the vector behind which it leaves, from 0. */
  after: u32;
  /** In: what the caller calls the packet; it counts for digests only. */
  number: u32;
  zero1: u64;
}

/** Bits of Choice.flags. */
export enum ChoiceFlag {
  /** `endpoint` and `endpointPort` are to be taken if the service offers them. */
  Endpoint = 1,
  /** `sourcePort` is to be taken as masquerade port if it is free. */
  SourcePort = 2,
}

//   ┌ 0 ───────┬ 16 ──────────┬ 18 ────────┬ 20 ───┐ 24
//   │ endpoint │ endpointPort │ sourcePort │ flags │
//   └──────────┴──────────────┴────────────┴───────┘
/**
 * Choices that another node made for a new connection; a choice that is not legal is not taken
 * over.
 */
@unmanaged @final
export class Choice {
  /** Endpoint address. */
  endpointHigh: AddressHigh;
  endpointLow: AddressLow;
  /** Endpoint port. */
  endpointPort: Net16;
  /** Masquerade source port. */
  sourcePort: Net16;
  /** ChoiceFlag bits. */
  flags: u32;
}
