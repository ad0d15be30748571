// Which Services come out differently on two nodes of one cluster; all others are compiled once for
// both. Knows what the compilers of a group ask about their node, but compiles nothing.

import { compareTexts } from '../controllers/written.ts';
import type { NodeView } from './node-view.ts';
import type { PersistentMap } from './persistent-map.ts';
import type { ServiceGroup } from './service-group.ts';

/** What tells two nodes apart. */
type Place = Pick<NodeView, 'name' | 'zone' | 'addresses'>;

/**
 * Owners of the groups that may differ between these nodes: those with an endpoint on one of them,
 * with hints, or with a front-end that depends on the node's addresses.
 */
export function findPlaced(
  groups: PersistentMap<string, ServiceGroup>,
  places: readonly Place[],
): Set<string> {
  const names = new Set(places.map(({ name }) => name));
  const addresses = new Set(places.flatMap((place) => place.addresses));
  const isPlaced = (group: ServiceGroup): boolean =>
    hasEndpointAt(group, names) || hasPlacedFrontend(group, addresses);
  const owners = [...groups].filter(([, group]) => isPlaced(group)).map(([owner]) => owner);
  // Numbers are given out in this order, which must not be that of a hash.
  return new Set(owners.sort(compareTexts));
}

function hasEndpointAt({ slices }: ServiceGroup, names: ReadonlySet<string>): boolean {
  return slices.some(({ endpoints }) =>
    endpoints.some(
      ({ nodeName = '', hints }) =>
        names.has(nodeName) || hints.forZones.length > 0 || hints.forNodes.length > 0,
    ),
  );
}

/** Node ports are at the node's addresses; external ones may be, and source ranges ask for them. */
function hasPlacedFrontend({ ports }: ServiceGroup, addresses: ReadonlySet<string>): boolean {
  return ports.some(
    ({ port: { nodePort, vips, externalIPs, clusterIP } }) =>
      nodePort !== 0 || vips.length > 0 || externalIPs.length > 0 || addresses.has(clusterIP),
  );
}
