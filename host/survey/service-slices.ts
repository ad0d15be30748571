// The EndpointSlices that belong to a Service. Knows no endpoints.
// Source: pkg/proxy/endpointslicecache.go endpointSliceCacheKeys.

import type { ClusterState } from '../controllers/state.ts';
import type { EndpointSlice, Service } from '../kubernetes/types.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

/** Slices that name the Service by their label, in its namespace. */
export function slicesOf({ slices }: ClusterState, { metadata }: Service): EndpointSlice[] {
  return slices.filter(
    (slice) =>
      slice.metadata.namespace === metadata.namespace &&
      slice.metadata.labels[serviceNameLabel] === metadata.name,
  );
}
