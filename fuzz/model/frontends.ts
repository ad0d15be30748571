// Which Service port a new packet dials: an address of the Service, or a node port. Written from
// pkg/proxy of Kubernetes 1.36 (serviceport.go, util/nodeport_addresses.go); every Service is asked
// in turn.

import type { Family, Service, ServicePort } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { World } from './world.ts';
import { isInAnyBlock, isLoopback, isNodeAddress, primaryAddress } from './world.ts';

/** The fields of a new packet that Services look at. */
export interface Dial {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly destinationPort: number;
}

/** Which door of a Service was dialled. */
export type Door = 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port';

export interface DialledPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
}

export interface Dialled extends DialledPort {
  readonly door: Door;
}

/** The Service port at (address, port, protocol): its addresses first, node ports after them. */
export function findDialled(world: World, dial: Dial): Dialled | null {
  const family = familyOf(dial.destination);
  const candidates = world.state.services
    .filter((service) => isServed(service) && clusterIPOf(service, family) !== null)
    .flatMap((service) => service.spec.ports.map((port) => ({ service, port, family })))
    .filter(({ port }) => protocolNumber(port.protocol) === dial.protocol);
  const byAddress: [Door, (service: Service) => readonly string[]][] = [
    ['cluster-ip', (service) => [clusterIPOf(service, family)!]],
    ['load-balancer', vipsOf],
    ['external-ip', (service) => service.spec.externalIPs],
  ];
  for (const [door, addressesOf] of byAddress) {
    const found = candidates.find(
      ({ service, port }) =>
        port.port === dial.destinationPort && addressesOf(service).includes(dial.destination),
    );
    if (found !== undefined) return { ...found, door };
  }
  if (!isNodeAddress(world, dial.destination)) return null;
  const found = candidates.find(({ port }) => port.nodePort === dial.destinationPort);
  return found === undefined ? null : { ...found, door: 'node-port' };
}

/** ShouldSkipService, and the label by which a Service asks for another proxy. */
export function isServed(service: Service): boolean {
  const { type, clusterIP } = service.spec;
  const hasAddress = clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';
  const isOurs = !('service.kubernetes.io/service-proxy-name' in service.metadata.labels);
  return type !== 'ExternalName' && hasAddress && isOurs;
}

/** The ClusterIP of a family; without one the Service does not exist for that family. */
export function clusterIPOf(service: Service, family: Family): string | null {
  const { clusterIP = '', clusterIPs, ipFamilies } = service.spec;
  const position = ipFamilies.indexOf(`IPv${family}`);
  if (ipFamilies.length > 0) return position < 0 ? null : (clusterIPs[position] ?? null);
  return familyOf(clusterIP) === family ? clusterIP : null;
}

/**
 * Load-balancer addresses that the node answers for: those of a balancer that is a proxy are left
 * alone.
 */
export function vipsOf(service: Service): readonly string[] {
  return service.status.ingress
    .filter(({ ip, ipMode }) => ip !== undefined && (ipMode ?? 'VIP') === 'VIP')
    .map(({ ip }) => ip!);
}

/**
 * Whether an address of the node accepts node ports (nodePortAddresses); loopback in iptables mode
 * and IPv4 only.
 */
export function isNodePortAddress(world: World, address: string): boolean {
  const { mode, nodePortAddresses: listed, localhostNodePorts } = world.settings;
  const family = familyOf(address);
  const isOffered = mode === 'iptables' && family === 4 && localhostNodePorts;
  if (isLoopback(address) && !isOffered) return false;
  const isPrimaryOnly = listed.includes('primary') || (listed.length === 0 && mode === 'nftables');
  const primary = primaryAddress(world, family);
  if (isPrimaryOnly && primary !== null) return address === primary;
  const blocks = listed.filter((cidr) => cidr !== 'primary' && familyOf(cidr) === family);
  return blocks.length === 0 || isInAnyBlock(address, blocks);
}
