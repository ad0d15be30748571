// SCTP's state table: direction x chunk x state -> state. Facts: Linux nf_conntrack_proto_sctp.c,
// sctp_conntracks. The states are those of the connection, not of an end.
//
// Legend
//   No none                CL closed: an INIT, or all is over     CW cookie wait: INIT ACK
//   CE cookie echoed       ES established: COOKIE ACK             SS shutdown sent by originator
//   SR shutdown received   SA shutdown ack sent                   HS heartbeat sent: further path
//   IV invalid                           NV never looked up: nothing opens with it

import { ConnectionState } from "../abi/connection";
import { ChunkType } from "../wire/sctp";
import { INVALID } from "./tcp-state";

const STATES: u32 = 9;
const CHUNKS: u32 = 11;

const CL: u8 = 1;
const CW: u8 = 2;
const CE: u8 = 3;
const ES: u8 = 4;
const SS: u8 = 5;
const SR: u8 = 6;
const SA: u8 = 7;
const HS: u8 = 8;
const IV: u8 = INVALID;
const NV: u8 = INVALID;

// prettier-ignore
const table: usize = memory.data<u8>([
  // Original direction.
  //  No  CL  CW  CE  ES  SS  SR  SA  HS
  // INIT: opens; during a shutdown it starts over; on a further path the association itself.
      CL, CL, CW, CE, ES, CL, CL, SA, CW,
  // INIT ACK: answers nothing in this direction.
      CL, CL, CW, CE, ES, SS, SR, SA, CL,
  // ABORT: ends whatever there is.
      NV, CL, CL, CL, CL, CL, CL, CL, CL,
  // SHUTDOWN: only an established association is shut down.
      CL, CL, CW, CE, SS, SS, SR, SA, CL,
  // SHUTDOWN ACK: answers a shutdown from either side; of nobody's, as well.
      SA, CL, CW, CE, ES, SA, SA, SA, SA,
  // ERROR: changes nothing; a stale cookie is reported by the other side.
      CL, CL, CW, CE, ES, SS, SR, SA, CL,
  // COOKIE ECHO: brings the cookie back.
      CL, CL, CE, CE, ES, SS, SR, SA, CL,
  // COOKIE ACK: comes from the other side.
      NV, CL, CW, CE, ES, SS, SR, SA, CL,
  // SHUTDOWN COMPLETE: ends what was agreed to end.
      NV, CL, CW, CE, ES, SS, SR, CL, CL,
  // HEARTBEAT: opens a further path; changes nothing elsewhere.
      HS, CL, CW, CE, ES, SS, SR, SA, HS,
  // HEARTBEAT ACK: answers nothing in this direction.
      CL, CL, CW, CE, ES, SS, SR, SA, HS,
  // Reply direction. A further path answers with HEARTBEAT ACK and with nothing else.
  //  No  CL  CW  CE  ES  SS  SR  SA  HS
  // INIT: a collision; the originator's counts.
      NV, CL, CW, CE, ES, SS, SR, SA, IV,
  // INIT ACK: answers the INIT.
      NV, CW, CW, CE, ES, SS, SR, SA, IV,
  // ABORT: ends whatever there is.
      NV, CL, CL, CL, CL, CL, CL, CL, IV,
  // SHUTDOWN: the other side shuts down.
      NV, CL, CW, CE, SR, SS, SR, SA, IV,
  // SHUTDOWN ACK: answers a shutdown.
      NV, CL, CW, CE, ES, SA, SA, SA, IV,
  // ERROR: a stale cookie.
      NV, CL, CW, CL, ES, SS, SR, SA, IV,
  // COOKIE ECHO: comes from the originator.
      NV, CL, CW, CE, ES, SS, SR, SA, IV,
  // COOKIE ACK: accepts the cookie.
      NV, CL, CW, ES, ES, SS, SR, SA, IV,
  // SHUTDOWN COMPLETE: ends what was agreed to end.
      NV, CL, CW, CE, ES, SS, SR, CL, IV,
  // HEARTBEAT: probes the path from the other end.
      NV, CL, CW, CE, ES, SS, SR, SA, HS,
  // HEARTBEAT ACK: the further path works.
      NV, CL, CW, CE, ES, SS, SR, SA, ES,
]);

/** The state after a chunk, or INVALID; chunks without a row, such as DATA, change nothing. */
export function nextSctpState(state: u8, direction: u32, type: u8): u8 {
  const row = rowOf(type);
  if (row == CHUNKS) return state;
  const column = state == ConnectionState.None ? 0 : state - ConnectionState.SctpClosed + 1;
  const next = load<u8>(table + (direction * CHUNKS + row) * STATES + column);
  return next == INVALID ? INVALID : <u8>(ConnectionState.SctpClosed + next - 1);
}

function rowOf(type: i32): u32 {
  if (type >= ChunkType.Init && type <= ChunkType.InitAck) return type - ChunkType.Init;
  if (type >= ChunkType.Abort && type <= ChunkType.CookieAck) return type - ChunkType.Abort + 2;
  if (type == ChunkType.ShutdownComplete) return 8;
  if (type == ChunkType.Heartbeat) return 9;
  return type == ChunkType.HeartbeatAck ? 10 : CHUNKS;
}
