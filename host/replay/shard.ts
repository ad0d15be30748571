// Which packets belong to one part of a capture that is replayed in several: all that meet in a
// connection, or in what connections share, go to the same one. What decides is in the packet and
// in the compiled maps, so every reader of the whole capture comes to the same partition.

import { locatePacket, type LinkType } from '../net/packet-layout.ts';
import type { Span } from '../net/span.ts';
import {
  findNetworkPacket,
  findPlainIpv4,
  hasTransportPorts,
  read16,
  read32,
  readTuple,
} from './network-packet.ts';
import { NumberCache } from './number-cache.ts';
import { hashText, readServerGroups, type ServerGroups } from './server-groups.ts';
import type { ReplayReport } from './report.ts';
import type { ReplaySubject } from './subject.ts';

/** One part of several. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  /** The first part takes all packets, since they cannot be told apart. */
  readonly isWhole?: boolean;
}

/** What tells the part of a packet: as a span its frame. */
export interface PacketOfPart extends Span {
  readonly header: { readonly link: LinkType };
  /** A view of the frame. */
  readonly frame: Uint8Array;
}

/** Packets of the capture tie together what is apart by the maps: one part has to take all. */
export class InseparableError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InseparableError';
  }
}

/** An address, and the groups of those of its ports that serve. */
interface Host {
  readonly hash: number;
  readonly groups: ReadonlyMap<number, number> | undefined;
}

const ipv4HeaderBytes = 20;
const moreAndOffset = 0x3fff;

/** Tells which packets belong to a part. */
export class Partition {
  private readonly subject: ReplaySubject;
  private readonly shard: Shard;
  private readonly groups: ServerGroups;
  private readonly hosts = new Map<string, Host>();
  /** The same by IPv4 address as a number. */
  private readonly hosts4 = new Map<number, Host>();

  /** Part + 1 of a flow of plain packets, by source, target and ports. */
  private readonly known = new NumberCache();
  private hasIpv6 = false;

  constructor(subject: ReplaySubject, shard: Shard) {
    this.subject = subject;
    this.shard = shard;
    this.groups = readServerGroups(subject);
  }

  /** Whether the packet belongs to this part. Throws as `partOf`. */
  takes(packet: PacketOfPart): boolean {
    const { index, isWhole = false } = this.shard;
    return isWhole ? index === 0 : this.partOf(packet) === index;
  }

  /** The report of this part: what every part has read is told by the first one only. */
  sign(report: ReplayReport, peakConnections: number): ReplayReport {
    const { index, count } = this.shard;
    const { left, elsewhere } = index === 0 ? report : { left: 0, elsewhere: 0 };
    const { connections4, connections6 } = this.subject.instance.capacity;
    const capacity = this.hasIpv6 ? Math.min(connections4, connections6) : connections4;
    const shard = { index, count, peakConnections, capacity };
    return { ...report, left, elsewhere, shard };
  }

  /**
   * The part of a packet, from 0. Throws InseparableError for fragments, most of which do not show
   * their ports, and for packets between servers of two groups.
   */
  partOf(packet: PacketOfPart): number {
    const { bytes, header } = packet;
    const at = findPlainIpv4(packet, header.link);
    const end = packet.start + packet.lengthBytes;
    const hasPorts =
      at >= 0 && hasTransportPorts(bytes[at + 9]!) && at + ipv4HeaderBytes + 4 <= end;
    if (!hasPorts) return this.partOfTuple(packet);
    if ((read16(bytes, at + 6) & moreAndOffset) !== 0) throw fragments();
    const ports = read32(bytes, at + ipv4HeaderBytes);
    return this.partOfFlow(read32(bytes, at + 12), read32(bytes, at + 16), ports);
  }

  /** `ports`: of the source, and in the lower half of the target. */
  private partOfFlow(source: number, target: number, ports: number): number {
    const known = this.known.find(source, target, ports);
    if (known !== 0) return known - 1;
    const [from, to] = [this.host4(source), this.host4(target)];
    const part = this.partOfEnds(from, ports >>> 16, to, ports & 0xffff);
    this.known.keep(source, target, ports, part + 1);
    return part;
  }

  private partOfTuple({ frame, header }: PacketOfPart): number {
    const packet = findNetworkPacket(frame, header.link);
    const tuple = packet === null ? null : readTuple(packet);
    if (packet === null || tuple === null) return 0;
    if (locatePacket(packet, 'raw', false)?.isFragment === true) throw fragments();
    const { source, destination, ...about } = tuple.quoted ?? tuple;
    // Neighbour discovery is no connection.
    this.hasIpv6 ||= source.includes(':') && (about.sourcePort | about.destinationPort) !== 0;
    const hasPorts = hasTransportPorts(about.protocol);
    const [from, to] = hasPorts ? [about.sourcePort, about.destinationPort] : [0, 0];
    return this.partOfEnds(this.host(source), from, this.host(destination), to);
  }

  /**
   * 1. Ends of two groups: nobody can say whose the connection is.
   * 2. An end that serves: the part of its group.
   * 3. Others: of both addresses, in whatever order.
   */
  private partOfEnds(source: Host, sourcePort: number, target: Host, targetPort: number): number {
    const one = source.groups?.get(sourcePort);
    const other = target.groups?.get(targetPort);
    if (one !== undefined && other !== undefined && one !== other) {
      throw new InseparableError('packets go between servers of two Services'); // 1
    }
    const key = one ?? other ?? source.hash + target.hash; // 2, 3
    return (key >>> 0) % this.shard.count;
  }

  private host4(address: number): Host {
    let host = this.hosts4.get(address);
    if (host === undefined) {
      const bytes = [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
      host = this.host(bytes.join('.'));
      this.hosts4.set(address, host);
    }
    return host;
  }

  private host(address: string): Host {
    let host = this.hosts.get(address);
    if (host === undefined) {
      // Node ports of loopback are served at every address of it.
      const served = address.startsWith('127.') ? '127.0.0.1' : address;
      host = { hash: hashText(address), groups: this.groups.get(served) };
      this.hosts.set(address, host);
    }
    return host;
  }
}

function fragments(): InseparableError {
  return new InseparableError('there are fragments, most of which do not show their ports');
}
