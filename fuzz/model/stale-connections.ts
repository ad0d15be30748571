// UDP connections that a change of endpoints ends: a client that goes on sending gets an endpoint
// that serves. Written from pkg/proxy/conntrack/cleanup.go of Kubernetes 1.36; every connection is
// asked in turn.

import type { EndpointSlice, Family, Service, ServicePort } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import type { Connection } from './connections.ts';
import { clusterIPOf, isServed, vipsOf } from './service-addresses.ts';
import type { World } from './world.ts';

/** The connections that outlive a change of the cluster. */
export function withoutStale(
  connections: readonly Connection[],
  before: World,
  after: World,
): readonly Connection[] {
  const cleaned = ([4, 6] as const).filter((family) => udpChanged(before, after, family));
  return connections.filter(({ original, reply }) => {
    const family = familyOf(original.destination);
    if (original.protocol !== Ip.Udp || !cleaned.includes(family)) return true;
    const opened = { address: original.destination, port: original.destinationPort };
    const answering = `${reply.source} ${reply.sourcePort}`;
    const allowed = [isDialled, isNodePort].map((isMeant) =>
      servingFirst(after, family, (port) => isMeant(opened, port)),
    );
    return allowed.every((serving) => serving === null || serving.includes(answering));
  });
}

interface UdpPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
}

interface Socket {
  readonly address: string;
  readonly port: number;
}

/** By an address of the Service and its port. */
function isDialled({ address, port: number }: Socket, { service, port, family }: UdpPort): boolean {
  const addresses = [clusterIPOf(service, family), ...vipsOf(service), ...service.spec.externalIPs];
  return number === port.port && addresses.includes(address);
}

/** By the number of its node port, at whatever address. */
function isNodePort({ port: number }: Socket, { port }: UdpPort): boolean {
  return number === port.nodePort;
}

/**
 * Where the first of the UDP ports that are meant may go on to; one without serving endpoints has
 * no say, and null is nobody. kube-proxy keeps one of several in no certain order.
 */
function servingFirst(
  world: World,
  family: Family,
  isMeant: (port: UdpPort) => boolean,
): readonly string[] | null {
  const ports = world.state.services
    .filter((service) => isServed(service) && clusterIPOf(service, family) !== null)
    .flatMap((service) => service.spec.ports.map((port) => ({ service, port, family })))
    .filter((one) => one.port.protocol === 'UDP' && isMeant(one));
  const sockets = ports.map((port) => servingSockets(world, port));
  return sockets.find((serving) => serving.length > 0) ?? null;
}

function servingSockets(world: World, { service, port, family }: UdpPort): string[] {
  const { namespace, name } = service.metadata;
  const serving = new Map<string, boolean>();
  for (const slice of slicesOf(world, family)) {
    if (slice.metadata.namespace !== namespace || serviceName(slice) !== name) continue;
    for (const target of slice.ports) {
      if (target.name !== port.name || target.protocol !== 'UDP' || !target.port) continue;
      for (const { addresses, conditions } of slice.endpoints) {
        const socket = `${addresses[0]} ${target.port}`;
        // Of duplicates the later one counts, unless it is on its way out.
        if (serving.has(socket) && conditions.terminating === true) continue;
        serving.set(socket, conditions.serving ?? true);
      }
    }
  }
  return [...serving].filter(([, isServing]) => isServing).map(([socket]) => socket);
}

/** Whether some Service, known or not, with a UDP port has other endpoints than before. */
function udpChanged(before: World, after: World, family: Family): boolean {
  const told = [before, after].map((world) => tellSlices(world, family));
  const names = new Set(told.flatMap((slices) => [...slices.keys()]));
  return [...names].some((name) => {
    const [old, now] = told.map((slices) => slices.get(name));
    const hasUdp = old?.hasUdp === true || now?.hasUdp === true;
    return hasUdp && old?.text !== now?.text;
  });
}

/** By Service: what its slices say of endpoints, as far as a proxy looks at them. */
function tellSlices(world: World, family: Family): Map<string, { hasUdp: boolean; text: string }> {
  const facts = new Map<string, Map<string, unknown>>();
  for (const slice of slicesOf(world, family)) {
    const name = `${slice.metadata.namespace}/${serviceName(slice)}`;
    const known = facts.get(name) ?? new Map<string, unknown>();
    facts.set(name, known);
    for (const { name: portName, protocol, port } of slice.ports) {
      if (!port) continue;
      known.set(`${portName}/${protocol}`, true);
      for (const { addresses, nodeName, conditions, hints } of slice.endpoints) {
        const { ready = true, serving = true, terminating = false } = conditions;
        const key = `${portName}/${protocol} ${addresses[0]} ${port}`;
        const isHere = nodeName === world.node;
        if (known.has(key) && terminating) continue;
        known.set(key, [ready, serving, terminating, isHere, hints.forZones, hints.forNodes]);
      }
    }
  }
  return new Map(
    [...facts].map(([name, known]) => [
      name,
      {
        hasUdp: [...known.keys()].some((key) => key.endsWith('/UDP')),
        text: JSON.stringify([...known].sort(([a], [b]) => (a < b ? -1 : 1))),
      },
    ]),
  );
}

export function slicesOf({ state }: World, family: Family): EndpointSlice[] {
  return state.slices.filter(
    ({ metadata, addressType }) =>
      addressType === `IPv${family}` && !('service.kubernetes.io/headless' in metadata.labels),
  );
}

export function serviceName({ metadata }: EndpointSlice): string | undefined {
  return metadata.labels['kubernetes.io/service-name'];
}
