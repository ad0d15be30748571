// A packet's effect on its SCTP association: which chunks may come together, whose verification tag
// it has to carry, and the state table, chunk by chunk. Facts: Linux nf_conntrack_proto_sctp.c,
// nf_conntrack_sctp_packet; RFC 9260, sections 8.4 and 8.5.

import { ConnectionFlag, ConnectionState } from "../abi/connection";
import { Packet } from "../packet/packet";
import {
  CHUNK_BYTES,
  Chunk,
  ChunkType,
  INIT_BYTES,
  REFLECTED_TAG,
  behindChunk,
} from "../wire/sctp";
import { SCTP_BYTES, Transport } from "../wire/transport";
import { Record } from "./connection-table";
import { Progress } from "./progress";
import { nextSctpState } from "./sctp-state";
import { protocolOf } from "./tcp-record";
import { INVALID } from "./tcp-state";

const TAG_BYTES: usize = 4;
const OPENED: usize = offsetof<SctpRecord>("originalOpened");

/** The record's bytes for its protocol. */
@unmanaged
@final
export class SctpRecord {
  /** Verification tag of each direction's packets, as on the wire; 0 = not known yet. */
  originalTag: u32;
  replyTag: u32;
  /** Each direction has sent an INIT since the last COOKIE ACK. */
  originalOpened: bool;
  replyOpened: bool;
  /** A heartbeat had a wrong tag, and was let pass: its answer may prove it right. */
  isHeartbeatOdd: bool;
  /** The direction of that heartbeat. */
  oddDirection: u8;
}

/** Chunk types whose tag is looked at one by one, or not at all. */
const OWN_TAG_RULE: u32 =
  (1 << ChunkType.Init) |
  (1 << ChunkType.ShutdownComplete) |
  (1 << ChunkType.CookieEcho) |
  (1 << ChunkType.Abort) |
  (1 << ChunkType.ShutdownAck) |
  (1 << ChunkType.Heartbeat) |
  (1 << ChunkType.HeartbeatAck);
/** Chunk types that open nothing (RFC 9260, 8.4). */
const OUT_OF_THE_BLUE: u32 =
  (1 << ChunkType.Abort) | (1 << ChunkType.ShutdownComplete) | (1 << ChunkType.CookieAck);

/** Whether a packet that is let pass keeps its connection alive. */
let isRenewing = true;

/** Fills the record of a connection that this packet opens; false if it cannot. */
export function openSctp(record: Record, packet: Packet): bool {
  const types = chunkTypes(packet);
  if (types == 0 || (types & OUT_OF_THE_BLUE) != 0) return false;
  record.state = <u8>ConnectionState.None;
  const tag = changetype<Transport>(packet.transport).sctpTag;
  for (let at = firstChunk(packet); isChunk(packet, at); at = behindChunk(at)) {
    if (!noteFirstTag(record, changetype<Chunk>(at).type, tag)) return false;
  }
  return advanceChunks(record, 0, packet, types) != Progress.Invalid;
}

/** Moves a connection on by a packet that travels in a direction. */
export function advanceSctp(record: Record, direction: u32, packet: Packet): Progress {
  const types = chunkTypes(packet);
  return types == 0 ? Progress.Invalid : advanceChunks(record, direction, packet, types);
}

/**
 * Learns the tag from a chunk of the first packet, whatever comes before it; false if it cannot be
 * there.
 */
function noteFirstTag(record: Record, type: u8, tag: u32): bool {
  if (nextSctpState(<u8>ConnectionState.None, 0, type) == ConnectionState.None) return false;
  if (type == ChunkType.Heartbeat) setTag(record, 0, tag);
  // Of nobody's shutdown: it is answered with its own tag (RFC 9260, 8.4, rule 5).
  else if (type == ChunkType.ShutdownAck) setTag(record, 1, tag);
  return true;
}

function advanceChunks(record: Record, direction: u32, packet: Packet, types: u32): Progress {
  const tag = changetype<Transport>(packet.transport).sctpTag;
  if ((types & OWN_TAG_RULE) == 0 && tag != tagOf(record, direction)) return Progress.Invalid;
  const hasData = (types & (1 << ChunkType.Data)) != 0;
  isRenewing = true;
  for (let at = firstChunk(packet); isChunk(packet, at); at = behindChunk(at)) {
    const fit = holdTag(record, direction, changetype<Chunk>(at), tag);
    if (fit == Progress.Invalid) return fit;
    if (fit == Progress.Ignored) {
      const type = changetype<Chunk>(at).type;
      if (hasData || !isRenewing) return Progress.Invalid;
      if (!isOddHeartbeat(record, direction, type, tag)) return Progress.Invalid;
      isRenewing = type == ChunkType.HeartbeatAck;
    }
    if (!advanceChunk(record, direction, packet, at)) return Progress.Invalid;
  }
  return isRenewing ? Progress.Valid : Progress.Ignored;
}

/** Holds the tag against a chunk's own rule: valid, invalid, or ignored for a heartbeat's. */
function holdTag(record: Record, direction: u32, chunk: Chunk, tag: u32): Progress {
  const own = tagOf(record, direction);
  switch (chunk.type) {
    case <u8>ChunkType.Init:
      return tag == 0 ? Progress.Valid : Progress.Invalid;
    case <u8>ChunkType.Abort:
    case <u8>ChunkType.ShutdownComplete: {
      const isReflected = (chunk.flags & REFLECTED_TAG) != 0;
      const expected = isReflected ? tagOf(record, direction ^ 1) : own;
      return tag == expected ? Progress.Valid : Progress.Invalid;
    }
    case <u8>ChunkType.CookieEcho:
      return tag == own ? Progress.Valid : Progress.Invalid;
    case <u8>ChunkType.CookieAck:
      setOpened(record, direction, false);
      setOpened(record, direction ^ 1, false);
      return Progress.Valid;
    case <u8>ChunkType.Heartbeat:
    case <u8>ChunkType.HeartbeatAck:
      if (own != 0 && tag != own) return Progress.Ignored;
      if (own == 0) setTag(record, direction, tag);
      else sctpOf(record).isHeartbeatOdd = false;
      return Progress.Valid;
    default:
      return Progress.Valid;
  }
}

/**
 * A heartbeat whose tag is not the known one: the association may have begun anew on another path.
 * The answer proves it, and then its tag is the right one.
 */
function isOddHeartbeat(record: Record, direction: u32, type: u8, tag: u32): bool {
  const own = sctpOf(record);
  if (type == ChunkType.Heartbeat) {
    own.isHeartbeatOdd = true;
    own.oddDirection = <u8>direction;
    return true;
  }
  if (!own.isHeartbeatOdd || own.oddDirection == direction) return false;
  own.isHeartbeatOdd = false;
  setTag(record, direction, tag);
  setTag(record, direction ^ 1, 0);
  return true;
}

/** Enters the state that a chunk leads to; false if it leads nowhere. */
function advanceChunk(record: Record, direction: u32, packet: Packet, at: usize): bool {
  const chunk = changetype<Chunk>(at);
  const before = record.state;
  const next = nextSctpState(before, direction, chunk.type);
  if (next == INVALID) return false;
  const isInit = chunk.type == ChunkType.Init;
  if (isInit || chunk.type == ChunkType.InitAck) {
    if (!isInitWhole(packet, at)) return false;
    if (isInit) noteInit(record, direction, chunk.initiateTag);
    else if (!isInitAnswer(record, direction, chunk.initiateTag)) return false;
    setTag(record, direction ^ 1, chunk.initiateTag);
    // An INIT that is sent again and again does not keep its entry.
    const closed = <u8>ConnectionState.SctpClosed;
    if (isInit && before == closed && next == closed) isRenewing = false;
  }
  record.state = next;
  if (before != next && next == ConnectionState.SctpEstablished) {
    record.flags |= <u8>ConnectionFlag.Assured;
  }
  return true;
}

/** Notes who sent an INIT; one that says nothing new, late or repeated, is not noted. */
function noteInit(record: Record, direction: u32, tag: u32): void {
  const isNew = record.state == ConnectionState.None || tagOf(record, direction ^ 1) != tag;
  if (!isNew) return;
  if (isOpened(record, direction)) setOpened(record, direction ^ 1, false);
  setOpened(record, direction, true);
}

/** An INIT ACK must fit the tag that is known, unless an INIT of the other side asked for it. */
function isInitAnswer(record: Record, direction: u32, tag: u32): bool {
  const known = tagOf(record, direction ^ 1);
  if (known == tag) return true;
  if (!isOpened(record, direction ^ 1)) return known == 0;
  return !isOpened(record, direction);
}

/** The types of all chunks as bits; 0 if they may not come together, or there is none. */
function chunkTypes(packet: Packet): u32 {
  let types: u32 = 0;
  let isAlone = false;
  let count: u32 = 0;
  for (let at = firstChunk(packet); isChunk(packet, at); at = behindChunk(at)) {
    const type = changetype<Chunk>(at).type;
    isAlone =
      isAlone ||
      type == ChunkType.Init ||
      type == ChunkType.InitAck ||
      type == ChunkType.ShutdownComplete;
    const isFirst = isAlone || type == ChunkType.CookieEcho || type == ChunkType.CookieAck;
    if ((isFirst && count != 0) || changetype<Chunk>(at).bytes == 0) return 0;
    // Types beyond 31 have no rule; bit 31 stands for all of them.
    types |= (<u32>1) << min(<u32>type, 31);
    count++;
  }
  return types;
}

function firstChunk(packet: Packet): usize {
  return packet.transport + SCTP_BYTES;
}

function isChunk(packet: Packet, at: usize): bool {
  return at + CHUNK_BYTES <= packet.transport + packet.transportBytes;
}

function isInitWhole(packet: Packet, at: usize): bool {
  return at + CHUNK_BYTES + INIT_BYTES <= packet.transport + packet.transportBytes;
}

function sctpOf(record: Record): SctpRecord {
  return changetype<SctpRecord>(protocolOf(record));
}

function tagOf(record: Record, direction: u32): u32 {
  return load<u32>(protocolOf(record) + <usize>direction * TAG_BYTES);
}

function setTag(record: Record, direction: u32, tag: u32): void {
  store<u32>(protocolOf(record) + <usize>direction * TAG_BYTES, tag);
}

function isOpened(record: Record, direction: u32): bool {
  return load<bool>(protocolOf(record) + direction, OPENED);
}

function setOpened(record: Record, direction: u32, value: bool): void {
  store<bool>(protocolOf(record) + direction, value, OPENED);
}
