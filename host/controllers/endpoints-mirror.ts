// EndpointSlices from the legacy Endpoints kind. Source: `pkg/controller/endpointslicemirroring`.

import type { Endpoints, EndpointSlice, Node, SliceEndpoint } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import { ipFamily } from './ranges.ts';
import { sliceEndpoints, zoneOf } from './slices.ts';

type Subset = Endpoints['subsets'][number];

const MIRROR_LABELS = {
  'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
};

/** The slices for the Service of the same name: a group for each subset and family. */
export function mirrorEndpoints(
  { metadata, subsets }: Endpoints,
  nodes: ReadonlyMap<string, Node>,
): EndpointSlice[] {
  const origin = {
    service: metadata.name,
    namespace: metadata.namespace,
    labels: { ...metadata.labels, ...MIRROR_LABELS },
    madeFrom: `Endpoints/${metadata.name}`,
  };
  return subsets.flatMap((subset, part) =>
    ([4, 6] as const).flatMap((family) => {
      const endpoints = subsetEndpoints(subset, nodes).filter(
        ({ addresses }) => familyOf(addresses[0]!) === family,
      );
      if (endpoints.length === 0) return [];
      const group = { addressType: ipFamily(family), ports: subset.ports, part, endpoints };
      return sliceEndpoints(origin, group);
    }),
  );
}

function subsetEndpoints(subset: Subset, nodes: ReadonlyMap<string, Node>): SliceEndpoint[] {
  const toEndpoint =
    (ready: boolean) =>
    ({ ip, nodeName, hostname }: Subset['addresses'][number]): SliceEndpoint => {
      const zone = zoneOf(nodes.get(nodeName ?? ''));
      return {
        addresses: [ip],
        conditions: { ready },
        ...(hostname === undefined ? {} : { hostname }),
        ...(nodeName === undefined ? {} : { nodeName }),
        ...(zone === undefined ? {} : { zone }),
        hints: { forZones: [], forNodes: [] },
      };
    };
  return [
    ...subset.addresses.map(toEndpoint(true)),
    ...subset.notReadyAddresses.map(toEndpoint(false)),
  ];
}
