// The addresses that ipvs mode puts on a dummy device of the node, which makes them the node's own.
// Knows no endpoints. Source: pkg/proxy/ipvs/proxier.go syncService.

import type { NodeView } from './node-view.ts';
import { listFamilyPorts, type FamilyPort } from './service-port.ts';

/**
 * ClusterIPs, load-balancer and external addresses that are not the node's already; ipvs only. Of
 * all Services, or of these ports.
 */
export function dummyAddresses(
  view: Pick<NodeView, 'config' | 'addresses' | 'state'>,
  ports?: readonly FamilyPort[],
): readonly string[] {
  if (view.config.mode !== 'ipvs') return [];
  const own = new Set(view.addresses);
  const bound = (ports ?? listFamilyPorts(view.state.services)).flatMap(
    ({ clusterIP, vips, externalIPs }) => [clusterIP, ...vips, ...externalIPs],
  );
  return [...new Set(bound)].filter((address) => !own.has(address));
}
