// What Linux makes of an SCTP packet: its chunks one after the other, each with its own rule about
// the verification tag and its own effect on the state. Source: Linux 6.x
// nf_conntrack_proto_sctp.c; RFC 9260, sections 8.4 and 8.5.

import { SctpChunk as Type, type PacketFields } from '../../host/net/packet.ts';
import type { Direction } from './tcp-states.ts';

export type SctpState =
  | 'sctp-closed'
  | 'sctp-cookie-wait'
  | 'sctp-cookie-echoed'
  | 'sctp-established'
  | 'sctp-shutdown-sent'
  | 'sctp-shutdown-received'
  | 'sctp-shutdown-ack-sent'
  | 'sctp-heartbeat-sent';

export interface SctpMemory {
  /** The tag that packets of a direction carry; 0 if it is not known. */
  tags: Record<Direction, number>;
  /** Who has sent an INIT that no COOKIE ACK has settled. */
  sentInit: Record<Direction, boolean>;
  /** The direction of a heartbeat whose tag was unknown. */
  oddHeartbeat: Direction | null;
}

export interface SctpConnection {
  /** Null: it is just being opened. */
  state: SctpState | null;
  isAssured: boolean;
  sctp: SctpMemory;
}

interface Chunk {
  readonly type: number;
  readonly flags: number;
  /** INIT and INIT ACK: the tag that its sender asks for; null if it is cut off. */
  readonly initiateTag: number | null;
}

const opposite = (direction: Direction) => (direction === 'original' ? 'reply' : 'original');

/** The chunks of a packet; null if there are none, or they may not come together. */
function chunksOf({ payload = new Uint8Array(0) }: PacketFields): Chunk[] | null {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const chunks: Chunk[] = [];
  for (let at = 0; at + 4 <= payload.length;) {
    const length = view.getUint16(at + 2);
    if (length === 0) return null;
    const isWhole = at + 20 <= payload.length;
    const initiateTag = isWhole ? view.getUint32(at + 4) : null;
    chunks.push({ type: payload[at]!, flags: payload[at + 1]!, initiateTag });
    at += Math.ceil(length / 4) * 4;
  }
  const alone: readonly number[] = [Type.Init, Type.InitAck, Type.ShutdownComplete];
  const first: readonly number[] = [Type.CookieEcho, Type.CookieAck];
  const isMixed = chunks.length > 1 && chunks.some(({ type }) => alone.includes(type));
  const isLate = chunks.some(({ type }, position) => position > 0 && first.includes(type));
  return chunks.length === 0 || isMixed || isLate ? null : chunks;
}

/** The connection that a packet opens, null if it cannot. */
export function openSctp(packet: PacketFields): SctpConnection | null {
  const chunks = chunksOf(packet);
  if (chunks === null) return null;
  const { verificationTag: tag = 0 } = packet;
  const tags = { original: 0, reply: 0 };
  for (const { type, initiateTag } of chunks) {
    const blue: readonly number[] = [Type.Abort, Type.ShutdownComplete, Type.CookieAck];
    if (!isKnown(type) || blue.includes(type)) return null;
    if (type === Type.Init) {
      if (tag !== 0 || initiateTag === null) return null;
      tags.reply = initiateTag;
    } else if (type === Type.Heartbeat) {
      tags.original = tag;
    } else if (type === Type.ShutdownAck) {
      tags.reply = tag;
    }
  }
  const sctp: SctpMemory = {
    tags,
    sentInit: { original: false, reply: false },
    oddHeartbeat: null,
  };
  const connection: SctpConnection = { state: null, isAssured: false, sctp };
  return followSctp(connection, 'original', packet) === 'invalid' ? null : connection;
}

/** What a packet does to a connection; changes it up to the chunk that is wrong, if one is. */
export function followSctp(
  connection: SctpConnection,
  direction: Direction,
  packet: PacketFields,
): 'valid' | 'ignored' | 'invalid' {
  const chunks = chunksOf(packet);
  if (chunks === null) return 'invalid';
  const { sctp } = connection;
  const { verificationTag: tag = 0 } = packet;
  const hasOwnRule = chunks.some(({ type }) => ruled.includes(type));
  if (!hasOwnRule && tag !== sctp.tags[direction]) return 'invalid';
  const hasData = chunks.some(({ type }) => type === Type.Data);
  let isIgnored = false;
  for (const chunk of chunks) {
    const fit = holdTag(sctp, direction, chunk, tag);
    if (fit === 'wrong') return 'invalid';
    if (fit === 'odd') {
      if (hasData || isIgnored) return 'invalid';
      if (chunk.type === Type.Heartbeat) {
        sctp.oddHeartbeat = direction;
        isIgnored = true;
        continue;
      }
      if (sctp.oddHeartbeat !== opposite(direction)) return 'invalid';
      sctp.oddHeartbeat = null;
      sctp.tags = { original: 0, reply: 0, [direction]: tag };
    }
    const before = connection.state;
    if (!followChunk(connection, direction, chunk)) return 'invalid';
    const isStill = before === 'sctp-closed' && connection.state === 'sctp-closed';
    if (chunk.type === Type.Init && isStill) isIgnored = true;
  }
  return isIgnored ? 'ignored' : 'valid';
}

/** Types that say something about the tag themselves; of the others the tag must be right. */
const ruled: readonly number[] = [
  Type.Init,
  Type.Heartbeat,
  Type.HeartbeatAck,
  Type.Abort,
  Type.ShutdownAck,
  Type.CookieEcho,
  Type.ShutdownComplete,
];

function holdTag(
  sctp: SctpMemory,
  direction: Direction,
  { type, flags }: Chunk,
  tag: number,
): 'right' | 'wrong' | 'odd' {
  const own = sctp.tags[direction];
  const rightIf = (isRight: boolean) => (isRight ? 'right' : 'wrong');
  switch (type) {
    case Type.Init:
      return rightIf(tag === 0);
    case Type.Abort:
    case Type.ShutdownComplete:
      return rightIf(tag === (flags & 1 ? sctp.tags[opposite(direction)] : own));
    case Type.CookieEcho:
      return rightIf(tag === own);
    case Type.CookieAck:
      sctp.sentInit = { original: false, reply: false };
      return 'right';
    case Type.Heartbeat:
    case Type.HeartbeatAck:
      if (own !== 0 && tag !== own) return 'odd';
      if (own === 0) sctp.tags[direction] = tag;
      else sctp.oddHeartbeat = null;
      return 'right';
    default:
      return 'right';
  }
}

function followChunk(connection: SctpConnection, direction: Direction, chunk: Chunk): boolean {
  const { sctp, state } = connection;
  const { type, initiateTag } = chunk;
  const next = stateAfter(state, direction, type);
  if (next === null) return false;
  if (type === Type.Init || type === Type.InitAck) {
    if (initiateTag === null) return false;
    const other = opposite(direction);
    const known = sctp.tags[other];
    if (type === Type.Init && (state === null || known !== initiateTag)) {
      if (sctp.sentInit[direction]) sctp.sentInit[other] = false;
      sctp.sentInit[direction] = true;
    }
    if (type === Type.InitAck && known !== initiateTag) {
      const isUnasked = !sctp.sentInit[other] && known !== 0;
      const isCollision = sctp.sentInit.original && sctp.sentInit.reply;
      if (isUnasked || isCollision) return false;
    }
    sctp.tags[other] = initiateTag;
  }
  connection.state = next;
  if (state !== next && next === 'sctp-established') connection.isAssured = true;
  return true;
}

function isKnown(type: number): boolean {
  return type !== Type.Data && (Object.values(Type) as number[]).includes(type);
}

/** The state after a chunk, null if it is invalid; the chunks of data leave it as it is. */
function stateAfter(state: SctpState | null, direction: Direction, type: number): SctpState | null {
  if (state === null) return firstState(type);
  if (!isKnown(type)) return state;
  if (state === 'sctp-heartbeat-sent') return secondPath(direction, type);
  return direction === 'original' ? fromOriginator(state, type) : fromReplier(state, type);
}

function firstState(type: number): SctpState | null {
  if (type === Type.ShutdownAck) return 'sctp-shutdown-ack-sent';
  return type === Type.Heartbeat ? 'sctp-heartbeat-sent' : 'sctp-closed';
}

/** A path that was opened by a heartbeat. */
function secondPath(direction: Direction, type: number): SctpState | null {
  if (direction === 'reply') {
    if (type === Type.HeartbeatAck) return 'sctp-established';
    return type === Type.Heartbeat ? 'sctp-heartbeat-sent' : null;
  }
  if (type === Type.Init) return 'sctp-cookie-wait';
  if (type === Type.ShutdownAck) return 'sctp-shutdown-ack-sent';
  const isBeat = type === Type.Heartbeat || type === Type.HeartbeatAck;
  return isBeat ? 'sctp-heartbeat-sent' : 'sctp-closed';
}

/** What either side may do. */
function fromEitherSide(state: SctpState, type: number): SctpState {
  const isShuttingDown = state === 'sctp-shutdown-sent' || state === 'sctp-shutdown-received';
  if (type === Type.Abort) return 'sctp-closed';
  if (type === Type.ShutdownAck && isShuttingDown) return 'sctp-shutdown-ack-sent';
  const isAgreed = state === 'sctp-shutdown-ack-sent';
  return type === Type.ShutdownComplete && isAgreed ? 'sctp-closed' : state;
}

function fromOriginator(state: SctpState, type: number): SctpState {
  const isShuttingDown = state === 'sctp-shutdown-sent' || state === 'sctp-shutdown-received';
  if (type === Type.Init && isShuttingDown) return 'sctp-closed';
  if (type === Type.CookieEcho && state === 'sctp-cookie-wait') return 'sctp-cookie-echoed';
  if (type === Type.Shutdown && state === 'sctp-established') return 'sctp-shutdown-sent';
  return fromEitherSide(state, type);
}

function fromReplier(state: SctpState, type: number): SctpState {
  if (type === Type.InitAck && state === 'sctp-closed') return 'sctp-cookie-wait';
  if (type === Type.CookieAck && state === 'sctp-cookie-echoed') return 'sctp-established';
  if (type === Type.Error && state === 'sctp-cookie-echoed') return 'sctp-closed';
  if (type === Type.Shutdown && state === 'sctp-established') return 'sctp-shutdown-received';
  return fromEitherSide(state, type);
}
