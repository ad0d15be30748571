// The packets by which modes are told apart: to every front-end from every class of source, and to
// the places where kube-proxy's modes are known to differ. Sends nothing.

import type { Cluster } from '../cluster/cluster.ts';
import { protocolName, protocolNumber } from '../net/protocol.ts';
import { Ip } from '../net/packet-layout.ts';
import { TcpFlag, type PacketFields } from '../net/packet.ts';
import { familyOf } from '../net/address.ts';
import { formatEndpoint } from '../scenario/connection.ts';
import { hasPorts, openingPacket, protocolIn } from '../scenario/probe.ts';
import { callersOf } from './callers.ts';
import { listDoors, listUnallocated, type Door, type Site } from './doors.ts';
import { sourcePortOf } from './probe.ts';
import { listSources, type Source } from './sources.ts';

/** A packet, and what it is meant to show. */
export interface SurveyPacket {
  /** `ClusterIP`, `node port`, `unserved port`, `unallocated address`, `stray RST` … */
  readonly what: string;
  /** `10.96.0.10:80/TCP`. */
  readonly to: string;
  /** `shop/web`; null where no Service is. */
  readonly service: string | null;
  readonly source: Source;
  readonly packet: PacketFields;
}

/** Somewhere to send packets to. */
interface Target {
  readonly what: string;
  readonly address: string;
  readonly protocol: number;
  readonly port: number;
  readonly service: string | null;
  readonly sources: readonly Source[];
  /** Belongs to no connection and opens none. */
  readonly isStray?: true;
}

/** Where nothing is served unless a Service says so. */
const anyPort = 80;

/** Every packet of a survey, in an order that depends on the objects alone. */
export function listPackets(cluster: Cluster, site: Site): SurveyPacket[] {
  const doors = listDoors(site, cluster.state.services);
  const clusterIPs = doors.filter(({ kind }) => kind === 'ClusterIP');
  const targets = [
    ...doors.map((door) => doorTarget(site, door)),
    ...clusterIPs.filter(isFirstOfService).flatMap((door) => unservedTargets(site, door, doors)),
    ...listUnallocated(site).map((address) => unallocatedTarget(site, address)),
    ...clusterIPs.flatMap((door) => strayTargets(site, door)),
  ];
  return targets
    .flatMap((target) => target.sources.map((source) => ({ target, source })))
    .map(({ target, source }, index) => makePacket(target, source, index));
}

function doorTarget(site: Site, door: Door): Target {
  const { kind, address, port } = door;
  const sources = callersOf(site, door);
  return { what: kind, address, port, protocol: protocolOf(door), ...ownerOf(door), sources };
}

/** A Service's ClusterIP is looked at once in each family, however many ports it has. */
function isFirstOfService({ address }: Door, index: number, doors: readonly Door[]): boolean {
  return doors.findIndex((door) => door.address === address) === index;
}

/** A port that is not served, a served port in another protocol, and a ping. */
function unservedTargets(site: Site, door: Door, doors: readonly Door[]): Target[] {
  const { address, port } = door;
  const served = new Set(
    doors.filter((other) => other.address === address).map((other) => socketOf(other)),
  );
  const isFree = (candidate: number, protocol: number) => !served.has(`${candidate} ${protocol}`);
  const base = { address, ...ownerOf(door), sources: callersOf(site, door).filter(isPlain) };
  const free = [anyPort, anyPort + 1, 1, 2, 3].find((candidate) => isFree(candidate, Ip.Tcp));
  const other = protocolOf(door) === Ip.Tcp ? Ip.Udp : Ip.Tcp;
  const ping = protocolIn(Ip.Icmp, familyOf(address));
  return [
    ...(free === undefined
      ? []
      : [{ ...base, what: 'unserved port', port: free, protocol: Ip.Tcp }]),
    ...(isFree(port, other) ? [{ ...base, what: 'unserved protocol', port, protocol: other }] : []),
    { ...base, what: 'ping', port: 0, protocol: ping },
  ];
}

function unallocatedTarget(site: Site, address: string): Target {
  const sources = listSources({ ...site, family: familyOf(address) });
  const service = null;
  return {
    what: 'unallocated address',
    address,
    port: anyPort,
    protocol: Ip.Tcp,
    service,
    sources,
  };
}

/** A reset of no known connection, which connection tracking calls invalid. */
function strayTargets(site: Site, door: Door): Target[] {
  if (protocolOf(door) !== Ip.Tcp) return [];
  const sources = callersOf(site, door).filter(isPlain);
  const { address, port } = door;
  const what = 'stray RST';
  return [{ what, address, port, protocol: Ip.Tcp, ...ownerOf(door), sources, isStray: true }];
}

/** Not an endpoint that is to meet itself: nothing is chosen where nothing is served. */
function isPlain({ endpoint }: Source): boolean {
  return endpoint === undefined;
}

function makePacket(target: Target, source: Source, index: number): SurveyPacket {
  const { what, address, port, protocol, service, isStray } = target;
  const opening = openingPacket({
    source: source.address,
    destination: address,
    protocol,
    sourcePort: sourcePortOf(index),
    destinationPort: port,
  });
  const packet = isStray ? { ...opening, tcpFlags: TcpFlag.Rst } : opening;
  const to = `${formatEndpoint(address, hasPorts(protocol) ? port : undefined)}`;
  return { what, to: `${to}/${protocolName(protocol)}`, service, source, packet };
}

function ownerOf({ of }: Door): { readonly service: string } {
  const { namespace, name } = of.service.metadata;
  return { service: `${namespace}/${name}` };
}

function protocolOf({ of }: Door): number {
  return protocolNumber(of.port.protocol)!;
}

function socketOf(door: Door): string {
  return `${door.port} ${protocolOf(door)}`;
}
