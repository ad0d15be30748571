// A Service port as kube-proxy sees it, once for each family: its addresses, ranges and policies,
// and whether it is kube-proxy's to serve at all. Knows no endpoints and no numbers.
// Sources: pkg/proxy/serviceport.go newBaseServiceInfo; pkg/proxy/util/utils.go;
// pkg/api/v1/service/util.go.

import { writtenClusterIPs } from '../controllers/ranges.ts';
import type { Family, Protocol, Service, ServicePort } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import { parsePrefix, type Prefix } from '../net/prefix.ts';
import { canonicalAddresses, families } from './node-view.ts';

const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
const defaultAffinitySeconds = 10800;

export interface FamilyPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
  /** What endpoints are joined on, and what the service's number belongs to. */
  readonly key: string;
  readonly clusterIP: string;
  readonly externalIPs: readonly string[];
  /** Load-balancer addresses that the node answers for. */
  readonly vips: readonly string[];
  /** Who may use them; empty: everybody. */
  readonly sourceRanges: readonly Prefix[];
  /** 0: no node port. */
  readonly nodePort: number;
  /** internalTrafficPolicy: Local. */
  readonly isInternalLocal: boolean;
  /** externalTrafficPolicy: Local, on a Service where it counts. */
  readonly isExternalLocal: boolean;
  /** Whether any front-end but the ClusterIP exists. */
  readonly isExternal: boolean;
  /** 0: no session affinity. */
  readonly affinitySeconds: number;
}

/**
 * The key that joins a Service port with its endpoints (pkg/proxy/types.go ServicePortName, and the
 * family).
 */
export function familyPortKey(
  owner: { readonly namespace: string; readonly name: string },
  port: { readonly name: string; readonly protocol: Protocol },
  family: Family,
): string {
  return `${owner.namespace}/${owner.name}:${port.name}/${port.protocol}/IPv${family}`;
}

/** Whether a key is of this family, and of this protocol unless it is null. */
export function isKeyOf(key: string, protocol: Protocol | null, family: Family): boolean {
  return key.endsWith(protocol === null ? `/IPv${family}` : `/${protocol}/IPv${family}`);
}

/** Every port of every Service that kube-proxy serves, in the order given. */
export function listFamilyPorts(services: readonly Service[]): FamilyPort[] {
  return services.filter(isServed).flatMap((service) =>
    families.flatMap((family) => {
      const clusterIP = clusterIPOf(service, family);
      if (clusterIP === undefined) return [];
      const doors = { clusterIP, ...externalAddresses(service, family) };
      return service.spec.ports.map((port) => viewPort(service, port, { family, ...doors }));
    }),
  );
}

/** Whether a Service is kube-proxy's: not another proxy's, not headless, not a mere DNS name. */
export function isServed({ metadata, spec }: Service): boolean {
  if (metadata.labels[proxyNameLabel] !== undefined || spec.type === 'ExternalName') return false;
  return spec.clusterIP !== 'None' && (spec.clusterIP ?? '') !== '';
}

type Doors = Pick<FamilyPort, 'family' | 'clusterIP' | 'externalIPs' | 'vips' | 'sourceRanges'>;

function viewPort(service: Service, port: ServicePort, doors: Doors): FamilyPort {
  const { spec, metadata } = service;
  const nodePort = port.nodePort ?? 0;
  return {
    ...doors,
    service,
    port,
    key: familyPortKey(metadata, port, doors.family),
    nodePort,
    isInternalLocal: spec.internalTrafficPolicy === 'Local',
    isExternalLocal: spec.externalTrafficPolicy === 'Local' && honoursExternalPolicy(service),
    isExternal: nodePort !== 0 || doors.vips.length > 0 || doors.externalIPs.length > 0,
    affinitySeconds:
      spec.sessionAffinity === 'ClientIP'
        ? (spec.sessionAffinityTimeout ?? defaultAffinitySeconds)
        : 0,
  };
}

function clusterIPOf({ spec }: Service, family: Family): string | undefined {
  return ofFamily(writtenClusterIPs(spec), family)[0];
}

function externalAddresses(
  { spec, status }: Service,
  family: Family,
): Omit<Doors, 'clusterIP' | 'family'> {
  const ranges = spec.loadBalancerSourceRanges
    .map((text) => parsePrefix(text.trim()))
    .filter((prefix) => prefix?.family === family) as Prefix[];
  const vips = status.ingress.filter(({ ipMode }) => (ipMode ?? 'VIP') === 'VIP');
  return {
    externalIPs: ofFamily(spec.externalIPs, family),
    vips: ofFamily(
      vips.flatMap(({ ip }) => ip ?? []),
      family,
    ),
    sourceRanges: ranges.some((range) => isWholeFamily(range)) ? [] : ranges,
  };
}

function ofFamily(texts: readonly string[], family: Family): string[] {
  return canonicalAddresses(texts).filter((address) => familyOf(address) === family);
}

function isWholeFamily(prefix: Prefix): boolean {
  return prefix.lengthBits === (prefix.family === 4 ? 96 : 0);
}

function honoursExternalPolicy({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' || spec.type === 'NodePort' || spec.externalIPs.length > 0;
}
