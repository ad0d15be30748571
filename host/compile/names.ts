// What addresses and isolations are called: for people only. Knows no maps.

import type { ClusterState } from '../controllers/state.ts';
import { canonicalAddresses, hasOwnNetwork, nodeAddresses } from './node-view.ts';

/**
 * Address in canonical spelling -> `service ns/name`, `pod ns/name` or `node name`; of two claims
 * the last of these.
 */
export function nameAddresses({ nodes, pods, services }: ClusterState): Map<string, string> {
  const names = new Map<string, string>();
  for (const { metadata, spec, status } of services) {
    const vips = status.ingress.flatMap(({ ip }) => ip ?? []);
    for (const address of canonicalAddresses([...spec.clusterIPs, ...spec.externalIPs, ...vips])) {
      names.set(address, `service ${metadata.namespace}/${metadata.name}`);
    }
  }
  for (const { metadata, status } of pods.filter(hasOwnNetwork)) {
    for (const address of status.podIPs) {
      names.set(address, `pod ${metadata.namespace}/${metadata.name}`);
    }
  }
  for (const node of nodes) {
    for (const address of canonicalAddresses(nodeAddresses(node))) {
      names.set(address, `node ${node.metadata.name}`);
    }
  }
  return names;
}
