// SCTP packets of one chunk, and arbitrary ones of several. Source: RFC 9260, section 3.

import * as fc from 'fast-check';
import { Ip } from '../../host/net/packet-layout.ts';
import { SctpChunk, type PacketFields } from '../../host/net/packet.ts';

/** What every end wants to be called by. */
export const usualTag = 1;

/** What a well-behaved end sends back for a chunk. */
const reactions: Readonly<Record<number, number>> = {
  [SctpChunk.Init]: SctpChunk.InitAck,
  [SctpChunk.InitAck]: SctpChunk.CookieEcho,
  [SctpChunk.CookieEcho]: SctpChunk.CookieAck,
  [SctpChunk.CookieAck]: SctpChunk.Data,
  [SctpChunk.Data]: SctpChunk.Shutdown,
  [SctpChunk.Shutdown]: SctpChunk.ShutdownAck,
  [SctpChunk.ShutdownAck]: SctpChunk.ShutdownComplete,
  [SctpChunk.Heartbeat]: SctpChunk.HeartbeatAck,
};

/** The bytes of a chunk: 20, of which INIT and INIT ACK begin with the tag. */
export function chunkBytes(type: number, { flags = 0, tag = usualTag } = {}): Uint8Array {
  const chunk = new DataView(new ArrayBuffer(20));
  chunk.setUint8(0, type);
  chunk.setUint8(1, flags);
  chunk.setUint16(2, chunk.byteLength);
  chunk.setUint32(4, tag);
  return new Uint8Array(chunk.buffer);
}

/** A packet of one chunk between ends that both are called by the usual tag. */
export function association(type: number) {
  const verificationTag = type === SctpChunk.Init ? 0 : usualTag;
  return { protocol: Ip.Sctp, verificationTag, payload: chunkBytes(type) };
}

/** The type of chunk that answers a packet. */
export function reaction({ payload }: PacketFields): number {
  return reactions[payload?.[0] ?? SctpChunk.Abort] ?? SctpChunk.Abort;
}

/** A packet of one to three chunks, with tags that are right as often as not. */
export function sctpFields(): fc.Arbitrary<Pick<PacketFields, 'verificationTag' | 'payload'>> {
  const tag = fc.constantFrom(0, 1, 2);
  const chunk = fc
    .record({
      type: fc.constantFrom(...Object.values(SctpChunk), 3),
      flags: fc.nat({ max: 1 }),
      tag,
    })
    .map(({ type, ...rest }) => chunkBytes(type, rest));
  const chunks = fc.oneof(
    { weight: 8, arbitrary: chunk.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(chunk, { maxLength: 3 }) },
    { weight: 1, arbitrary: chunk.map((one) => [one.subarray(0, 6)]) },
  );
  return fc.record({
    verificationTag: tag,
    payload: chunks.map((parts) => Uint8Array.from(parts.flatMap((part) => [...part]))),
  });
}
