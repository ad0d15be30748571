// EndpointSlices as such: cutting a list of endpoints into slices, and naming them. Source of the
// limit: kube-controller-manager's --max-endpoints-per-slice.

import type { EndpointSlice, Labels, Node, SliceEndpoint } from '../kubernetes/types.ts';
import { canonicalText, nameSuffix } from './hash.ts';

export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
const ZONE_LABEL = 'topology.kubernetes.io/zone';
const MAX_ENDPOINTS_PER_SLICE = 100;

/** What all slices of one Service have in common. */
export interface SliceOrigin {
  readonly service: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** `Service/web` or `Endpoints/web`. */
  readonly madeFrom: string;
}

/** Endpoints that share a family and resolved ports. */
export interface EndpointGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: EndpointSlice['ports'];
  /** Tells groups apart that agree in all else. */
  readonly part: number;
  readonly endpoints: readonly SliceEndpoint[];
}

/** The slices for a group: one without endpoints when there are none. */
export function sliceEndpoints(origin: SliceOrigin, group: EndpointGroup): EndpointSlice[] {
  const { addressType, ports, part, endpoints } = group;
  const count = Math.max(1, Math.ceil(endpoints.length / MAX_ENDPOINTS_PER_SLICE));
  return Array.from({ length: count }, (_, index) => {
    const place = canonicalText([origin.madeFrom, addressType, ports, part, index]);
    const start = index * MAX_ENDPOINTS_PER_SLICE;
    return {
      kind: 'EndpointSlice',
      metadata: {
        name: `${origin.service}-${nameSuffix(place, 5)}`,
        namespace: origin.namespace,
        labels: { ...origin.labels, [SERVICE_NAME_LABEL]: origin.service },
        annotations: {},
        madeFrom: origin.madeFrom,
      },
      addressType,
      ports,
      endpoints: endpoints.slice(start, start + MAX_ENDPOINTS_PER_SLICE),
    };
  });
}

/** The Node's zone label; undefined when it has none, or an empty one. */
export function zoneOf(node: Node | undefined): string | undefined {
  const zone = node?.metadata.labels[ZONE_LABEL];
  return zone === '' ? undefined : zone;
}
