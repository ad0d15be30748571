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
  /** Neither TCP nor SCTP: no answer seen yet. */
  Unreplied,
  /** Neither TCP nor SCTP: answered. */
  Replied,
  /** SCTP, from here on (nf_conntrack_proto_sctp.c): an INIT was sent, or all is over. */
  SctpClosed,
  /** The INIT was answered. */
  SctpCookieWait,
  /** The cookie went back. */
  SctpCookieEchoed,
  /** The cookie was accepted, or a heartbeat answered. */
  SctpEstablished,
  /** The originator begins to end it. */
  SctpShutdownSent,
  /** The other side begins to end it. */
  SctpShutdownReceived,
  /** The end was agreed to. */
  SctpShutdownAckSent,
  /** A heartbeat opened it: a further path of an association that began elsewhere. */
  SctpHeartbeatSent,
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

/** Index into map `timeouts`. TCP's and SCTP's are in the order of their states. */
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
  SctpClosed,
  SctpCookieWait,
  SctpCookieEchoed,
  SctpEstablished,
  SctpShutdownSent,
  SctpShutdownReceived,
  SctpShutdownAckSent,
  SctpHeartbeatSent,
  Other,
  Fragment,
  /** TCP: at most this long after one segment was repeated three times, or the window is shut. */
  TcpRetransmitted,
  /** TCP: at most this long while data is not acknowledged. */
  TcpUnacknowledged,
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
//   ┌ 37 ───┬ 38 ──┬ 40 ─────────┬ 48 ─────────┬ 56 ─────────────┬ 64 ───────────┐
//   │ flags │ last │ expiresAtMs │ createdAtMs │ originalPackets │ originalBytes │
//   └───────┴──────┴─────────────┴─────────────┴─────────────────┴───────────────┘
//   ┌ 72 ──────────┬ 80 ────────┬ 88 ─────┬ 92 ────────────┬ 96 ──────────┬ 98 ───────┐
//   │ replyPackets │ replyBytes │ service │ policyRevision │ originalPort │ replyPort │
//   └──────────────┴────────────┴─────────┴────────────────┴──────────────┴───────────┘
//   ┌ 100 ──────┬ 104 ──────┬ 108 ──────┬ 112 ──────┬ 116 ──────┬ 120 ──────┬ 124 ──────┐
//   │ protocol0 │ protocol1 │ protocol2 │ protocol3 │ protocol4 │ protocol5 │ protocol6 │
//   └───────────┴───────────┴───────────┴───────────┴───────────┴───────────┴───────────┘
//   ┌ 128 ──────┬ 132 ──────┬ 136 ──────┬ 140 ───────┬ 144 ───────┐ 152
//   │ protocol7 │ protocol8 │ protocol9 │ protocol10 │ protocol11 │
//   └───────────┴───────────┴───────────┴────────────┴────────────┘
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
  /** TCP: what the last segment was, as conntrack/tcp-record.ts packs it. */
  last: u16;
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
  /** What its protocol remembers, as conntrack/tcp-record.ts and sctp.ts lay it out. */
  protocol0: u32;
  protocol1: u32;
  protocol2: u32;
  protocol3: u32;
  protocol4: u32;
  protocol5: u32;
  protocol6: u32;
  protocol7: u32;
  protocol8: u32;
  protocol9: u32;
  protocol10: u32;
  protocol11: u32;
  zero0: u32;
}
