// SCTP chunks in place (RFC 9260, section 3.2). Behind the common header a packet is a row of
// chunks, each padded to four bytes.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------+---------------+-------------------------------+
//   |     Type      |     Flags     |            Length             |
//   +---------------+---------------+-------------------------------+
//   |        Value; of INIT and INIT ACK it begins with the tag     |
//   +---------------------------------------------------------------+

import { swap16 } from "./byte-order";

export const CHUNK_BYTES: usize = 4;
/** Of INIT and INIT ACK: tag, window, streams out, streams in, first number. */
export const INIT_BYTES: usize = 16;

/** Chunk types (IANA). */
export enum ChunkType {
  Data = 0,
  Init = 1,
  InitAck = 2,
  Heartbeat = 4,
  HeartbeatAck = 5,
  Abort = 6,
  Shutdown = 7,
  ShutdownAck = 8,
  Error = 9,
  CookieEcho = 10,
  CookieAck = 11,
  ShutdownComplete = 14,
}

/** Of ABORT and SHUTDOWN COMPLETE: the tag is the receiver's own (the T bit). */
export const REFLECTED_TAG: u8 = 1;

/** A chunk in place. */
@unmanaged
@final
export class Chunk {
  type: u8;
  flags: u8;
  lengthField: u16;

  /** Bytes of the chunk without padding; 0 is a lie. */
  get bytes(): u32 {
    return swap16(this.lengthField);
  }

  /** Of INIT and INIT ACK: the tag that its sender wants to be called by, as on the wire. */
  get initiateTag(): u32 {
    return load<u32>(changetype<usize>(this), CHUNK_BYTES);
  }
}

/** Where the next chunk begins. */
export function behindChunk(at: usize): usize {
  return at + ((<usize>changetype<Chunk>(at).bytes + 3) & ~(<usize>3));
}
