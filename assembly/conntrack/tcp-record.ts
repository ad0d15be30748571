// What a record remembers of a TCP connection: of each side what it has sent and what it may send,
// and of the connection its last segment. All of it is in the first line of the record. Names in
// brackets are those of Linux (struct ip_ct_tcp).
//
//   the record's 48 bytes for its protocol
//   ┌ 0 ───────────────┬ 18 ────────┬ 20 ───────────┬ 38 ────────┬ 40 ─────┬ 44 ─────┐ 48
//   │ original's side  │ lastLength │ reply's side  │ lastWindow │ lastEnd │ lastAck │
//   └──────────────────┴────────────┴───────────────┴────────────┴─────────┴─────────┘
//   Record.last: event (3 bits), direction (1), scale of an ignored SYN (4), LastFlag bits (4),
//   how often the last ACK was repeated (2)

import { Record } from "./connection-table";

const SIDE_BYTES: usize = 20;
const LAST_LENGTH: usize = 18;
const LAST_WINDOW: usize = 38;
const LAST_END: usize = 40;
const LAST_ACK: usize = 44;
/** Of Record.last what outlives the segment: the scale and the LastFlag bits. */
const SYN_BITS: u32 = 0x0ff0;

/** Bits of Side.flags. */
export enum SideFlag {
  /** Its SYN had a window scale. */
  WindowScale = 1,
  /** Its SYN permitted selective acknowledgements. */
  SackPermitted = 2,
  /** Its FIN was the first. */
  CloseInit = 4,
  /** Its window is not held against it: the middle or the end of something was not seen. */
  BeLiberal = 8,
  /** Not all that it has sent is acknowledged. */
  Unacknowledged = 16,
  /** `maxAck` is valid. */
  HasMaxAck = 32,
}

/** One end of a connection as a sender. */
@unmanaged
@final
export class Side {
  /** Behind the last byte it has sent (td_end). */
  end: u32;
  /** Where it must not send beyond: what the receiver's window allows (td_maxend). */
  maxEnd: u32;
  /** The largest window it has offered; 0 = it has sent nothing yet (td_maxwin). */
  maxWindow: u32;
  /** The highest number it has acknowledged (td_maxack). */
  maxAck: u32;
  /** Bits that its windows are shifted by (td_scale). */
  scale: u8;
  /** SideFlag bits. */
  flags: u8;
}

/** Bits of what is remembered of the last segment. */
export enum LastFlag {
  /** The ignored SYN had a window scale. */
  WindowScale = 1,
  /** The ignored SYN permitted selective acknowledgements. */
  SackPermitted = 2,
  /** An ACK may be the answer to a SYN that was ignored, not to a FIN (RFC 5961). */
  ExpectChallenge = 4,
  /** Both sides sent a SYN. */
  SimultaneousOpen = 8,
}

/** The side that sends in a direction. */
export function sideOf(record: Record, direction: u32): Side {
  return changetype<Side>(protocolOf(record) + <usize>direction * SIDE_BYTES);
}

/** Where a record's 48 bytes for its protocol are. */
export function protocolOf(record: Record): usize {
  return changetype<usize>(record) + offsetof<Record>("protocol0");
}

/** The last segment that was noted: numbers of a Record, field by field. */
@unmanaged
@final
export class Last {
  get length(): u16 {
    return load<u16>(this.at, LAST_LENGTH);
  }

  set length(value: u16) {
    store<u16>(this.at, value, LAST_LENGTH);
  }

  get window(): u16 {
    return load<u16>(this.at, LAST_WINDOW);
  }

  set window(value: u16) {
    store<u16>(this.at, value, LAST_WINDOW);
  }

  /** Behind its last byte. */
  get end(): u32 {
    return load<u32>(this.at, LAST_END);
  }

  set end(value: u32) {
    store<u32>(this.at, value, LAST_END);
  }

  get acknowledgement(): u32 {
    return load<u32>(this.at, LAST_ACK);
  }

  set acknowledgement(value: u32) {
    store<u32>(this.at, value, LAST_ACK);
  }

  /** A TcpEvent. */
  get event(): u32 {
    return this.bits & 7;
  }

  get direction(): u32 {
    return (this.bits >> 3) & 1;
  }

  get scale(): u8 {
    return <u8>((this.bits >> 4) & 15);
  }

  set scale(value: u8) {
    this.bits = (this.bits & ~((<u32>15) << 4)) | ((<u32>value) << 4);
  }

  /** LastFlag bits. */
  get flags(): u8 {
    return <u8>((this.bits >> 8) & 15);
  }

  set flags(value: u8) {
    this.bits = (this.bits & ~((<u32>15) << 8)) | ((<u32>value) << 8);
  }

  /** How often the last ACK came again, 3 for three times and more. */
  get repeats(): u32 {
    return (this.bits >> 12) & 3;
  }

  set repeats(value: u32) {
    this.bits = (this.bits & ~((<u32>3) << 12)) | (value << 12);
  }

  /** Notes which segment it was. */
  note(event: u32, direction: u32): void {
    this.bits = (this.bits & ~(<u32>15)) | event | (direction << 3);
  }

  /** Notes one that is no repetition. */
  noteNew(event: u32, direction: u32): void {
    this.bits = (this.bits & SYN_BITS) | event | (direction << 3);
  }

  private get at(): usize {
    return changetype<usize>(this);
  }

  private get bits(): u32 {
    return load<u16>(this.at - offsetof<Record>("protocol0") + offsetof<Record>("last"));
  }

  private set bits(value: u32) {
    store<u16>(this.at - offsetof<Record>("protocol0") + offsetof<Record>("last"), <u16>value);
  }
}

/** The last segment of a connection. */
export function lastOf(record: Record): Last {
  return changetype<Last>(protocolOf(record));
}
