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
    return after.state.services.every((service) =>
      service.spec.ports.every((port) => {
        const opened = { address: original.destination, port: original.destinationPort };
        if (!isMeant(opened, { service, port, family })) return true;
        const serving = servingSockets(after, { service, port, family });
        const answering = `${reply.source} ${reply.sourcePort}`;
        return serving.length === 0 || serving.includes(answering);
      }),
    );
  });
}

interface UdpPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
}

/** By an address of the Service and its port, or by the number of its node port, wherever. */
function isMeant(
  opened: { address: string; port: number },
  { service, port, family }: UdpPort,
): boolean {
  const own = clusterIPOf(service, family);
  if (port.protocol !== 'UDP' || !isServed(service) || own === null) return false;
  const addresses = [own, ...vipsOf(service), ...service.spec.externalIPs];
  const isDialled = opened.port === port.port && addresses.includes(opened.address);
  return isDialled || opened.port === port.nodePort;
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

function slicesOf({ state }: World, family: Family): EndpointSlice[] {
  return state.slices.filter(
    ({ metadata, addressType }) =>
      addressType === `IPv${family}` && !('service.kubernetes.io/headless' in metadata.labels),
  );
}

function serviceName({ metadata }: EndpointSlice): string | undefined {
  return metadata.labels['kubernetes.io/service-name'];
}
