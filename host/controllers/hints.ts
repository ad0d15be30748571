// Hints on endpoints: for which zones and Nodes an endpoint is meant, from the Service's
// trafficDistribution. The older annotations, which come first, are in topology-hints.ts. Source:
// `staging/src/k8s.io/endpointslice/trafficdist`.

import type { Service, SliceEndpoint } from '../kubernetes/types.ts';

/**
 * Zone hints for PreferSameZone, under its old name PreferClose too; Node hints as well for
 * PreferSameNode.
 */
export function hintsFor(
  { spec }: Service,
  {
    ready,
    zone,
    nodeName,
  }: { ready: boolean; zone: string | undefined; nodeName: string | undefined },
): SliceEndpoint['hints'] {
  const { trafficDistribution } = spec;
  const prefersNode = trafficDistribution === 'PreferSameNode';
  const prefersZone =
    prefersNode ||
    trafficDistribution === 'PreferSameZone' ||
    trafficDistribution === 'PreferClose';
  return {
    forZones: ready && prefersZone && zone !== undefined ? [zone] : [],
    forNodes: ready && prefersNode && nodeName !== undefined ? [nodeName] : [],
  };
}
