// Services as kubectl prints them. Source: kubectl `printService` in
// pkg/printers/internalversion/printers.go.

import type { ClusterState } from '../../controllers/state.ts';
import type { Service, ServicePort } from '../../kubernetes/types.ts';
import { writeObject } from '../../kubernetes/write.ts';
import { joined, none, unknownAge, type Resource, type Row } from './resource.ts';
import { answerHealthCheck } from '../../survey/health-check.ts';

export const services: Resource = {
  names: ['services', 'service', 'svc'],
  nameOutput: 'service',
  isNamespaced: true,
  heads: ['TYPE', 'CLUSTER-IP', 'EXTERNAL-IP', 'PORT(S)', 'AGE'],
  wideHeads: ['SELECTOR', 'HEALTH CHECK'],
  rowsOf: (state, node) =>
    state.services.map((service) => serviceRow(service, healthCheckText(state, node, service))),
};

function serviceRow(service: Service, healthCheck: string): Row {
  const { metadata, spec } = service;
  const clusterIP = spec.type === 'ExternalName' ? none : spec.clusterIP || none;
  const selector = Object.entries(spec.selector ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    cells: [
      spec.type,
      clusterIP,
      externalIPs(service),
      joined(spec.ports.map(portText)),
      unknownAge,
    ],
    wideCells: [joined(selector), healthCheck],
    object: writeObject(service),
  };
}

function externalIPs({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? none;
  if (spec.type !== 'LoadBalancer') return joined(spec.externalIPs);
  const ingress = status.ingress.map(({ ip, hostname }) => ip ?? hostname ?? '');
  const all = [...ingress, ...spec.externalIPs];
  return all.length === 0 ? '<pending>' : all.join(',');
}

/** `32000: 200, weight 2`: what load balancers learn from this node. */
function healthCheckText(state: ClusterState, node: string, service: Service): string {
  const answer = answerHealthCheck(state, node, service);
  if (answer === null) return none;
  const weight = answer.headers['X-Load-Balancing-Endpoint-Weight'];
  return `${service.spec.healthCheckNodePort}: ${answer.status}, weight ${weight}`;
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`;
}
