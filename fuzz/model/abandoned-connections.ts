// Connections whose endpoint is gone, where that ends them: Cilium gives the client's next packet
// another endpoint, Calico forgets datagrams only. Source: cilium bpf/lib/lb.h lb4_local, calico
// felix/bpf/proxy/syncer.go; every connection is asked in turn.

import { familyOf } from '../../host/net/address.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { Connection } from './connections.ts';
import { clusterIPOf, isServed } from './service-addresses.ts';
import { serviceName, slicesOf } from './stale-connections.ts';
import type { World } from './world.ts';

/**
 * The connections that some slice of their Service still lists the endpoint of, and those that have
 * outlived their Service: of these nobody asks any more.
 */
export function withoutAbandoned(
  connections: readonly Connection[],
  world: World,
): readonly Connection[] {
  const isSpared = ({ original, isServiceGone }: Connection) =>
    isServiceGone || (world.settings.profile === 'calico' && original.protocol !== Ip.Udp);
  return connections.filter(
    (connection) =>
      connection.service === null || isSpared(connection) || isListed(connection, world),
  );
}

/** Connections remember that the port of their Service has been gone. */
export function withGoneServices(
  connections: readonly Connection[],
  world: World,
): readonly Connection[] {
  return connections.map((connection) =>
    connection.service === null || isServiceThere(connection, world)
      ? connection
      : { ...connection, isServiceGone: true },
  );
}

function isServiceThere({ service, original }: Connection, { state }: World): boolean {
  const family = familyOf(original.destination);
  const found = state.services.find(
    ({ metadata }) => metadata.namespace === service?.namespace && metadata.name === service.name,
  );
  if (found === undefined || !isServed(found) || clusterIPOf(found, family) === null) return false;
  return found.spec.ports.some(
    ({ name, protocol }) =>
      name === service?.portName && protocolNumber(protocol) === original.protocol,
  );
}

function isListed({ service, reply }: Connection, world: World): boolean {
  const own = ([4, 6] as const)
    .flatMap((family) => slicesOf(world, family))
    .filter(
      (slice) =>
        slice.metadata.namespace === service?.namespace && serviceName(slice) === service.name,
    );
  return own.some(
    ({ endpoints, ports }) =>
      endpoints.some(({ addresses }) => addresses[0] === reply.source) &&
      ports.some(({ port }) => port === reply.sourcePort),
  );
}
