// Connections as the host sees them. How the table keeps them is its own affair
// (conntrack/connection-table.ts).

import { AddressHigh, AddressLow, Count, Milliseconds, Net16 } from "./alias";

/** Protocol state of a connection; TCP's ten follow Linux nf_conntrack_proto_tcp.c. */
export enum ConnectionState {
  /** No state yet. */
  None,
  SynSent,
  SynReceived,
  Established,
  FinWait,
  CloseWait,
  LastAck,
  TimeWait,
  Close,
  /** Both sides sent a SYN (simultaneous open). */
  SynSent2,
  /** Not TCP: no answer seen yet. */
  Unreplied,
  /** Not TCP: answered. */
  Replied,
}

/** Bits of Connection.flags. */
export enum ConnectionFlag {
  /** A packet of the reply direction was seen. */
  SeenReply = 1,
  /** Assured: not given up when the table is full. */
  Assured = 2,
  /** The destination is translated. */
  DestinationTranslated = 4,
  /** The source is translated. */
  SourceTranslated = 8,
  /** It counts in map `loads`. */
  Counted = 16,
  /** It counts there for its client, too. */
  ClientCounted = 32,
}

/** Index into map `timeouts`. */
export enum Timeout {
  TcpNone,
  TcpSynSent,
  TcpSynReceived,
  TcpEstablished,
  TcpFinWait,
  TcpCloseWait,
  TcpLastAck,
  TcpTimeWait,
  TcpClose,
  TcpSynSent2,
  Udp,
  UdpStream,
  Icmp,
  SctpOpening,
  SctpEstablished,
  Other,
  Fragment,
}

//   ┌ 0 ──────┐ 8
//   │ seconds │
//   └─────────┘
/** Value of map `timeouts`. */
@unmanaged @final
export class TimeoutSeconds {
  /** Life of an entry after its last packet. */
  seconds: u32;
  zero0: u32;
}

//   ┌ 0 ──────────┬ 16 ──────────────┬ 32 ─────────────┬ 34 ──────────────────┬ 36 ───┐
//   │ replySource │ replyDestination │ replySourcePort │ replyDestinationPort │ state │
//   └─────────────┴──────────────────┴─────────────────┴──────────────────────┴───────┘
//   ┌ 37 ───┬ 40 ─────────┬ 48 ─────────┬ 56 ─────────────┬ 64 ───────────┬ 72 ──────────┐
//   │ flags │ expiresAtMs │ createdAtMs │ originalPackets │ originalBytes │ replyPackets │
//   └───────┴─────────────┴─────────────┴─────────────────┴───────────────┴──────────────┘
//   ┌ 80 ────────┬ 88 ─────┬ 92 ────────────┬ 96 ──────────┬ 98 ───────┐ 104
//   │ replyBytes │ service │ policyRevision │ originalPort │ replyPort │
//   └────────────┴─────────┴────────────────┴──────────────┴───────────┘
/** Value of map `connections`; its key is the original tuple (FlowKey6). */
@unmanaged @final
export class Connection {
  /** Reply tuple: source. */
  replySourceHigh: AddressHigh;
  replySourceLow: AddressLow;
  /** Reply tuple: destination. */
  replyDestinationHigh: AddressHigh;
  replyDestinationLow: AddressLow;
  replySourcePort: Net16;
  replyDestinationPort: Net16;
  /** A ConnectionState. */
  state: u8;
  /** ConnectionFlag bits. */
  flags: u8;
  zero0: u16;
  /** When the entry is gone unless another packet comes. */
  expiresAtMs: Milliseconds;
  /** When its first packet came. */
  createdAtMs: Milliseconds;
  originalPackets: Count;
  originalBytes: Count;
  replyPackets: Count;
  replyBytes: Count;
  /** Service that translated it, or 0 (key of map `services`). */
  service: u32;
  /** Policy revision under which it was admitted (Config.policyRevision). */
  policyRevision: u32;
  /** Port its original direction leaves by. */
  originalPort: u16;
  /** Port its reply direction leaves by; 0 before the first answer. */
  replyPort: u16;
  zero1: u32;
}
