// Which Service port a new packet dials: an address of the Service, or a node port. Written from
// pkg/proxy of Kubernetes 1.36 (serviceport.go, util/nodeport_addresses.go); every Service is asked
// in turn.

import type { Family, Service, ServicePort } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import { clusterIPOf, isServed, vipsOf } from './service-addresses.ts';
import type { World } from './world.ts';
import { isDummy, isInAnyBlock, isLoopback, isNodeAddress, primaryAddress } from './world.ts';

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
  if (!isNodeAddress(world, dial.destination) || isDummy(world, dial.destination)) return null;
  const found = candidates.find(({ port }) => port.nodePort === dial.destinationPort);
  return found === undefined ? null : { ...found, door: 'node-port' };
}

/**
 * Whether an address of the node accepts node ports (nodePortAddresses); loopback in iptables mode
 * and IPv4 only. Blocks select addresses of interfaces, and loopback's has only one.
 */
export function isNodePortAddress(world: World, address: string): boolean {
  const { mode, nodePortAddresses: listed, localhostNodePorts } = world.settings;
  const family = familyOf(address);
  const isOffered = mode === 'iptables' && family === 4 && localhostNodePorts;
  if (isLoopback(address) && !isOffered) return false;
  if (mode === 'ipvs' && isInAnyBlock(address, ['fe80::/10'])) return false;
  const isPrimaryOnly = listed.includes('primary') || (listed.length === 0 && mode === 'nftables');
  const primary = primaryAddress(world, family);
  if (isPrimaryOnly && primary !== null) return address === primary;
  const blocks = listed.filter((cidr) => cidr !== 'primary' && familyOf(cidr) === family);
  if (blocks.length === 0 || blocks.some((cidr) => cidr.endsWith('/0'))) return true;
  if (isLoopback(address) && address !== '127.0.0.1') return false;
  return isInAnyBlock(address, blocks);
}

/**
 * Loopback is for the node alone. Where node ports are offered on it, packets from outside get as
 * far as them, and a rule keeps out the node's other addresses.
 */
export function isMartianDestination(world: World, dial: Dial, port: string): boolean {
  if (!isLoopback(dial.destination)) return false;
  if (port !== 'host') return true;
  const isGuarded = familyOf(dial.source) === 4 && isNodePortAddress(world, '127.0.0.1');
  return isGuarded && !isLoopback(dial.source);
}
