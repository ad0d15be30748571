// Where captures were taken, and which of their packets entered the node there. Those that left it
// are what the real node sent: they are not fed in again.

import type { ByteSource } from '../pcap/block-reader.ts';
import { EtherType, readEtherType } from '../net/ether-type.ts';
import { formatAddress } from '../net/address.ts';
import type { LinkType } from '../net/packet-layout.ts';
import type { ReplaySubject } from './subject.ts';

/** A capture to replay. */
export interface CaptureInput {
  /** As the user named it; used in errors. */
  readonly file: string;
  /** Port it was taken at; absent: each packet's port follows from its source address. */
  readonly place?: string;
  /** Begins to read it; called again for each pass. */
  open(): ByteSource;
}

/** Splits `pod/ns/name=file`, `uplink=file`, `host=file` or `file`. */
export function parseCaptureArgument(text: string): { place?: string; file: string } {
  const match = /^(uplink|host|pod\/[^/=]+\/[^/=]+)=(.+)$/s.exec(text);
  const [, place, file] = match ?? [];
  return place === undefined || file === undefined ? { file: text } : { place, file };
}

/** What a source address says about a packet. */
export interface Origin {
  /** Canonical spelling. */
  readonly address: string;
  /** Name of the port by which packets from there enter. */
  readonly port: string;
  /** It is an address that services are dialled at. */
  readonly isFrontend: boolean;
}

/** Finds the origin of frames; null where a frame has no source address. Answers are kept. */
export function originFinder(
  subject: ReplaySubject,
): (frame: Uint8Array, link: LinkType) => Origin | null {
  const frontends = new Set<string>();
  for (const [key] of subject.map('frontends').entries()) frontends.add(key.address);
  const known = new Map<string | number, Origin>();
  return (frame, link) => {
    const bytes = findSource(frame, link);
    if (bytes === null) return null;
    const key = keyOfAddress(bytes);
    let origin = known.get(key);
    if (origin === undefined) {
      const address = bytes.length === 4 ? bytes.join('.') : formatAddress(bytes);
      const port = subject.portOf(address);
      origin = { address, port, isFrontend: frontends.has(address) };
      known.set(key, origin);
    }
    return origin;
  };
}

/** A cheap key: a number for IPv4, a string of 16-bit units for IPv6. */
function keyOfAddress(bytes: Uint8Array): string | number {
  const word = (at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
  if (bytes.length === 4) return word(0) * 0x10000 + word(2);
  const units = [word(0), word(2), word(4), word(6), word(8), word(10), word(12), word(14)];
  return String.fromCharCode(...units);
}

/** Offset and length of the source address, by EtherType; ARP: the sender's protocol address. */
const sources: ReadonlyMap<number, { at: number; lengthBytes: number }> = new Map([
  [EtherType.Ipv4, { at: 12, lengthBytes: 4 }],
  [EtherType.Ipv6, { at: 8, lengthBytes: 16 }],
  [EtherType.Arp, { at: 14, lengthBytes: 4 }],
]);

function findSource(frame: Uint8Array, link: LinkType): Uint8Array | null {
  const network = readEtherType(frame, link);
  const source = network === null ? undefined : sources.get(network.etherType);
  if (network === null || source === undefined) return null;
  const start = network.at + source.at;
  const end = start + source.lengthBytes;
  return end > frame.length ? null : frame.subarray(start, end);
}

/**
 * The port by which a captured packet entered the node, or null if it left the node there.
 *
 * 1. No place: the port of its source address; nothing leaves.
 * 2. Cooked captures say whether the node sent it.
 * 3. Uplink: it entered unless its source is an address of the node, of its pods or of a front-end.
 * 4. Elsewhere: it entered if its source address belongs to the port.
 */
export function findIngress(
  place: string | undefined,
  origin: Origin | null,
  isOutgoing: boolean | null,
): string | null {
  if (place === undefined) return origin?.port ?? 'uplink'; // 1
  if (isOutgoing !== null) return isOutgoing ? null : place; // 2
  if (place === 'uplink') {
    const isOwn = origin !== null && (origin.port !== 'uplink' || origin.isFrontend);
    return isOwn ? null : place; // 3
  }
  return origin?.port === place ? place : null; // 4
}
