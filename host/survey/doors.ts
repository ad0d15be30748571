// The addresses and ports at which Services can be dialled on a node, and the further addresses at
// which modes answer differently. Only lists what is written: whether it is served is for the
// dataplane to say.

import { listFamilyPorts, type FamilyPort } from '../compile/service-port.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { canonicalAddresses, nodeAddresses } from '../compile/node-view.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { Family, Service } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import { addressAt, parsePrefix, prefixSize } from '../net/prefix.ts';

export type DoorKind = 'ClusterIP' | 'external IP' | 'load balancer' | 'node port';

/** One front-end of a Service port. */
export interface Door {
  readonly kind: DoorKind;
  readonly address: string;
  readonly port: number;
  readonly of: FamilyPort;
}

/** Whose addresses: a node of a cluster, with its settings. */
export interface Site {
  readonly state: ClusterState;
  readonly node: string;
  readonly config: NodeConfig;
}

const loopbacks: Readonly<Record<Family, string>> = { 4: '127.0.0.1', 6: '::1' };

/** Every address of the node, those of loopback last. */
export function addressesOf({ state, node, config }: Site): string[] {
  const own = nodeAddresses(state.nodes.find(({ metadata }) => metadata.name === node));
  return [...canonicalAddresses(config.nodeAddresses ?? own), ...Object.values(loopbacks)];
}

/** Whether the address is one of loopback. */
export function isLoopback(address: string): boolean {
  return Object.values(loopbacks).includes(address);
}

/** The front-ends of Services, node ports at every address of the node, whatever accepts them. */
export function listDoors(site: Site, services: readonly Service[]): Door[] {
  const own = addressesOf(site);
  return listFamilyPorts(services).flatMap((of) => {
    const at = (kind: DoorKind, port: number, addresses: readonly string[]): Door[] =>
      addresses.map((address) => ({ kind, address, port, of }));
    const nodePortAddresses = own.filter((address) => familyOf(address) === of.family);
    return [
      ...at('ClusterIP', of.port.port, [of.clusterIP]),
      ...at('external IP', of.port.port, of.externalIPs),
      ...at('load balancer', of.port.port, of.vips),
      ...(of.nodePort === 0 ? [] : at('node port', of.nodePort, nodePortAddresses)),
    ];
  });
}

/** In each Service CIDR, the first address that no Service has. */
export function listUnallocated({ state, config }: Site): string[] {
  const { serviceCIDRs } = config;
  const taken = new Set(state.services.flatMap(({ spec }) => canonicalAddresses(spec.clusterIPs)));
  return (serviceCIDRs.length > 0 ? serviceCIDRs : state.serviceCIDRs).flatMap((text) => {
    const prefix = parsePrefix(text);
    if (prefix === null) return [];
    for (let index = 1; index < prefixSize(prefix); index++) {
      const address = addressAt(prefix, index);
      if (!taken.has(address)) return [address];
    }
    return [];
  });
}
