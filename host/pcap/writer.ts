// Writes captures: pcap, or pcapng where one file has to hold several link types. Collects records
// in one buffer and passes it on when it is full.

import { Magic, maximumPacketBytes, type CapturedPacket } from './packet.ts';

/** Takes the next bytes of the file; they are valid during the call only. */
export type ByteSink = (bytes: Uint8Array) => void;

/** A packet to write: its bytes are those of `parts`, one after the other. */
export type WrittenPacket = Pick<
  CapturedPacket,
  'timeMs' | 'nanoseconds' | 'originalLengthBytes' | 'linkType'
>;

export interface CaptureWriter {
  write(packet: WrittenPacket, ...parts: readonly Uint8Array[]): void;
  /** Passes on what is left. */
  finish(): void;
}

export interface PcapWriter extends CaptureWriter {
  /** Writes whole records as they are: in the file's own byte order and unit of time. */
  writeRecords(records: Uint8Array): void;
}

export interface PcapOptions {
  linkType: number;
  hasNanoseconds: boolean;
  littleEndian: boolean;
}

/** Writes pcap. Every packet must have the file's link type. */
export function writePcap(sink: ByteSink, options: PcapOptions): PcapWriter {
  const { linkType, hasNanoseconds, littleEndian } = options;
  const buffer = new RecordBuffer(sink, littleEndian);
  buffer.begin(24);
  buffer.put32(hasNanoseconds ? Magic.Nanoseconds : Magic.Microseconds);
  buffer.put16(2);
  buffer.put16(4);
  buffer.put32(0);
  buffer.put32(0);
  buffer.put32(maximumPacketBytes);
  buffer.put32(linkType);
  const unit = hasNanoseconds ? 1 : 1000;
  return {
    write(packet, ...parts) {
      const length = totalLength(parts);
      buffer.begin(16 + length);
      buffer.put32(Math.floor(packet.timeMs / 1000));
      buffer.put32(Math.floor(((packet.timeMs % 1000) * 1_000_000 + packet.nanoseconds) / unit));
      buffer.put32(length);
      buffer.put32(Math.max(length, packet.originalLengthBytes));
      for (const part of parts) buffer.putBytes(part);
    },
    writeRecords: (records) => buffer.putLong(records),
    finish: () => buffer.flush(),
  };
}

/** Writes pcapng in nanoseconds, with one interface for each link type that comes by. */
export function writePcapng(sink: ByteSink, littleEndian = true): CaptureWriter {
  const buffer = new RecordBuffer(sink, littleEndian);
  const interfaces = new Map<number, number>();
  buffer.begin(28);
  for (const word of [Magic.SectionHeader, 28, Magic.ByteOrder]) buffer.put32(word);
  buffer.put16(1);
  buffer.put16(0);
  for (const word of [0xffffffff, 0xffffffff, 28]) buffer.put32(word);
  return {
    write(packet, ...parts) {
      const index = interfaces.get(packet.linkType) ?? interfaces.size;
      if (index === interfaces.size) {
        interfaces.set(packet.linkType, index);
        putInterface(buffer, packet.linkType);
      }
      putPacket(buffer, index, packet, parts);
    },
    finish: () => buffer.flush(),
  };
}

function putInterface(buffer: RecordBuffer, linkType: number): void {
  const lengthBytes = 32;
  buffer.begin(lengthBytes);
  buffer.put32(1);
  buffer.put32(lengthBytes);
  buffer.put16(linkType);
  buffer.put16(0);
  buffer.put32(maximumPacketBytes);
  buffer.put16(9); // if_tsresol: nanoseconds
  buffer.put16(1);
  buffer.putBytes(Uint8Array.of(9, 0, 0, 0));
  buffer.put32(0); // opt_endofopt
  buffer.put32(lengthBytes);
}

function putPacket(
  buffer: RecordBuffer,
  index: number,
  packet: WrittenPacket,
  parts: readonly Uint8Array[],
): void {
  const length = totalLength(parts);
  const padding = (4 - (length % 4)) % 4;
  const blockBytes = 32 + length + padding;
  // 10^6 nanoseconds a millisecond; the product of both halves stays exact below 2^53.
  const highMs = Math.floor(packet.timeMs / 2 ** 20);
  const lowNs = (packet.timeMs % 2 ** 20) * 1_000_000 + packet.nanoseconds;
  const sum = highMs * 1_000_000;
  const high = Math.floor(sum / 2 ** 12);
  const low = (sum % 2 ** 12) * 2 ** 20 + lowNs;
  buffer.begin(blockBytes);
  for (const word of [6, blockBytes, index]) buffer.put32(word);
  buffer.put32(high + Math.floor(low / 2 ** 32));
  buffer.put32(low % 2 ** 32);
  buffer.put32(length);
  buffer.put32(Math.max(length, packet.originalLengthBytes));
  for (const part of parts) buffer.putBytes(part);
  buffer.putBytes(new Uint8Array(padding));
  buffer.put32(blockBytes);
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** Records on their way to the sink. */
class RecordBuffer {
  private readonly sink: ByteSink;
  private readonly littleEndian: boolean;
  private bytes = new Uint8Array(1 << 16);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  constructor(sink: ByteSink, littleEndian: boolean) {
    this.sink = sink;
    this.littleEndian = littleEndian;
  }

  /** Makes room for a record of so many bytes. */
  begin(lengthBytes: number): void {
    if (this.length + lengthBytes <= this.bytes.length) return;
    this.flush();
    if (lengthBytes <= this.bytes.length) return;
    this.bytes = new Uint8Array(lengthBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  put16(value: number): void {
    this.view.setUint16(this.length, value, this.littleEndian);
    this.length += 2;
  }

  put32(value: number): void {
    this.view.setUint32(this.length, value, this.littleEndian);
    this.length += 4;
  }

  putBytes(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Puts bytes that may be many: those are passed on without a copy. */
  putLong(bytes: Uint8Array): void {
    if (bytes.length < this.bytes.length) {
      this.begin(bytes.length);
      this.putBytes(bytes);
      return;
    }
    this.flush();
    this.sink(bytes);
  }

  flush(): void {
    if (this.length > 0) this.sink(this.bytes.subarray(0, this.length));
    this.length = 0;
  }
}
