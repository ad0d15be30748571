// Objects for the tests of controllers, as the reader would give them: defaulted, each with the
// fields a test is about.

import type {
  Container,
  Endpoints,
  EndpointSlice,
  KubernetesObject,
  Labels,
  Meta,
  Node,
  Pod,
  PodSpec,
  Service,
  Workload,
} from '../../../host/kubernetes/types.ts';
import type { ClusterState } from '../../../host/controllers/state.ts';

/** `name` or `namespace/name`. */
export function meta(path: string, labels: Labels = {}): Meta {
  const [first = '', second] = path.split('/');
  const namespace = second === undefined ? 'default' : first;
  return { name: second ?? first, namespace, labels, annotations: {} };
}

export function container(...ports: Container['ports'][number][]): Container {
  return { name: 'main', ports };
}

export function podSpec(spec: Partial<PodSpec> = {}): PodSpec {
  return { hostNetwork: false, containers: [], initContainers: [], ...spec };
}

interface PodFields {
  labels?: Labels;
  spec?: Partial<PodSpec>;
  status?: Partial<Pod['status']>;
}

export function pod(path: string, { labels = {}, spec, status }: PodFields = {}): Pod {
  return {
    kind: 'Pod',
    metadata: meta(path, labels),
    spec: podSpec(spec),
    status: { podIPs: [], conditions: [], ...status },
  };
}

export function node(
  name: string,
  { labels = {}, addresses = [] as string[], podCIDRs = [] as string[] } = {},
): Node {
  return {
    kind: 'Node',
    metadata: { ...meta(name, labels), namespace: '' },
    spec: { podCIDRs },
    status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
}

export function workload(
  kind: Workload['kind'],
  path: string,
  spec: Partial<Workload['spec']> & { app?: string; pod?: Partial<PodSpec> } = {},
): Workload {
  const { app = path, pod: template, ...rest } = spec;
  const labels = { app };
  return {
    kind,
    metadata: meta(path),
    spec: {
      ...(kind === 'Job' ? {} : { selector: { matchLabels: labels } }),
      template: { metadata: { labels, annotations: {} }, spec: podSpec(template) },
      ...rest,
    },
  };
}

export function service(path: string, spec: Partial<Service['spec']> = {}): Service {
  return {
    kind: 'Service',
    metadata: meta(path),
    spec: {
      type: 'ClusterIP',
      clusterIPs: [],
      ipFamilies: [],
      ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 8080 }],
      externalIPs: [],
      sessionAffinity: 'None',
      loadBalancerSourceRanges: [],
      publishNotReadyAddresses: false,
      ...spec,
    },
    status: { ingress: [] },
  };
}

export function slice(
  path: string,
  serviceName: string,
  fields: Partial<EndpointSlice> = {},
): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    metadata: meta(path, { 'kubernetes.io/service-name': serviceName }),
    addressType: 'IPv4',
    ports: [],
    endpoints: [],
    ...fields,
  };
}

export function endpoints(path: string, subsets: Endpoints['subsets']): Endpoints {
  return { kind: 'Endpoints', metadata: meta(path), subsets };
}

/** Everything in the state, as it would be written. */
export function objectsOf(state: ClusterState): KubernetesObject[] {
  const { nodes, namespaces, pods, workloads, services, slices, policies } = state;
  return [nodes, namespaces, pods, workloads, services, slices, policies].flat();
}
