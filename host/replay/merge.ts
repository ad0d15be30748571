// Several captures as one stream of packets in the order of time; of equal times the earlier
// capture goes first.

import { frameBehind, readLinkHeader, type LinkHeader } from '../pcap/link-header.ts';
import { viewOf, type Span } from '../net/span.ts';
import type { ReadBlock } from '../pcap/block-reader.ts';
import { PacketInBlock, type CapturedPacket } from '../pcap/packet.ts';
import { openCapture, type CaptureReader } from '../pcap/reader.ts';
import type { CaptureInput } from './place.ts';

/**
 * A packet and where it comes from; as a span the frame as a dataplane takes it. One object is used
 * again and again: valid until the next packet.
 */
export interface MergedPacket extends Span {
  readonly capture: CaptureInput;
  readonly packet: CapturedPacket;
  readonly header: LinkHeader;
  /** A view of the frame. */
  readonly frame: Uint8Array;
}

/** Packets one by one. */
export interface PacketStream<Packet> {
  /** The next one, or null at the end; throws InputError where a capture is damaged. */
  next(): Packet | null;
  /** Bytes of all captures read so far. */
  bytesRead(): number;
}

/** Opens captures side by side, a single one to be read into the block. */
export function openMerge(
  captures: readonly CaptureInput[],
  block?: ReadBlock,
): PacketStream<MergedPacket> {
  const lanes = captures.map((capture) => {
    const { open, file } = capture;
    return new Lane(capture, openCapture(open(), file, captures.length === 1 ? block : undefined));
  });
  let current: Lane | null = null;
  return {
    next() {
      current?.advance();
      current = findFirst(lanes);
      return current;
    },
    bytesRead: () => lanes.reduce((sum, { reader }) => sum + reader.bytesRead(), 0),
  };
}

/** Reads captures side by side; throws InputError where one is damaged. */
export function* mergeCaptures(captures: readonly CaptureInput[]): Generator<MergedPacket> {
  const { next } = openMerge(captures);
  for (let merged = next(); merged !== null; merged = next()) yield merged;
}

/** A capture and its next packet. */
class Lane implements MergedPacket {
  readonly capture: CaptureInput;
  readonly reader: CaptureReader;
  packet: CapturedPacket;
  header: LinkHeader;
  bytes: Uint8Array;
  start = 0;
  lengthBytes = 0;
  isOver = false;

  constructor(capture: CaptureInput, reader: CaptureReader) {
    this.capture = capture;
    this.reader = reader;
    this.packet = new PacketInBlock(new Uint8Array(), 0);
    this.header = readLinkHeader(this.packet);
    this.bytes = this.packet.bytes;
    this.advance();
  }

  get frame(): Uint8Array {
    return viewOf(this);
  }

  advance(): void {
    const packet = this.reader.next();
    if (packet === null) {
      this.isOver = true;
      return;
    }
    this.packet = packet;
    this.header = readLinkHeader(packet);
    const frame = frameBehind(this.header, packet);
    this.bytes = frame.bytes;
    this.start = frame.start;
    this.lengthBytes = frame.lengthBytes;
  }
}

function findFirst(lanes: readonly Lane[]): Lane | null {
  let first: Lane | null = null;
  for (const lane of lanes) {
    if (lane.isOver) continue;
    if (first === null || isBefore(lane.packet, first.packet)) first = lane;
  }
  return first;
}

function isBefore(one: CapturedPacket, other: CapturedPacket): boolean {
  if (one.timeMs !== other.timeMs) return one.timeMs < other.timeMs;
  return one.nanoseconds < other.nanoseconds;
}
