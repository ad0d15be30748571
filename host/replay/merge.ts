// Several captures as one stream of packets in the order of time; of equal times the earlier
// capture goes first.

import { frameBehind, readLinkHeader, type LinkHeader } from '../pcap/link-header.ts';
import { viewOf, type Span } from '../net/span.ts';
import type { ReadBlock } from '../pcap/block-reader.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import { openCapture, type CaptureReader } from '../pcap/reader.ts';
import type { CaptureInput } from './place.ts';

/**
 * A packet and where it comes from; as a span the frame as a dataplane takes it. Valid until the
 * next packet.
 */
export interface MergedPacket extends Span {
  readonly capture: CaptureInput;
  readonly packet: CapturedPacket;
  readonly header: LinkHeader;
  /** A view of the frame. */
  readonly frame: Uint8Array;
  /** Bytes of all captures read so far. */
  readonly bytesRead: number;
}

class PacketOfLane implements MergedPacket {
  readonly capture: CaptureInput;
  readonly packet: CapturedPacket;
  readonly header: LinkHeader;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly lengthBytes: number;
  private readonly lanes: readonly Lane[];

  constructor(lanes: readonly Lane[], capture: CaptureInput, packet: CapturedPacket) {
    this.lanes = lanes;
    this.capture = capture;
    this.packet = packet;
    this.header = readLinkHeader(packet);
    const frame = frameBehind(this.header, packet);
    this.bytes = frame.bytes;
    this.start = frame.start;
    this.lengthBytes = frame.lengthBytes;
  }

  get frame(): Uint8Array {
    return viewOf(this);
  }

  get bytesRead(): number {
    return this.lanes.reduce((sum, { reader }) => sum + reader.bytesRead(), 0);
  }
}

/** A capture and its next packet, null at the end. */
interface Lane {
  readonly capture: CaptureInput;
  readonly reader: CaptureReader;
  packet: CapturedPacket | null;
}

/**
 * Reads captures side by side, a single one into the block; throws InputError where one is damaged.
 */
export function* mergeCaptures(
  captures: readonly CaptureInput[],
  block?: ReadBlock,
): Generator<MergedPacket> {
  const lanes = captures.map((capture): Lane => {
    const reader = openCapture(
      capture.open(),
      capture.file,
      captures.length === 1 ? block : undefined,
    );
    return { capture, reader, packet: reader.next() };
  });
  for (let lane = findFirst(lanes); lane !== null; lane = findFirst(lanes)) {
    const { capture, packet, reader } = lane;
    if (packet === null) return;
    yield new PacketOfLane(lanes, capture, packet);
    lane.packet = reader.next();
  }
}

function findFirst(lanes: readonly Lane[]): Lane | null {
  let first: Lane | null = null;
  for (const lane of lanes) {
    if (lane.packet === null) continue;
    if (first === null || first.packet === null || isBefore(lane.packet, first.packet)) {
      first = lane;
    }
  }
  return first;
}

function isBefore(one: CapturedPacket, other: CapturedPacket): boolean {
  if (one.timeMs !== other.timeMs) return one.timeMs < other.timeMs;
  return one.nanoseconds < other.nanoseconds;
}
