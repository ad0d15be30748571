// The pcap format: a header of 24 bytes, then packets with a header of 16 bytes each.
// Source: draft-ietf-opsawg-pcap.

import type { BlockReader } from './block-reader.ts';
import { Magic, PacketInBlock, type CapturedPacket } from './packet.ts';
import { badCapture, badPacket, checkLengths, checkLinkType, cutPacket } from './problems.ts';

const headerBytes = 24;
/** Bytes in front of each packet. */
export const recordHeaderBytes = 16;

/**
 * Reads the header, then packets one by one, of a pcap file whose first four bytes are `magic`, in
 * this order.
 */
export function readPcap(
  blocks: BlockReader,
  file: string,
  format: { magic: number; littleEndian: boolean },
): { readonly linkType: number; next(): CapturedPacket | null } {
  const { littleEndian } = format;
  const linkType = readHeader(blocks, file, littleEndian);
  const perMillisecond = format.magic === Magic.Nanoseconds ? 1_000_000 : 1_000;
  const nanosecondsPerUnit = 1_000_000 / perMillisecond;
  const packet = new PacketInBlock(blocks.block, linkType);

  const next = (): CapturedPacket | null => {
    if (!blocks.has(1)) return null;
    const number = packet.number + 1;
    if (!blocks.has(recordHeaderBytes)) {
      throw badPacket(file, number, `the file ends inside the packet's header`);
    }
    const { view, position } = blocks;
    const units = view.getUint32(position + 4, littleEndian);
    const captured = view.getUint32(position + 8, littleEndian);
    const original = view.getUint32(position + 12, littleEndian);
    const limit = blocks.block.length - recordHeaderBytes;
    checkLengths(file, number, { captured, original, limit });
    packet.number = number;
    packet.timeMs =
      view.getUint32(position, littleEndian) * 1000 + Math.floor(units / perMillisecond);
    packet.nanoseconds = (units % perMillisecond) * nanosecondsPerUnit;
    packet.originalLengthBytes = original;
    if (!blocks.has(recordHeaderBytes + captured)) {
      throw cutPacket(file, number, blocks.available - recordHeaderBytes, captured);
    }
    const start = blocks.position + recordHeaderBytes;
    packet.start = start;
    packet.lengthBytes = captured;
    const isUsual = littleEndian && units < 1000 * perMillisecond;
    packet.recordStart = isUsual ? blocks.position : null;
    blocks.position = start + captured;
    return packet;
  };
  return { linkType, next };
}

/** Passes over the header; returns the link type. */
function readHeader(blocks: BlockReader, file: string, littleEndian: boolean): number {
  if (!blocks.has(headerBytes)) {
    const message = `the file ends inside its header (${blocks.available} of ${headerBytes} bytes)`;
    throw badCapture(file, message, 'take the capture again');
  }
  const { view, position } = blocks;
  const major = view.getUint16(position + 4, littleEndian);
  if (major !== 2) {
    throw badCapture(file, `pcap version ${major} is not read`, 'version 2');
  }
  // The upper bits tell of a frame check sequence, which IP's own lengths leave out anyway.
  const linkType = view.getUint32(position + 20, littleEndian) & 0xffff;
  checkLinkType(file, linkType);
  blocks.position += headerBytes;
  return linkType;
}
