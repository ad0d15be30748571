// Objects as the API spells them, the opposite of reading: for `get -o json`, and for whoever is
// told of a cluster by text. Knows the kinds that packets depend on directly, not what makes them.

import type {
  EndpointSlice,
  KubernetesObject,
  Meta,
  NetworkPolicy,
  NetworkPolicyRule,
  Node,
  Pod,
  Service,
  SliceEndpoint,
} from './types.ts';

/** An object as an API server would return it: plain data, ready for JSON or YAML. */
export interface PlainObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: unknown;
  readonly [field: string]: unknown;
}

/**
 * Writes a Namespace, Node, Pod, Service, EndpointSlice or NetworkPolicy; throws RangeError for
 * other kinds. `readObject` reads it back.
 */
export function writeObject(object: KubernetesObject): PlainObject {
  switch (object.kind) {
    case 'Namespace':
      return { apiVersion: 'v1', kind: 'Namespace', metadata: writeMeta(object.metadata) };
    case 'Node':
      return writeNode(object);
    case 'Pod':
      return writePod(object);
    case 'Service':
      return writeService(object);
    case 'EndpointSlice':
      return writeSlice(object);
    case 'NetworkPolicy':
      return writeNetworkPolicy(object);
    default:
      throw new RangeError(`a ${object.kind} is not written`);
  }
}

/** Metadata as the API spells it. What podplane made says from what. */
export function writeMeta(meta: Meta): unknown {
  const { name, namespace, labels, annotations, deletionTimestamp, madeFrom } = meta;
  const marks = madeFrom === undefined ? {} : { 'podplane.io/made-from': madeFrom };
  const allAnnotations = { ...annotations, ...marks };
  return {
    name,
    ...(namespace !== '' && { namespace }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(allAnnotations).length > 0 && { annotations: allAnnotations }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
  };
}

function writeNode({ metadata, spec, status }: Node): PlainObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: writeMeta(metadata),
    spec: { ...(spec.podCIDRs[0] !== undefined && { podCIDR: spec.podCIDRs[0] }), ...spec },
    status,
  };
}

function writePod({ metadata, spec, status }: Pod): PlainObject {
  const [podIP] = status.podIPs;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: writeMeta(metadata),
    spec,
    status: {
      ...status,
      ...(podIP !== undefined && { podIP }),
      podIPs: status.podIPs.map((ip) => ({ ip })),
    },
  };
}

function writeService({ metadata, spec, status }: Service): PlainObject {
  const { sessionAffinityTimeout, ...rest } = spec;
  const timeoutSeconds = sessionAffinityTimeout;
  const isSticky = spec.sessionAffinity === 'ClientIP' && timeoutSeconds !== undefined;
  const affinity = isSticky && {
    sessionAffinityConfig: { clientIP: { timeoutSeconds } },
  };
  const loadBalancer = status.ingress.length === 0 ? {} : { ingress: status.ingress };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: writeMeta(metadata),
    spec: withoutEmpty({ ...rest, ...affinity }),
    status: { loadBalancer },
  };
}

/** Without the lists that are empty, as the API leaves them out. */
function withoutEmpty(fields: Readonly<Record<string, unknown>>): unknown {
  const kept = Object.entries(fields).filter(
    ([, value]) => !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept);
}

function writeSlice({ metadata, addressType, ports, endpoints }: EndpointSlice): PlainObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: writeMeta(metadata),
    addressType,
    ports,
    endpoints: endpoints.map(writeEndpoint),
  };
}

function writeEndpoint({ hints, targetPod, ...rest }: SliceEndpoint): unknown {
  const named = (names: readonly string[]) => names.map((name) => ({ name }));
  const zones = hints.forZones.length > 0 && { forZones: named(hints.forZones) };
  const nodes = hints.forNodes.length > 0 && { forNodes: named(hints.forNodes) };
  const [namespace, name] = targetPod?.split('/') ?? [];
  return {
    ...rest,
    ...((zones || nodes) && { hints: { ...zones, ...nodes } }),
    ...(targetPod !== undefined && { targetRef: { kind: 'Pod', namespace, name } }),
  };
}

function writeNetworkPolicy({ metadata, spec }: NetworkPolicy): PlainObject {
  const { ingress, egress, ...rest } = spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: writeMeta(metadata),
    spec: {
      ...rest,
      ...(ingress.length > 0 && { ingress: ingress.map((rule) => writeRule(rule, 'from')) }),
      ...(egress.length > 0 && { egress: egress.map((rule) => writeRule(rule, 'to')) }),
    },
  };
}

function writeRule({ peers, ports }: NetworkPolicyRule, peersField: 'from' | 'to'): unknown {
  return {
    ...(peers.length > 0 && { [peersField]: peers }),
    ...(ports.length > 0 && { ports }),
  };
}
