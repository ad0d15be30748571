// How a damaged capture is refused: always an InputError with the file, the packet and the cure.

import { InputError } from '../problem.ts';
import { LinkType, maximumPacketBytes } from './packet.ts';

/** A capture whose header or blocks are wrong. */
export function badCapture(file: string, message: string, expected: string): InputError {
  return new InputError([{ file, message, expected }]);
}

/** A packet of a capture that cannot be read; `packet` counts from 1. */
export function badPacket(file: string, packet: number, message: string): InputError {
  const cure =
    packet > 1
      ? `\`editcap -r\` with 1-${packet - 1} keeps the packets before it`
      : 'take the capture again';
  return new InputError([{ file, path: `packet ${packet}`, message, expected: cure }]);
}

/** The file ends before the packet does. */
export function cutPacket(file: string, packet: number, got: number, wanted: number): InputError {
  const sizes = `(${got} of ${wanted} bytes)`;
  return badPacket(file, packet, `the file ends inside the packet ${sizes}`);
}

/** Refuses captured lengths that no packet has. */
export function checkLengths(
  file: string,
  packet: number,
  lengths: { captured: number; original: number; limit: number },
): void {
  const { captured, original } = lengths;
  const limit = Math.min(lengths.limit, maximumPacketBytes);
  if (captured > limit) {
    throw badPacket(file, packet, `captured length ${captured} is beyond the limit of ${limit}`);
  }
  if (captured > original) {
    const message = `captured length ${captured} is more than the packet's own ${original}`;
    throw badPacket(file, packet, message);
  }
}

const readable: ReadonlySet<number> = new Set(Object.values(LinkType));

/** Refuses link types whose headers are not known. */
export function checkLinkType(file: string, linkType: number, path?: string): void {
  if (readable.has(linkType)) return;
  const message = `link type ${linkType} is not read`;
  const expected = 'Ethernet (1), raw IP (101), Linux cooked (113, 276) or BSD loopback (0, 108)';
  throw new InputError([{ file, ...(path === undefined ? {} : { path }), message, expected }]);
}
