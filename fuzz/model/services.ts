// What kube-proxy would do with a new packet: the endpoints it may get, whether its source is
// masqueraded, or why it is refused. Written from pkg/proxy of Kubernetes 1.36; knows no
// connections and no policies.

import type { Family, Service } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { Endpoint, EndpointSets } from './endpoints.ts';
import { endpointSets, isExternalLocal, isInternalLocal } from './endpoints.ts';
import type { Dial, Dialled, DialledPort } from './frontends.ts';
import { findDialled, isNodePortAddress } from './frontends.ts';
import { clusterIPOf, isServed, vipsOf } from './service-addresses.ts';
import type { World } from './world.ts';
import {
  hasDetector,
  isDummy,
  isInAnyBlock,
  isInBlock,
  isNodeAddress,
  isPodSource,
  primaryAddress,
} from './world.ts';

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

export interface ServicePortReference extends ServiceReference {
  readonly portName: string;
}

export type ServiceDecision =
  /** Nothing that kube-proxy would touch. */
  | { readonly kind: 'passed' }
  | {
      readonly kind: 'refused';
      readonly reason: string;
      readonly isAnswered: boolean;
      readonly service: ServiceReference | null;
    }
  | {
      readonly kind: 'offered';
      readonly service: ServicePortReference;
      /** What session affinity is kept by, with the client's address. */
      readonly key: string;
      readonly affinityMs: number | null;
      /** Any of these is right; sorted by `ip:port` as text. */
      readonly endpoints: readonly Endpoint[];
      /** Besides hairpins. */
      readonly isMasqueraded: boolean;
    };

/**
 * Decides a new packet's Service, in kube-proxy's order: ranges, endpoints, then the unserved
 * addresses.
 */
export function decideService(world: World, dial: Dial): ServiceDecision {
  const dialled = findDialled(world, dial);
  if (dialled === null) return decideUnserved(world, dial);
  const sets = endpointSets(world, dialled);
  if (!isDoorOpen(world, dial, dialled, sets)) return decideUnserved(world, dial);
  const { namespace, name } = dialled.service.metadata;
  const service = { namespace, name, portName: dialled.port.name };
  const refuse = (reason: string, isAnswered: boolean): ServiceDecision => {
    return { kind: 'refused', reason, isAnswered, service };
  };
  const isRangeChecked = world.settings.mode !== 'iptables' || sets.hasAny;
  if (isRangeChecked && !isSourceAllowed(world, dial, dialled))
    return refuse('source-range', false);
  const { endpoints, isMasqueraded } = chooseSet(world, dial, dialled, sets);
  const isServedByNobody = world.settings.mode === 'ipvs' ? endpoints.length === 0 : !sets.hasAny;
  if (isServedByNobody) {
    return isLeftToRouting(world, dial, dialled)
      ? { kind: 'passed' }
      : refuse('reject-no-endpoints', true);
  }
  if (endpoints.length === 0) return refuse('no-local-endpoints', false);
  return {
    kind: 'offered',
    service,
    key: [
      namespace,
      name,
      dialled.port.name,
      dialled.port.protocol,
      dialled.family,
      // ipvs knows each front-end as a virtual server of its own.
      ...(world.settings.mode === 'ipvs' ? [`${dial.destination} ${dial.destinationPort}`] : []),
    ].join('/'),
    affinityMs: affinityMsOf(dialled.service),
    endpoints,
    isMasqueraded,
  };
}

/**
 * A node port is one at certain addresses only; iptables refuses at every address of the node while
 * it has no endpoint.
 */
function isDoorOpen(world: World, dial: Dial, { door }: Dialled, sets: EndpointSets): boolean {
  if (door !== 'node-port' || isNodePortAddress(world, dial.destination)) return true;
  return world.settings.mode === 'iptables' && !sets.hasAny;
}

/** loadBalancerSourceRanges guard load-balancer addresses only. */
function isSourceAllowed(world: World, dial: Dial, { service, family, door }: Dialled): boolean {
  if (door !== 'load-balancer') return true;
  const ranges = service.spec.loadBalancerSourceRanges
    .map((range) => range.trim())
    .filter((range) => familyOf(range) === family);
  if (ranges.length === 0 || ranges.some((range) => range.endsWith('/0'))) return true;
  // A node that dials the address may have picked it as its source as well.
  const node = primaryAddress(world, family);
  const isNodeAllowed = node !== null && isInAnyBlock(node, ranges);
  const isIpvs = world.settings.mode === 'ipvs';
  if (isIpvs && !isNodeAllowed && isNodeAddress(world, dial.source)) return false;
  if (isInAnyBlock(dial.source, ranges)) return true;
  const own = isIpvs ? [dial.destination] : vipsOf(service);
  return isNodeAllowed && own.includes(dial.source);
}

/** iptables has no rule for the node's own packets to an outside address without endpoints. */
function isLeftToRouting(world: World, dial: Dial, { door }: Dialled): boolean {
  const isOutside = door === 'external-ip' || door === 'load-balancer';
  const isOwn = isNodeAddress(world, dial.source) && !isNodeAddress(world, dial.destination);
  return world.settings.mode === 'iptables' && isOutside && isOwn;
}

type Offered = Pick<ServiceDecision & { kind: 'offered' }, 'endpoints' | 'isMasqueraded'>;

/** Which set a packet draws from, and whether it is masqueraded. */
function chooseSet(
  world: World,
  dial: Dial,
  { service, door }: Pick<Dialled, 'service' | 'door'>,
  sets: EndpointSets,
): Offered {
  if (world.settings.mode === 'ipvs') return chooseList(world, dial, { service, door }, sets);
  const { cluster, local } = sets;
  const isDetecting = hasDetector(world, familyOf(dial.source));
  const isPod = isDetecting && isPodSource(world, dial.source);
  if (door === 'cluster-ip') {
    const isMasqueraded = world.settings.masqueradeAll || (isDetecting && !isPod);
    return { endpoints: isInternalLocal(service) ? local : cluster, isMasqueraded };
  }
  if (!isExternalLocal(service)) return { endpoints: cluster, isMasqueraded: true };
  if (isPod) return { endpoints: cluster, isMasqueraded: false };
  if (isNodeAddress(world, dial.source)) return { endpoints: cluster, isMasqueraded: true };
  return { endpoints: local, isMasqueraded: false };
}

/**
 * ipvs has one list at a door, the same for every source: of a Local policy the local endpoints, or
 * all where there are none.
 */
function chooseList(
  world: World,
  dial: Dial,
  { service, door }: Pick<Dialled, 'service' | 'door'>,
  { cluster, local }: EndpointSets,
): Offered {
  const orAll = local.length > 0 ? local : cluster;
  if (door !== 'cluster-ip') {
    const isLocal = isExternalLocal(service);
    return { endpoints: isLocal ? orAll : cluster, isMasqueraded: !isLocal };
  }
  const endpoints = isInternalLocal(service) ? orAll : cluster;
  if (world.settings.masqueradeAll) return { endpoints, isMasqueraded: true };
  if (hasDetector(world, familyOf(dial.source))) {
    return { endpoints, isMasqueraded: !isPodSource(world, dial.source) };
  }
  // The node may have picked the dummy device's address as its source: it must not keep it.
  const own = findDialled(world, { ...dial, destination: dial.source });
  return { endpoints, isMasqueraded: own?.door === 'cluster-ip' };
}

function affinityMsOf({ spec }: Service): number | null {
  if (spec.sessionAffinity !== 'ClientIP') return null;
  return (spec.sessionAffinityTimeout ?? 10800) * 1000;
}

/**
 * nftables: the unserved rest of a ClusterIP is rejected, the rest of the Service CIDRs dropped.
 * ipvs: the unserved rest of every address on the dummy device is rejected.
 */
function decideUnserved(world: World, { destination }: Dial): ServiceDecision {
  const { state, settings } = world;
  const refused = { kind: 'refused', service: null } as const;
  const unknownPort = { ...refused, reason: 'reject-unknown-service-port', isAnswered: true };
  if (isDummy(world, destination)) return unknownPort;
  if (settings.mode !== 'nftables' || isNodeAddress(world, destination)) return { kind: 'passed' };
  const family = familyOf(destination);
  const isLive = state.services.some(
    (service) => isServed(service) && clusterIPOf(service, family) === destination,
  );
  if (isLive) return unknownPort;
  const blocks = settings.serviceCIDRs.length > 0 ? settings.serviceCIDRs : state.serviceCIDRs;
  const isUnallocated = blocks.some((cidr) => isInBlock(destination, cidr));
  if (!isUnallocated) return { kind: 'passed' };
  return { ...refused, reason: 'unallocated-service-address', isAnswered: false };
}

/** Whether an endpoint is still offered to anyone by the Service port it was chosen for. */
export function isStillOffered(world: World, key: string, endpoint: Endpoint): boolean {
  const [namespace, name, portName, protocol, familyText, door] = key.split('/');
  const service = world.state.services.find(
    ({ metadata }) => metadata.namespace === namespace && metadata.name === name,
  );
  const port = service?.spec.ports.find((p) => p.name === portName && p.protocol === protocol);
  if (service === undefined || port === undefined || !isServed(service)) return false;
  if (affinityMsOf(service) === null) return false;
  const family: Family = familyText === '6' ? 6 : 4;
  const sets = endpointSets(world, { service, port, family });
  const offered =
    door === undefined
      ? [...sets.cluster, ...sets.local]
      : listAt(world, door, { service, port, family });
  return offered.some((e) => e.address === endpoint.address && e.port === endpoint.port);
}

/** What ipvs offers at `address port`, if that is a front-end of this Service port. */
function listAt(
  world: World,
  frontend: string,
  { service, port, family }: DialledPort,
): readonly Endpoint[] {
  const [destination = '', destinationPort] = frontend.split(' ');
  const protocol = protocolNumber(port.protocol)!;
  const ends = { source: destination, destination };
  const dial = { ...ends, destinationPort: Number(destinationPort), protocol };
  const dialled = findDialled(world, dial);
  if (dialled?.service !== service || dialled.port !== port) return [];
  return chooseList(world, dial, dialled, endpointSets(world, { service, port, family })).endpoints;
}
