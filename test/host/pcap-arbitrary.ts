// Captures as properties make them, and a reader that collects everything. For tests only.

import * as fc from 'fast-check';
import { sourceOf } from '../../host/pcap/block-reader.ts';
import { LinkType, type CapturedPacket } from '../../host/pcap/packet.ts';
import { openCapture } from '../../host/pcap/reader.ts';
import {
  writePcap,
  writePcapng,
  type CaptureWriter,
  type WrittenPacket,
} from '../../host/pcap/writer.ts';

export type Written = WrittenPacket & Pick<CapturedPacket, 'frame'>;

export interface Format {
  name: 'pcap' | 'pcapng';
  littleEndian: boolean;
  hasNanoseconds: boolean;
}

export const formats: fc.Arbitrary<Format> = fc.record({
  name: fc.constantFrom('pcap' as const, 'pcapng' as const),
  littleEndian: fc.boolean(),
  hasNanoseconds: fc.boolean(),
});

export const linkTypes = fc.constantFrom(...Object.values(LinkType));

export function packetsOf(linkType: fc.Arbitrary<number>): fc.Arbitrary<Written[]> {
  const packet = fc.record({
    timeMs: fc.oneof(fc.nat(2 ** 31), fc.integer({ min: 0, max: 4294967295 * 1000 + 999 })),
    nanoseconds: fc.nat(999_999),
    frame: fc.uint8Array({ maxLength: 90 }),
    cutBytes: fc.oneof(fc.constant(0), fc.nat(2000)),
    linkType,
  });
  return fc.array(
    packet.map(({ cutBytes, ...rest }) => ({
      ...rest,
      originalLengthBytes: rest.frame.length + cutBytes,
    })),
    { maxLength: 12 },
  );
}

/** The bytes of a capture file. */
export function encodeCapture(format: Format, linkType: number, packets: Written[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const sink = (bytes: Uint8Array): void => void chunks.push(bytes.slice());
  const writer: CaptureWriter =
    format.name === 'pcap'
      ? writePcap(sink, { ...format, linkType })
      : writePcapng(sink, format.littleEndian);
  for (const packet of packets) {
    // Two parts, as a link header and a packet are written.
    const half = packet.frame.length >> 1;
    writer.write(packet, packet.frame.subarray(0, half), packet.frame.subarray(half));
  }
  writer.finish();
  return concatenate(chunks);
}

/** Packets up to the end or the refusal, copied. */
export function readUntilRefused(
  bytes: Uint8Array,
  block: Uint8Array = new Uint8Array(1 << 16),
): { read: Written[]; error: unknown } {
  const read: Written[] = [];
  try {
    const reader = openCapture(sourceOf(bytes), 'x.pcap', { bytes: block });
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      const { timeMs, nanoseconds, frame, originalLengthBytes, linkType } = packet;
      read.push({ timeMs, nanoseconds, frame: frame.slice(), originalLengthBytes, linkType });
    }
  } catch (error) {
    return { read, error };
  }
  return { read, error: null };
}

/** Every packet of a capture that must not be refused. */
export function readAll(bytes: Uint8Array, block?: Uint8Array): Written[] {
  const { read, error } = readUntilRefused(bytes, block);
  if (error !== null) throw error;
  return read;
}

export function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
