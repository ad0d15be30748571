// TCP's state table: direction x event x state -> state. Facts: Linux nf_conntrack_proto_tcp.c,
// tcp_conntracks. The node is in the middle: it sees what was sent, not what arrived, and guesses
// the state of the sender. What the table cannot know is in tcp.ts.
//
// Legend
//   No none          nothing was seen yet
//   SS SYN sent      a SYN from the originator
//   SR SYN received  a SYN+ACK
//   ES established   an ACK
//   FW FIN wait      a FIN
//   CW close wait    an ACK after the FIN
//   LA last ACK      a FIN after the FIN
//   TW time wait     the last ACK
//   CL close         a RST
//   S2 SYN sent 2    a SYN from both sides
//   IG ignored       it may be right or wrong: it passes, and the receiver's answer will tell
//   IV invalid       no sender in this state sends it
//   NV never         not looked up: nothing opens with it

import { ConnectionState } from "../abi/connection";
import { FIN, RST, SYN } from "../wire/transport";

/** Beyond the states: the packet passes, the connection stays as it is. */
export const IGNORED: u8 = 0xfe;
/** Beyond the states: the packet does not belong here. */
export const INVALID: u8 = 0xff;

/** What a segment is, by its flags: rows of the table. */
export enum TcpEvent {
  Syn,
  SynAck,
  Fin,
  Ack,
  Rst,
  /** A combination that only scanners send. */
  None,
}

const Sy = <u8>TcpEvent.Syn;
const SA = <u8>TcpEvent.SynAck;
const Fi = <u8>TcpEvent.Fin;
const Ac = <u8>TcpEvent.Ack;
const Rs = <u8>TcpEvent.Rst;
const Xx = <u8>TcpEvent.None;

// PSH, ECE and CWR may always be there. Facts: Linux nf_conntrack_proto_tcp.c, tcp_valid_flags.
// prettier-ignore
const events: usize = memory.data<u8>([
  //           none FIN SYN FIN|SYN  RST, and so on
  /* none */   Xx,  Xx, Sy, Xx,      Rs, Xx, Xx, Xx,
  /* ACK */    Ac,  Fi, SA, Xx,      Rs, Xx, Xx, Xx,
  /* URG */    Xx,  Xx, Sy, Xx,      Xx, Xx, Xx, Xx,
  /* both */   Ac,  Fi, Xx, Xx,      Xx, Xx, Xx, Xx,
]);

const STATES: u32 = 10;
const EVENTS: u32 = 6;

const No = <u8>ConnectionState.None;
const SS = <u8>ConnectionState.SynSent;
const SR = <u8>ConnectionState.SynReceived;
const ES = <u8>ConnectionState.Established;
const FW = <u8>ConnectionState.FinWait;
const CW = <u8>ConnectionState.CloseWait;
const LA = <u8>ConnectionState.LastAck;
const TW = <u8>ConnectionState.TimeWait;
const CL = <u8>ConnectionState.Close;
const S2 = <u8>ConnectionState.SynSent2;
const IG: u8 = IGNORED;
const IV: u8 = INVALID;
const NV: u8 = INVALID;

// prettier-ignore
const table: usize = memory.data<u8>([
  // Original direction.
  //  No  SS  SR  ES  FW  CW  LA  TW  CL  S2
  // SYN
  //   No opens.  SS, S2 repeated.  TW, CL opens anew (RFC 1122, 4.2.2.13).
  //   SR..LA out of place: the receiver resets or challenges it, or the entry is the one in error.
      SS, SS, IG, IG, IG, IG, IG, SS, SS, S2,
  // SYN+ACK
  //   S2, SR answers the other side's SYN in a simultaneous open, and repeats that.
  //   No too late.  SS a client does not answer itself.  ES..CL it has nothing to answer.
      IV, IV, SR, IV, IV, IV, IV, IV, IV, SR,
  // FIN
  //   SR, ES begins to close.  FW, CW the other side closed first, or it is repeated.
  //   LA repeated.  TW, CL too late to matter.  No, SS, S2 not before the handshake is answered.
      IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  // ACK
  //   No picks a connection up in the middle.  SR completes the handshake.  ES data.
  //   FW, CW acknowledges the FIN, or goes on receiving.  LA the last one.  TW, CL repeated.
  //   SS, S2 there is nothing to acknowledge yet.
      ES, IV, ES, ES, CW, CW, TW, TW, CL, IV,
  // RST
  //   No ends nothing.  All others end.
      IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  // None: no TCP sends that.
      IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
  // Reply direction.
  //  No  SS  SR  ES  FW  CW  LA  TW  CL  S2
  // SYN
  //   SS simultaneous open.  S2 repeated.
  //   TW opened anew by the other side.  The rest: a server that has answered sends no SYN.
      NV, S2, IV, IV, IV, IV, IV, SS, IV, S2,
  // SYN+ACK
  //   SS, S2 the answer.  SR, ES repeated.  FW..CL may answer a SYN that was ignored.
      NV, SR, IG, IG, IG, IG, IG, IG, IG, SR,
  // FIN
  //   SR, ES begins to close.  FW, CW the originator closed first, or it is repeated.
  //   LA repeated.  TW, CL too late to matter.  SS, S2 a server answers a SYN first.
      NV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  // ACK
  //   SS, S2 may come from a connection the server still holds: half open, or a challenge.
  //   SR may answer a repeated SYN.  ES data.  FW, CW acknowledges the FIN.  LA the last one.
  //   TW, CL repeated.
      NV, IG, SR, ES, CW, CW, TW, TW, CL, IG,
  // RST
  //   SS, S2 refuses.  All others end.
      NV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  // None: no TCP sends that.
      NV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
]);

/** The state after an event, or IGNORED, or INVALID. */
export function nextTcpState(state: u8, direction: u32, event: u32): u8 {
  return load<u8>(table + (direction * EVENTS + event) * STATES + state);
}

/** Row of the table that a segment's flags lead to. */
export function eventOf(flags: u8): TcpEvent {
  // ACK and URG come down beside the lower three: PSH lies between.
  const number = (flags & (FIN | SYN | RST)) | ((flags >> 1) & 24);
  return <TcpEvent>load<u8>(events + number);
}
