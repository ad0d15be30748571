// Where captures were taken, and which of their packets entered the node there. Those that left it
// are what the real node sent: they are not fed in again.

import type { ByteSource } from '../pcap/block-reader.ts';
import { EtherType, findEtherType } from '../net/ether-type.ts';
import { formatAddress } from '../net/address.ts';
import type { LinkType } from '../net/packet-layout.ts';
import { viewOf, type Span } from '../net/span.ts';
import { findPlainIpv4, read32 } from './network-packet.ts';
import { NumberCache } from './number-cache.ts';
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

/** Place of a capture of all interfaces of the node, as `tcpdump -i any` takes it. */
export const anyPlace = 'any';

/** Splits `pod/ns/name=file`, `uplink=file`, `host=file`, `any=file` or `file`. */
export function parseCaptureArgument(text: string): { place?: string; file: string } {
  const match = /^(uplink|host|any|pod\/[^/=]+\/[^/=]+)=(.+)$/s.exec(text);
  const [, place, file] = match ?? [];
  return place === undefined || file === undefined ? { file: text } : { place, file };
}

/** What an address says about a packet that comes from there, or goes there. */
export interface Origin {
  /** Canonical spelling. */
  readonly address: string;
  /** Name of the port by which packets from there enter, and packets to there leave. */
  readonly port: string;
  /** It is an address that services are dialled at. */
  readonly isFrontend: boolean;
}

/** Null where a frame has no such address. */
export type FindOrigin = (frame: Span, link: LinkType, end: End) => Origin | null;

export type End = 'source' | 'destination';

/** Numbers of the ports by which packets enter that only their source addresses tell. */
export class SourcePorts {
  private readonly findOrigin: FindOrigin;
  private readonly numberOf: (name: string) => number;
  /** By IPv4 address. */
  private readonly known = new NumberCache();

  /** `numberOf`: the number of a port of this name. */
  constructor(findOrigin: FindOrigin, numberOf: (name: string) => number) {
    this.findOrigin = findOrigin;
    this.numberOf = numberOf;
  }

  portOf(frame: Span, link: LinkType): number {
    const at = findPlainIpv4(frame, link);
    if (at < 0) return this.find(frame, link);
    const source = read32(frame.bytes, at + 12);
    let port = this.known.find(source, 0, 0);
    if (port === 0) this.known.keep(source, 0, 0, (port = this.find(frame, link)));
    return port;
  }

  private find(frame: Span, link: LinkType): number {
    return this.numberOf(findIngress(undefined, this.findOrigin(frame, link, 'source'))!);
  }
}

/** Finds where frames come from, and where they go. Answers are kept. */
export function originFinder(subject: ReplaySubject): FindOrigin {
  const frontends = new Set<string>();
  for (const [key] of subject.map('frontends').entries()) frontends.add(key.address);
  const known = new Map<string | number, Origin>();
  return (frame, link, end) => {
    const found = findAddress(frame, link, end);
    if (found === null) return null;
    const key = keyOfAddress(found);
    let origin = known.get(key);
    if (origin === undefined) {
      const bytes = viewOf(found);
      const address = bytes.length === 4 ? bytes.join('.') : formatAddress(bytes);
      const port = subject.portOf(address);
      origin = { address, port, isFrontend: frontends.has(address) };
      known.set(key, origin);
    }
    return origin;
  };
}

/** A cheap key: a number for IPv4, a string of 16-bit units for IPv6. */
function keyOfAddress({ bytes, start, lengthBytes }: Span): string | number {
  const word = (at: number): number => (bytes[start + at]! << 8) | bytes[start + at + 1]!;
  if (lengthBytes === 4) return (word(0) << 16) | word(2);
  const units = [word(0), word(2), word(4), word(6), word(8), word(10), word(12), word(14)];
  return String.fromCharCode(...units);
}

/** Offsets and length of the addresses, by EtherType; ARP: the protocol addresses. */
const places: ReadonlyMap<number, Readonly<Record<End | 'lengthBytes', number>>> = new Map([
  [EtherType.Ipv4, { source: 12, destination: 16, lengthBytes: 4 }],
  [EtherType.Ipv6, { source: 8, destination: 24, lengthBytes: 16 }],
  [EtherType.Arp, { source: 14, destination: 24, lengthBytes: 4 }],
]);

function findAddress(frame: Span, link: LinkType, end: End): Span | null {
  const network = findEtherType(frame, link);
  const place = network === null ? undefined : places.get(network.etherType);
  if (network === null || place === undefined) return null;
  const start = network.at + place[end];
  const { lengthBytes } = place;
  const isThere = start + lengthBytes <= frame.start + frame.lengthBytes;
  return isThere ? { bytes: frame.bytes, start, lengthBytes } : null;
}

/**
 * The port by which a packet entered the node, or null if it left the node there, in captures that
 * do not say it themselves.
 *
 * 1. No place: the port of its source address; nothing leaves.
 * 2. Uplink: it entered unless its source is an address of the node, of its pods or of a front-end.
 * 3. Elsewhere: it entered if its source address belongs to the port.
 */
export function findIngress(place: string | undefined, origin: Origin | null): string | null {
  if (place === undefined) return origin?.port ?? 'uplink'; // 1
  if (place === 'uplink') {
    const isOwn = origin !== null && (origin.port !== 'uplink' || origin.isFrontend);
    return isOwn ? null : place; // 2
  }
  return origin?.port === place ? place : null; // 3
}
