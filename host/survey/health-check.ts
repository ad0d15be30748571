// What a node answers at a Service's health-check node port, by which load balancers find the nodes
// that have endpoints. Pure; knows no packets.
// Source: pkg/proxy/healthcheck/service_health.go ServeHTTP; pkg/proxy/endpointslicecache.go.

import { collectEndpoints } from '../compile/endpoint-sets.ts';
import { listFamilyPorts } from '../compile/service-port.ts';
import { slicesOf } from './service-slices.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { Family, Service } from '../kubernetes/types.ts';

/** An HTTP answer. */
export interface HealthCheckAnswer {
  /** 200: send clients to this node; 503: do not. */
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, spaced as kube-proxy spaces it. */
  readonly body: string;
}

/**
 * The answer of a node, whose kube-proxy is taken to be healthy; null for a Service that has no
 * health-check node port, which is all but LoadBalancer with externalTrafficPolicy Local. Each
 * family has a listener of its own, which counts the ready endpoints on this node that have
 * different addresses; `family` is by default that of the Service's first address.
 */
export function answerHealthCheck(
  state: ClusterState,
  node: string,
  service: Service,
  family?: Family,
): HealthCheckAnswer | null {
  const counted = family ?? listFamilyPorts([service])[0]?.family;
  if (counted === undefined || !hasHealthCheck(service)) return null;
  const count = countReadyLocal(state, { node, service, family: counted });
  const { namespace, name } = service.metadata;
  return {
    status: count > 0 ? 200 : 503,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': String(count),
    },
    body: [
      '{',
      '\t"service": {',
      `\t\t"namespace": ${JSON.stringify(namespace)},`,
      `\t\t"name": ${JSON.stringify(name)}`,
      '\t},',
      `\t"localEndpoints": ${count},`,
      '\t"serviceProxyHealthy": true',
      '}',
    ].join('\n'),
  };
}

/** Whether load balancers ask about this Service. Source: pkg/api/v1/service NeedsHealthCheck. */
function hasHealthCheck({ spec }: Service): boolean {
  const isLocal = spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
  return isLocal && (spec.healthCheckNodePort ?? 0) !== 0;
}

interface Counted {
  readonly node: string;
  readonly service: Service;
  readonly family: Family;
}

/** Endpoints of every port of the slices count, whether or not the Service has that port. */
function countReadyLocal(state: ClusterState, { node, service, family }: Counted): number {
  const type = family === 4 ? 'IPv4' : 'IPv6';
  const slices = slicesOf(state, service).filter(({ addressType }) => addressType === type);
  const endpoints = [...collectEndpoints(slices, node).values()].flat();
  const ready = endpoints.filter(({ isReady, isLocal }) => isReady && isLocal);
  return new Set(ready.map(({ address }) => address)).size;
}
