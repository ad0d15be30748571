// The endpoints of a Service port and the two sets that its doors draw from: usable ones anywhere,
// usable ones on this node. Written from pkg/proxy/endpointslicecache.go and pkg/proxy/topology.go
// of Kubernetes 1.36.

import type { EndpointSlice, Service, SliceEndpoint } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import type { DialledPort } from './frontends.ts';
import { vipsOf } from './service-addresses.ts';
import type { World } from './world.ts';
import { zoneOf } from './world.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly isLocal: boolean;
}

export interface EndpointSets {
  readonly cluster: readonly Endpoint[];
  readonly local: readonly Endpoint[];
  readonly hasAny: boolean;
}

export function isInternalLocal(service: Service): boolean {
  return service.spec.internalTrafficPolicy === 'Local';
}

/** externalTrafficPolicy counts only where something outside can dial. */
export function isExternalLocal({ spec }: Service): boolean {
  const isOpen = spec.type !== 'ClusterIP' || spec.externalIPs.length > 0;
  return isOpen && spec.externalTrafficPolicy === 'Local';
}

/** CategorizeEndpoints. */
export function endpointSets(world: World, dialled: DialledPort): EndpointSets {
  const { service } = dialled;
  const all = endpointsOf(world, dialled);
  const isExternal = hasExternalDoor(dialled);
  const ready = all.filter((endpoint) => endpoint.conditions.ready);
  const draining = all.filter(({ conditions }) => conditions.serving && conditions.terminating);
  const anyUsable = ready.length > 0 || draining.length > 0;
  const needsCluster = !isInternalLocal(service) || isExternal;
  const needsLocal = isInternalLocal(service) || (isExternalLocal(service) && isExternal);
  const orElse = <T>(first: T[], second: T[]) => (first.length > 0 ? first : second);
  const isLocal = (endpoint: Endpoint) => endpoint.isLocal;
  const cluster = needsCluster ? orElse(hinted(world, ready), draining) : [];
  const local = needsLocal ? orElse(ready.filter(isLocal), draining.filter(isLocal)) : [];
  return { cluster, local, hasAny: cluster.length > 0 || (needsLocal && anyUsable) };
}

function hasExternalDoor({ service, port, family }: DialledPort): boolean {
  const outside = [...vipsOf(service), ...service.spec.externalIPs];
  return (port.nodePort ?? 0) > 0 || outside.some((address) => familyOf(address) === family);
}

interface KnownEndpoint extends Endpoint {
  readonly text: string;
  readonly conditions: { ready: boolean; serving: boolean; terminating: boolean };
  readonly hints: SliceEndpoint['hints'];
}

/**
 * The hints are followed if every ready endpoint has one and one of them is for here: nodes first,
 * then zones.
 */
function hinted(world: World, ready: KnownEndpoint[]): KnownEndpoint[] {
  const byNode = ready.filter(({ hints }) => hints.forNodes.includes(world.node));
  if (byNode.length > 0 && ready.every(({ hints }) => hints.forNodes.length > 0)) return byNode;
  const zone = zoneOf(world);
  const byZone = ready.filter(({ hints }) => zone !== '' && hints.forZones.includes(zone));
  if (byZone.length > 0 && ready.every(({ hints }) => hints.forZones.length > 0)) return byZone;
  return ready;
}

/** Every endpoint of a Service port, each `ip:port` once, in the order of their text. */
function endpointsOf(world: World, dialled: DialledPort): KnownEndpoint[] {
  const known = new Map<string, KnownEndpoint>();
  for (const slice of world.state.slices.filter((candidate) => isSliceOf(candidate, dialled))) {
    for (const { name, protocol, port } of slice.ports) {
      if (name !== dialled.port.name || protocol !== dialled.port.protocol || !port) continue;
      for (const entry of slice.endpoints) {
        const endpoint = knownEndpoint(world, entry, port);
        if (endpoint === null) continue;
        // Of duplicates the later one counts, unless it is on its way out.
        if (!known.has(endpoint.text) || !endpoint.conditions.terminating)
          known.set(endpoint.text, endpoint);
      }
    }
  }
  return [...known.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function isSliceOf(
  { metadata, addressType }: EndpointSlice,
  { service, family }: DialledPort,
): boolean {
  return (
    metadata.namespace === service.metadata.namespace &&
    metadata.labels['kubernetes.io/service-name'] === service.metadata.name &&
    !('service.kubernetes.io/headless' in metadata.labels) &&
    addressType === `IPv${family}`
  );
}

function knownEndpoint(world: World, entry: SliceEndpoint, port: number): KnownEndpoint | null {
  const address = entry.addresses[0];
  if (address === undefined) return null;
  const { ready = true, serving = true, terminating = false } = entry.conditions;
  return {
    address,
    port,
    text: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    isLocal: entry.nodeName === world.node,
    conditions: { ready, serving, terminating },
    hints: entry.hints,
  };
}
