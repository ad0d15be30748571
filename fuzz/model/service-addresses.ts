// The addresses that a Service is dialled at, and whether kube-proxy serves it at all. Asks the
// object alone. Written from pkg/proxy of Kubernetes 1.36 (serviceport.go, util/utils.go).

import type { Family, Service } from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';

/** ShouldSkipService, and the label by which a Service asks for another proxy. */
export function isServed(service: Service): boolean {
  const { type, clusterIP } = service.spec;
  const hasAddress = clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';
  const isOurs = !('service.kubernetes.io/service-proxy-name' in service.metadata.labels);
  return type !== 'ExternalName' && hasAddress && isOurs;
}

/** The ClusterIP of a family; without one the Service does not exist for that family. */
export function clusterIPOf(service: Service, family: Family): string | null {
  const { clusterIP = '', clusterIPs, ipFamilies } = service.spec;
  const position = ipFamilies.indexOf(`IPv${family}`);
  if (ipFamilies.length > 0) return position < 0 ? null : (clusterIPs[position] ?? null);
  return familyOf(clusterIP) === family ? clusterIP : null;
}

/**
 * Load-balancer addresses that the node answers for: those of a balancer that is a proxy are left
 * alone.
 */
export function vipsOf(service: Service): readonly string[] {
  return service.status.ingress
    .filter(({ ip, ipMode }) => ip !== undefined && (ipMode ?? 'VIP') === 'VIP')
    .map(({ ip }) => ip!);
}
