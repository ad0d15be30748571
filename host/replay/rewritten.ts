// The rewritten capture: what leaves the dataplane, with the times of what came in and the
// capture's own headers kept as they came. Dropped packets are left out.

import { Verdict } from '../abi/abi.gen.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import { packetBehind } from '../pcap/link-header.ts';
import { recordHeaderBytes } from '../pcap/read-pcap.ts';
import { openCapture } from '../pcap/reader.ts';
import { writePcap, writePcapng } from '../pcap/writer.ts';
import type { ByteSink, CaptureWriter, PcapWriter } from '../pcap/writer.ts';
import { leavingBytes, leavingFrame, leaves, type FedPacket } from './fed-packet.ts';
import type { CaptureInput } from './place.ts';

/**
 * Begins a rewritten capture: pcap like the inputs, or pcapng if they hold several link types. A
 * single one's records are written from where they lie, as long as one follows the other.
 */
export class RewrittenCapture {
  private readonly writer: CaptureWriter | PcapWriter;
  /** Records that lie one behind the other in packet memory, and are still to be written. */
  private memory: Uint8Array = new Uint8Array();
  private runStart = 0;
  private runEnd = 0;

  constructor(captures: readonly CaptureInput[], sink: ByteSink) {
    this.writer = chooseWriter(captures, sink);
  }

  /** Writes what became of a packet. */
  write(fed: FedPacket, outcome: RawOutcome): void {
    if (!leaves(outcome.verdict)) return;
    if (isRecordKept(fed, outcome)) this.extendRun(fed.recordStart!, outcome);
    else {
      this.writeRun();
      writeOutcome(this.writer, fed, outcome);
    }
  }

  /** Writes what is still in packet memory, which is about to be used again. */
  writeRun(): void {
    if (this.runEnd > this.runStart && 'writeRecords' in this.writer) {
      this.writer.writeRecords(this.memory.subarray(this.runStart, this.runEnd));
    }
    this.runStart = this.runEnd = 0;
  }

  finish(): void {
    this.writeRun();
    this.writer.finish();
  }

  private extendRun(recordStart: number, { bytes, start, lengthBytes }: RawOutcome): void {
    if (recordStart !== this.runEnd) {
      this.writeRun();
      this.memory = bytes;
      this.runStart = recordStart;
    }
    this.runEnd = start + lengthBytes;
  }
}

/** Whether the packet leaves from its place in its record, with the header that stands there. */
function isRecordKept(fed: FedPacket, outcome: RawOutcome): boolean {
  const { recordStart, headerBytes, capturedBytes } = fed;
  if (recordStart === null) return false;
  const packetStart = recordStart + recordHeaderBytes + headerBytes.length;
  return outcome.start === packetStart && leavingBytes(fed, outcome) === capturedBytes;
}

/**
 * The link types of the captures: a pcapng file is read to its end, since it may name another one
 * anywhere.
 */
function chooseWriter(
  captures: readonly CaptureInput[],
  sink: ByteSink,
): CaptureWriter | PcapWriter {
  const linkTypes = new Set<number>();
  let hasNanoseconds = false;
  for (const capture of captures) {
    const reader = openCapture(capture.open(), capture.file);
    hasNanoseconds ||= reader.hasNanoseconds;
    for (let packet = reader.next(); packet !== null; packet = reader.next()) {
      linkTypes.add(packet.linkType);
      if (reader.linkType !== null) break;
    }
  }
  const [linkType = 1, ...others] = linkTypes;
  if (others.length > 0) return writePcapng(sink);
  return writePcap(sink, { linkType, hasNanoseconds, littleEndian: true });
}

function writeOutcome(writer: CaptureWriter, fed: FedPacket, outcome: RawOutcome): void {
  const packet = packetBehind(fed.header, leavingFrame(fed, outcome));
  const isAnswer = outcome.verdict === Verdict.Reply;
  const originalLengthBytes = isAnswer
    ? fed.headerBytes.length + packet.length
    : fed.originalLengthBytes;
  writer.write({ ...fed, originalLengthBytes }, fed.headerBytes, packet);
}
