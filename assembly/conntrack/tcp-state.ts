// TCP's state table: direction x event x state -> state. Facts: Linux nf_conntrack_proto_tcp.c.
//
// Legend
//   No none | SS SYN sent | SR SYN received | ES established | FW FIN wait | CW close wait
//   LA last ACK | TW time wait | CL close | S2 SYN sent by both
//   IG ignored: the packet passes, nothing changes | IV invalid

import { ConnectionState } from "../abi/connection";
import { ACK, FIN, RST, SYN } from "../wire/transport";

/** Beyond the states: the packet passes, the connection stays as it is. */
export const IGNORED: u8 = 0xfe;
/** Beyond the states: the packet does not belong here. */
export const INVALID: u8 = 0xff;

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

// prettier-ignore
const table: usize = memory.data<u8>([
  // Original direction.
  //  No  SS  SR  ES  FW  CW  LA  TW  CL  S2
  // SYN: opens; opens again after the end (TW, CL); repeated in SS and S2; out of place otherwise,
  // and left to the peer.
      SS, SS, IG, IG, IG, IG, IG, SS, SS, S2,
  // SYN+ACK: only the answer to a simultaneous open (SR, S2).
      IV, IV, SR, IV, IV, IV, IV, IV, IV, SR,
  // FIN: first one waits for the other side (FW), a second one closes (LA); too early before the
  // handshake is answered.
      IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  // ACK: picks a connection up in the middle (No); completes the handshake (SR); acknowledges FINs
  // (CW, TW).
      ES, IV, ES, ES, CW, CW, TW, TW, CL, IV,
  // RST: ends whatever there is.
      IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  // None of these flags: never sent by a sane peer.
      IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
  // Reply direction.
  //  No  SS  SR  ES  FW  CW  LA  TW  CL  S2
  // SYN: simultaneous open (SS); reopened from the other side (TW).
      IV, S2, IV, IV, IV, IV, IV, SS, IV, S2,
  // SYN+ACK: the answer (SS, S2); repeated afterwards.
      IV, SR, IG, IG, IG, IG, IG, IG, IG, SR,
  // FIN: as in the original direction.
      IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  // ACK: not before the handshake is answered (SS, S2), but harmless there.
      IV, IG, SR, ES, CW, CW, TW, TW, CL, IG,
  // RST: refuses or ends.
      IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  // None of these flags.
      IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
]);

/** The state after a segment with these flags, or IGNORED, or INVALID. */
export function nextTcpState(state: u8, direction: u32, flags: u8): u8 {
  return load<u8>(table + (direction * EVENTS + eventOf(flags)) * STATES + state);
}

/** Row of the table; RST outweighs SYN, SYN outweighs FIN. */
function eventOf(flags: u8): u32 {
  if (flags & RST) return 4;
  if (flags & SYN) return flags & ACK ? 1 : 0;
  if (flags & FIN) return 2;
  return flags & ACK ? 3 : 5;
}
