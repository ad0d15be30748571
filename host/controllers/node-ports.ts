// Node ports and health-check node ports: each number for one Service port of a protocol. The same
// port of a Service in two protocols gets one number. Source:
// `pkg/registry/core/service/{portallocator,storage/alloc.go}`.

import type { Protocol, Service, ServicePort } from '../kubernetes/types.ts';
import { findFree, startFor, type NumberRange } from './allocate.ts';
import { addProblem, addProblemOnce, keyOf } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { nameOf } from './written.ts';

/**
 * The API server's default --service-node-port-range; numbers below 30086 are left to people's own
 * choice.
 */
const NODE_PORTS: NumberRange = { first: 30000, preferred: 30086, last: 32767 };
const RANGE_MESSAGE =
  'provided port is not in the valid range. The range of valid ports is 30000-32767';

/** `TCP/30080` -> key of the Service. */
type PortClaims = Map<string, string>;

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** Services with the node ports that their type asks for; refuses ports out of range or taken. */
export function completeNodePorts(services: readonly Service[], inputs: Inputs): Service[] {
  const claims: PortClaims = new Map();
  for (const service of services) claimWritten(service, claims, inputs);
  const kept = services.map((service) => withPreviousPorts(service, claims, inputs));
  return kept.map((service) => withNewPorts(service, claims, inputs));
}

function needsNodePorts({ spec }: Service): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

/** Source: `pkg/api/v1/service/util.go NeedsHealthCheck`. */
function needsHealthCheck({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

function claimWritten(service: Service, claims: PortClaims, inputs: Inputs): void {
  const claimField = (port: number | undefined, protocol: Protocol, path: string) => {
    if (port === undefined) return;
    const reason = refusal(port, protocol, claims);
    if (reason === undefined) claims.set(`${protocol}/${port}`, keyOf(service));
    else addProblem(inputs.findings, service, { path, ...reason });
  };
  for (const [index, { nodePort, protocol }] of service.spec.ports.entries()) {
    claimField(nodePort, protocol, `spec.ports[${index}].nodePort`);
  }
  if (needsHealthCheck(service)) {
    claimField(service.spec.healthCheckNodePort, 'TCP', 'spec.healthCheckNodePort');
  }
}

function refusal(port: number, protocol: Protocol, claims: PortClaims) {
  if (port < NODE_PORTS.first || port > NODE_PORTS.last) {
    const expected = 'a port of that range, or none, to have one chosen';
    return { message: `Invalid value: ${port}: ${RANGE_MESSAGE}`, expected };
  }
  const holder = claims.get(`${protocol}/${port}`);
  if (holder === undefined) return undefined;
  const message = `Invalid value: ${port}: provided port is already allocated`;
  return { message, expected: `a ${protocol} port that ${holder} does not have` };
}

function withPreviousPorts(service: Service, claims: PortClaims, inputs: Inputs): Service {
  const earlier = inputs.previous.services.get(nameOf(service.metadata));
  if (earlier === undefined) return service;
  const owner = keyOf(service);
  return withPorts(service, {
    nodePort: (port) => {
      const before = earlier.spec.ports.find((candidate) => isSamePort(candidate, port))?.nodePort;
      return before !== undefined && claimPort(claims, port.protocol, before, owner)
        ? before
        : undefined;
    },
    healthCheckNodePort: () => {
      const before = earlier.spec.healthCheckNodePort;
      return before !== undefined && claimPort(claims, 'TCP', before, owner) ? before : undefined;
    },
  });
}

function isSamePort(a: ServicePort, b: ServicePort): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

function withNewPorts(service: Service, claims: PortClaims, inputs: Inputs): Service {
  const owner = keyOf(service);
  const byNumber = new Map(service.spec.ports.map(({ port, nodePort }) => [port, nodePort]));
  const allocate = (path: string, protocol: Protocol) =>
    newPort(service, { path, protocol }, claims, inputs);
  return withPorts(service, {
    nodePort: (port, index) => {
      const twin = byNumber.get(port.port);
      if (twin !== undefined && claimPort(claims, port.protocol, twin, owner)) return twin;
      const chosen = allocate(`spec.ports[${index}].nodePort`, port.protocol);
      byNumber.set(port.port, chosen);
      return chosen;
    },
    healthCheckNodePort: () => allocate('spec.healthCheckNodePort', 'TCP'),
  });
}

/** A number that no Service has in any protocol, claimed for one. */
function newPort(
  service: Service,
  { path, protocol }: { path: string; protocol: Protocol },
  claims: PortClaims,
  { findings }: Inputs,
): number | undefined {
  const start = startFor(NODE_PORTS, `${keyOf(service)}/${path}`);
  const isTaken = (port: number) => PROTOCOLS.some((one) => claims.has(`${one}/${port}`));
  const port = findFree(NODE_PORTS, start, isTaken);
  if (port === null) {
    const message = 'failed to allocate a nodePort: range is full';
    addProblemOnce(findings, service, {
      path,
      message,
      expected: 'fewer Services with node ports',
    });
    return undefined;
  }
  claims.set(`${protocol}/${port}`, keyOf(service));
  return port;
}

function claimPort(claims: PortClaims, protocol: Protocol, port: number, owner: string): boolean {
  const key = `${protocol}/${port}`;
  if (claims.has(key)) return false;
  claims.set(key, owner);
  return true;
}

interface PortChoice {
  nodePort(port: ServicePort, index: number): number | undefined;
  healthCheckNodePort(): number | undefined;
}

/** Asks for the ports that the Service needs and lacks. */
function withPorts(service: Service, choice: PortChoice): Service {
  const needsPorts = needsNodePorts(service);
  const needsCheck = needsHealthCheck(service) && service.spec.healthCheckNodePort === undefined;
  if (!needsPorts && !needsCheck) return service;
  const ports = service.spec.ports.map((port, index) => {
    if (!needsPorts || port.nodePort !== undefined) return port;
    const nodePort = choice.nodePort(port, index);
    return nodePort === undefined ? port : { ...port, nodePort };
  });
  const healthCheckNodePort = needsCheck ? choice.healthCheckNodePort() : undefined;
  const check = healthCheckNodePort === undefined ? {} : { healthCheckNodePort };
  return { ...service, spec: { ...service.spec, ports, ...check } };
}
