// Several captures as one stream of packets in the order of time; of equal times the earlier
// capture goes first.

import { frameBehind, readLinkHeader, type LinkHeader } from '../pcap/link-header.ts';
import type { CapturedPacket } from '../pcap/packet.ts';
import { openCapture, type CaptureReader } from '../pcap/reader.ts';
import type { CaptureInput } from './place.ts';

/** A packet and where it comes from; valid until the next one. */
export interface MergedPacket {
  readonly capture: CaptureInput;
  readonly packet: CapturedPacket;
  readonly header: LinkHeader;
  /** The frame as a dataplane takes it. */
  readonly frame: Uint8Array;
  /** Bytes of all captures read so far. */
  readonly bytesRead: number;
}

/** A capture and its next packet, null at the end. */
interface Lane {
  readonly capture: CaptureInput;
  readonly reader: CaptureReader;
  packet: CapturedPacket | null;
}

/** Reads captures side by side; throws InputError where one is damaged. */
export function* mergeCaptures(captures: readonly CaptureInput[]): Generator<MergedPacket> {
  const lanes = captures.map((capture): Lane => {
    const reader = openCapture(capture.open(), capture.file);
    return { capture, reader, packet: reader.next() };
  });
  for (let lane = findFirst(lanes); lane !== null; lane = findFirst(lanes)) {
    const { capture, packet, reader } = lane;
    if (packet === null) return;
    const header = readLinkHeader(packet.linkType, packet.frame);
    const bytesRead = lanes.reduce((sum, { reader: each }) => sum + each.bytesRead(), 0);
    yield { capture, packet, header, frame: frameBehind(header, packet.frame), bytesRead };
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
