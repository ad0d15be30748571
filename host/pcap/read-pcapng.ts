// The pcapng format: blocks, of which those that describe interfaces and hold packets are read and
// the others passed over. Source: draft-ietf-opsawg-pcapng.

import type { BlockReader } from './block-reader.ts';
import { Magic, PacketInBlock, swapBytes, type CapturedPacket } from './packet.ts';
import { badCapture, badPacket, checkLengths, checkLinkType, cutPacket } from './problems.ts';
import { readTimestamps, setTime, type Timestamps } from './timestamp.ts';

const BlockType = { Interface: 1, ObsoletePacket: 2, SimplePacket: 3, EnhancedPacket: 6 } as const;
/** Bytes before the packet's own: block header, interface, time, two lengths. */
const packetHeaderBytes = 28;
const simplePacketHeaderBytes = 12;

interface Interface {
  linkType: number;
  /** 0: none. */
  snapLengthBytes: number;
  timestamps: Timestamps;
}

/** What is known in the middle of a file. */
interface Section {
  readonly blocks: BlockReader;
  readonly file: string;
  readonly packet: PacketInBlock;
  littleEndian: boolean;
  interfaces: Interface[];
  /** Length of the block that is not yet passed over, and how much of it is read. */
  blockBytes: number;
  readBytes: number;
}

/** Reads packets one by one from a pcapng file; nothing of it is read yet. */
export function readPcapng(blocks: BlockReader, file: string): () => CapturedPacket | null {
  const packet = new PacketInBlock(blocks.block, 0);
  const start = { littleEndian: false, interfaces: [], blockBytes: 0, readBytes: 0 };
  const section: Section = { blocks, file, packet, ...start };
  return () => {
    for (;;) {
      finishBlock(section);
      if (!blocks.has(1)) return null;
      const type = startBlock(section);
      if (type === BlockType.Interface) section.interfaces.push(readInterface(section));
      else if (type === BlockType.EnhancedPacket || type === BlockType.ObsoletePacket) {
        return readPacket(section, type);
      } else if (type === BlockType.SimplePacket) return readSimplePacket(section);
    }
  };
}

/** Reads type and length of the next block; a section header begins anew. */
function startBlock(section: Section): number {
  const { blocks } = section;
  needBytes(section, 12);
  const isSection = blocks.view.getUint32(blocks.position) === Magic.SectionHeader;
  if (isSection) {
    const order = blocks.view.getUint32(blocks.position + 8);
    if (order !== Magic.ByteOrder && swapBytes(order) !== Magic.ByteOrder) {
      throw damagedBlock(section, 'a section header without byte order');
    }
    section.littleEndian = order !== Magic.ByteOrder;
    section.interfaces = [];
  }
  const type = blocks.view.getUint32(blocks.position, section.littleEndian);
  section.blockBytes = blocks.view.getUint32(blocks.position + 4, section.littleEndian);
  section.readBytes = 0;
  const least = isSection ? 28 : 12;
  if (section.blockBytes < least || section.blockBytes % 4 !== 0) {
    throw damagedBlock(section, `a block of ${section.blockBytes} bytes`);
  }
  return type;
}

/** Passes over the rest of the last block and checks the length that it repeats at its end. */
function finishBlock(section: Section): void {
  const { blocks, blockBytes } = section;
  if (blockBytes === 0) return;
  if (!blocks.skip(blockBytes - section.readBytes - 4)) throw cutBlock(section);
  needBytes(section, 4);
  const repeated = blocks.view.getUint32(blocks.position, section.littleEndian);
  if (repeated !== blockBytes) {
    throw damagedBlock(section, `a block that says ${blockBytes} bytes first, then ${repeated}`);
  }
  blocks.position += 4;
  section.blockBytes = 0;
}

function readInterface(section: Section): Interface {
  const { blocks, littleEndian, blockBytes } = section;
  if (blockBytes < 20) throw damagedBlock(section, `an interface in ${blockBytes} bytes`);
  needBytes(section, blockBytes - 4);
  const { view, position } = blocks;
  const options = new DataView(view.buffer, view.byteOffset + position + 16, blockBytes - 20);
  return {
    linkType: view.getUint16(position + 8, littleEndian),
    snapLengthBytes: view.getUint32(position + 12, littleEndian),
    timestamps: readTimestamps(options, littleEndian),
  };
}

function readPacket(section: Section, type: number): CapturedPacket {
  const { blocks, littleEndian, packet } = section;
  needBytes(section, packetHeaderBytes);
  const { view, position } = blocks;
  const isObsolete = type === BlockType.ObsoletePacket;
  const index = isObsolete
    ? view.getUint16(position + 8, littleEndian)
    : view.getUint32(position + 8, littleEndian);
  const { timestamps } = findInterface(section, index);
  const high = view.getUint32(position + 12, littleEndian);
  const low = view.getUint32(position + 16, littleEndian);
  setTime(packet, timestamps, { high, low });
  return takePacket(section, {
    index,
    headerBytes: packetHeaderBytes,
    captured: view.getUint32(position + 20, littleEndian),
    original: view.getUint32(position + 24, littleEndian),
  });
}

/** A simple packet has no time of its own: it keeps the time of the packet before. */
function readSimplePacket(section: Section): CapturedPacket {
  const { blocks, littleEndian } = section;
  const original = blocks.view.getUint32(blocks.position + 8, littleEndian);
  const { snapLengthBytes } = findInterface(section, 0);
  const captured = snapLengthBytes === 0 ? original : Math.min(original, snapLengthBytes);
  return takePacket(section, {
    index: 0,
    headerBytes: simplePacketHeaderBytes,
    captured,
    original,
  });
}

function takePacket(
  section: Section,
  place: { index: number; headerBytes: number; captured: number; original: number },
): CapturedPacket {
  const { blocks, file, packet, blockBytes } = section;
  const { captured, original, headerBytes } = place;
  const number = packet.number + 1;
  checkLengths(file, number, { captured, original, limit: blocks.block.length - headerBytes });
  if (captured > blockBytes - headerBytes - 4) {
    const message = `captured length ${captured} is more than its block of ${blockBytes} holds`;
    throw badPacket(file, number, message);
  }
  if (!blocks.has(headerBytes + captured)) {
    throw cutPacket(file, number, Math.max(0, blocks.available - headerBytes), captured);
  }
  const start = blocks.position + headerBytes;
  packet.number = number;
  packet.start = start;
  packet.lengthBytes = captured;
  packet.originalLengthBytes = original;
  packet.interfaceIndex = place.index;
  packet.linkType = findInterface(section, place.index).linkType;
  checkLinkType(file, packet.linkType, `packet ${number}`);
  blocks.position = start + captured;
  section.readBytes = headerBytes + captured;
  return packet;
}

function findInterface(section: Section, index: number): Interface {
  const found = section.interfaces[index];
  if (found !== undefined) return found;
  const message = `interface ${index} is not described before it`;
  throw badPacket(section.file, section.packet.number + 1, message);
}

function needBytes(section: Section, lengthBytes: number): void {
  if (section.blocks.has(lengthBytes)) return;
  if (lengthBytes > section.blocks.block.length) {
    throw damagedBlock(section, `an interface in ${section.blockBytes} bytes`);
  }
  throw cutBlock(section);
}

function cutBlock(section: Section): Error {
  const { file, packet, readBytes } = section;
  const number = readBytes > 0 ? packet.number : packet.number + 1;
  return badPacket(file, number, 'the file ends inside its block, or the one before it');
}

function damagedBlock(section: Section, what: string): Error {
  const after = section.packet.number;
  const place = after === 0 ? 'before its first packet' : `after packet ${after}`;
  return badCapture(section.file, `${what}, ${place}, is damaged`, 'take the capture again');
}
