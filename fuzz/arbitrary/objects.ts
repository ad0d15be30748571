// Kubernetes objects in full from the few fields that a generated story varies. Shapes only;
// nothing is chosen here.

import type {
  ContainerPort,
  EndpointSlice,
  Labels,
  Meta,
  Namespace,
  NetworkPolicy,
  NetworkPolicyRule,
  Node,
  Pod,
  Service,
  SliceEndpoint,
} from '../../host/kubernetes/types.ts';

export function meta(namespace: string, name: string, labels: Labels = {}): Meta {
  return { namespace, name, labels, annotations: {} };
}

export function namespaceOf(name: string, labels: Labels): Namespace {
  const own = { 'kubernetes.io/metadata.name': name };
  return { kind: 'Namespace', metadata: meta('', name, { ...labels, ...own }) };
}

export interface NodeSketch {
  readonly name: string;
  /** Null: it has no zone label. */
  readonly zone: string | null;
  readonly addresses: readonly string[];
  readonly podCIDRs: readonly string[];
}

export function nodeOf({ name, zone, addresses, podCIDRs }: NodeSketch): Node {
  return {
    kind: 'Node',
    metadata: meta('', name, zone === null ? {} : { 'topology.kubernetes.io/zone': zone }),
    spec: { podCIDRs },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

export interface PodSketch {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly labels: Labels;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
}

/** What every pod declares; policies name these ports. */
export const containerPorts: readonly ContainerPort[] = [
  { name: 'web', containerPort: 8080, protocol: 'TCP' },
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
];

export function podOf({ name, namespace, node, labels, ips, hostNetwork }: PodSketch): Pod {
  const containers = [{ name: 'main', ports: containerPorts }];
  return {
    kind: 'Pod',
    metadata: meta(namespace, name, labels),
    spec: { nodeName: node, hostNetwork, containers, initContainers: [] },
    status: {
      phase: 'Running',
      podIPs: ips,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

export type ServiceSketch = Pick<
  Service['spec'],
  | 'type'
  | 'ports'
  | 'externalIPs'
  | 'externalTrafficPolicy'
  | 'healthCheckNodePort'
  | 'internalTrafficPolicy'
  | 'sessionAffinity'
  | 'sessionAffinityTimeout'
  | 'loadBalancerSourceRanges'
> & {
  readonly name: string;
  readonly clusterIPs: readonly string[];
  readonly ingress: readonly string[];
};

export function serviceOf({ name, clusterIPs, ingress, ...spec }: ServiceSketch): Service {
  return {
    kind: 'Service',
    metadata: meta('default', name),
    spec: {
      ...spec,
      ...(clusterIPs[0] === undefined ? {} : { clusterIP: clusterIPs[0] }),
      clusterIPs,
      ipFamilies: clusterIPs.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4')),
      publishNotReadyAddresses: false,
    },
    status: { ingress: ingress.map((ip) => ({ ip, ipMode: 'VIP' })) },
  };
}

export interface SliceSketch {
  readonly service: string;
  readonly family: 4 | 6;
  readonly ports: EndpointSlice['ports'];
  readonly endpoints: readonly SliceEndpoint[];
}

export function sliceOf({ service, family, ports, endpoints }: SliceSketch): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': service };
  return {
    kind: 'EndpointSlice',
    metadata: meta('default', `${service}-${family}`, labels),
    addressType: `IPv${family}`,
    ports,
    endpoints,
  };
}

export interface PolicySketch {
  readonly name: string;
  readonly podLabels: Labels | null;
  readonly policyTypes: NetworkPolicy['spec']['policyTypes'];
  readonly ingress: readonly Omit<NetworkPolicyRule, 'path'>[];
  readonly egress: readonly Omit<NetworkPolicyRule, 'path'>[];
}

export function policyOf({
  name,
  podLabels,
  policyTypes,
  ingress,
  egress,
}: PolicySketch): NetworkPolicy {
  const numbered = (rules: PolicySketch['ingress'], field: string) =>
    rules.map((rule, index) => ({ ...rule, path: `spec.${field}[${index}]` }));
  return {
    kind: 'NetworkPolicy',
    metadata: meta('default', name),
    spec: {
      ...(podLabels === null ? {} : { podSelector: { matchLabels: podLabels } }),
      policyTypes,
      ingress: numbered(ingress, 'ingress'),
      egress: numbered(egress, 'egress'),
    },
  };
}
