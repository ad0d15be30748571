// Connections whose endpoint is gone, where that ends them: Cilium gives the client's next packet
// another endpoint, Calico forgets datagrams only. Source: cilium bpf/lib/lb.h lb4_local, calico
// felix/bpf/proxy/syncer.go; every connection is asked in turn.

import { Ip } from '../../host/net/packet-layout.ts';
import type { Connection } from './connections.ts';
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
  const isSpared = ({ original, isServiceChanged }: Connection) =>
    isServiceChanged || (world.settings.profile === 'calico' && original.protocol !== Ip.Udp);
  return connections.filter(
    (connection) =>
      connection.service === null || isSpared(connection) || isListed(connection, world),
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
