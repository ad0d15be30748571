// Completed clusters for the compiler's tests, written in few words. Knows no maps.

import type { ClusterState } from '../../../host/controllers/state.ts';
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
  ServicePort,
  SliceEndpoint,
} from '../../../host/kubernetes/types.ts';

export function meta(name: string, namespace = 'default', labels: Labels = {}): Meta {
  return { name, namespace, labels, annotations: {} };
}

export function clusterOf(parts: Partial<ClusterState>): ClusterState {
  return {
    nodes: [nodeOf('node-a', '192.168.0.2'), nodeOf('node-b', '192.168.0.3')],
    namespaces: [],
    pods: [],
    workloads: [],
    services: [],
    slices: [],
    policies: [],
    tierPolicies: [],
    serviceCIDRs: ['10.96.0.0/16'],
    podCIDRs: ['10.244.0.0/16'],
    notes: [],
    ...parts,
  };
}

export function nodeOf(name: string, ...addresses: string[]): Node {
  return {
    kind: 'Node',
    metadata: meta(name, ''),
    spec: { podCIDRs: [] },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

export function namespaceOf(name: string, labels: Labels = {}): Namespace {
  return { kind: 'Namespace', metadata: meta(name, '', labels) };
}

export interface PodInput {
  name: string;
  ip: string | readonly string[];
  namespace?: string;
  labels?: Labels;
  node?: string;
  ports?: readonly ContainerPort[];
  sidecarPorts?: readonly ContainerPort[];
  hostNetwork?: boolean;
  phase?: 'Running' | 'Succeeded' | 'Failed';
}

export function podOf(input: PodInput): Pod {
  const sidecar = { name: 's', ports: input.sidecarPorts ?? [], restartPolicy: 'Always' };
  return {
    kind: 'Pod',
    metadata: meta(input.name, input.namespace, input.labels),
    spec: {
      nodeName: input.node ?? 'node-a',
      hostNetwork: input.hostNetwork ?? false,
      containers: [{ name: 'c', ports: input.ports ?? [] }],
      initContainers: [sidecar],
    },
    status: { phase: input.phase ?? 'Running', podIPs: [input.ip].flat(), conditions: [] },
  };
}

export type ServiceInput = Partial<Omit<Service['spec'], 'ports'>> & {
  name?: string;
  labels?: Labels;
  ports?: readonly Partial<ServicePort>[];
  ingress?: Service['status']['ingress'];
};

/** A ClusterIP Service `web` at 10.96.0.10:80. */
export function serviceOf({
  name = 'web',
  labels,
  ports,
  ingress,
  ...spec
}: ServiceInput): Service {
  return {
    kind: 'Service',
    metadata: meta(name, 'default', labels),
    spec: {
      type: 'ClusterIP',
      clusterIP: spec.clusterIPs?.[0] ?? '10.96.0.10',
      clusterIPs: [spec.clusterIP ?? '10.96.0.10'],
      ipFamilies: ['IPv4'],
      externalIPs: [],
      sessionAffinity: 'None',
      loadBalancerSourceRanges: [],
      publishNotReadyAddresses: false,
      ...spec,
      ports: (ports ?? [{}]).map((port) => ({
        name: '',
        protocol: 'TCP',
        port: 80,
        targetPort: 8080,
        ...port,
      })),
    },
    status: { ingress: ingress ?? [] },
  };
}

export type EndpointInput = Partial<Omit<SliceEndpoint, 'addresses' | 'hints'>> & {
  ip: string;
  forZones?: readonly string[];
  forNodes?: readonly string[];
};

export interface SliceInput {
  name?: string;
  service?: string;
  labels?: Labels;
  addressType?: EndpointSlice['addressType'];
  ports?: EndpointSlice['ports'];
}

/** A slice of Service `web` with port 8080. */
export function sliceOf(
  endpoints: readonly EndpointInput[],
  input: SliceInput = {},
): EndpointSlice {
  const { name = 'web-1', service = 'web', labels = {}, addressType = 'IPv4' } = input;
  return {
    kind: 'EndpointSlice',
    metadata: meta(name, 'default', { 'kubernetes.io/service-name': service, ...labels }),
    addressType,
    ports: input.ports ?? [{ name: '', protocol: 'TCP', port: 8080 }],
    endpoints: endpoints.map(({ ip, forZones = [], forNodes = [], ...rest }) => ({
      conditions: {},
      ...rest,
      addresses: [ip],
      hints: { forZones, forNodes },
    })),
  };
}

export interface PolicyInput {
  name?: string;
  namespace?: string;
  podSelector?: NetworkPolicy['spec']['podSelector'];
  types?: NetworkPolicy['spec']['policyTypes'];
  ingress?: readonly Partial<NetworkPolicyRule>[];
  egress?: readonly Partial<NetworkPolicyRule>[];
}

export function policyOf(input: PolicyInput): NetworkPolicy {
  const rules = (direction: string, given: PolicyInput['ingress'] = []) =>
    given.map((rule, index) => ({
      peers: [],
      ports: [],
      ...rule,
      path: `spec.${direction}[${index}]`,
    }));
  return {
    kind: 'NetworkPolicy',
    metadata: meta(input.name ?? 'policy', input.namespace),
    spec: {
      ...(input.podSelector === undefined ? {} : { podSelector: input.podSelector }),
      policyTypes: input.types ?? ['Ingress'],
      ingress: rules('ingress', input.ingress),
      egress: rules('egress', input.egress),
    },
  };
}
