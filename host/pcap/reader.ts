// Opens a capture of either format, told apart by its first four bytes. Reads in blocks, so the
// size of the file does not matter; knows nothing of what the packets mean.

import { BlockReader, type ByteSource, type ReadBlock } from './block-reader.ts';
import { Magic, swapBytes, type CapturedPacket } from './packet.ts';
import { badCapture } from './problems.ts';
import { readPcap } from './read-pcap.ts';
import { readPcapng } from './read-pcapng.ts';

/** A capture that is being read. */
export interface CaptureReader {
  readonly format: 'pcap' | 'pcapng';
  /** Whether its times are finer than a microsecond; pcapng is taken to be. */
  readonly hasNanoseconds: boolean;
  /** That of all its packets; null in pcapng, where it may change anywhere. */
  readonly linkType: number | null;
  /** The next packet, or null at the end; throws InputError where the capture is damaged. */
  next(): CapturedPacket | null;
  /** Bytes taken from the source so far. */
  bytesRead(): number;
}

/** A megabyte holds the longest packet several times. */
const blockBytes = 1 << 20;

/**
 * Opens a capture. `file` is its name in errors; `block` is the memory it is read into, which
 * bounds the longest packet. Throws InputError if it is no capture.
 */
export function openCapture(
  source: ByteSource,
  file: string,
  block: ReadBlock = { bytes: new Uint8Array(blockBytes) },
): CaptureReader {
  const blocks = new BlockReader(source, block);
  if (!blocks.has(4)) throw notACapture(file, blocks);
  const first = blocks.view.getUint32(0);
  const bytesRead = (): number => blocks.bytesRead;
  if (first === Magic.SectionHeader) {
    const next = readPcapng(blocks, file);
    return { format: 'pcapng', hasNanoseconds: true, linkType: null, next, bytesRead };
  }
  for (const magic of [Magic.Microseconds, Magic.Nanoseconds]) {
    if (first !== magic && first !== swapBytes(magic)) continue;
    const { linkType, next } = readPcap(blocks, file, { magic, littleEndian: first !== magic });
    const hasNanoseconds = magic === Magic.Nanoseconds;
    return { format: 'pcap', hasNanoseconds, linkType, next, bytesRead };
  }
  throw notACapture(file, blocks);
}

function notACapture(file: string, blocks: BlockReader): Error {
  const expected = 'a pcap or pcapng file, as tcpdump and dumpcap write them';
  if (blocks.available === 0) return badCapture(file, 'the file is empty', expected);
  const start = blocks.block.subarray(0, Math.min(4, blocks.available));
  const hex = Array.from(start, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (hex.startsWith('1f 8b')) {
    return badCapture(file, 'the capture is compressed with gzip', '`gunzip` it first');
  }
  return badCapture(file, `the file is no capture (it starts with ${hex})`, expected);
}
