// A small cluster with one of everything that an update may touch: workloads, Services of every
// type, written slices and those that controllers make, policies of all tiers. What happens to it
// is in steps.test.ts.

import type {
  EndpointSlice,
  KubernetesObject,
  LabelSelector,
  Namespace,
  NetworkPolicy,
  NetworkPolicyRule,
  Node,
  Pod,
  SliceEndpoint,
  TierPolicy,
  TierRule,
} from '../../../host/kubernetes/types.ts';
import { container, endpoints, meta, node, pod, service } from '../controllers/objects.ts';
import { slice, workload } from '../controllers/objects.ts';

export function namespace(name: string, team: string): Namespace {
  return { kind: 'Namespace', metadata: { ...meta(name, { team }), namespace: '' } };
}

export function nodeIn(zone: string, name: string, number: number): Node {
  const made = node(name, {
    labels: { 'topology.kubernetes.io/zone': zone },
    addresses: [`192.168.0.${number}`, `fd00:192:168::${number}`],
    podCIDRs: [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`],
  });
  return { ...made, status: { ...made.status, allocatable: { cpu: '2' } } };
}

/** A pod of node-a unless said otherwise, running, with a port `http` and a sidecar's `metrics`. */
export function podAt(path: string, ip: string, change: Parameters<typeof pod>[1] = {}): Pod {
  const http = { name: 'http', containerPort: 8080, protocol: 'TCP' as const };
  const metrics = { name: 'metrics', containerPort: 9090, protocol: 'TCP' as const };
  return pod(path, {
    labels: change.labels ?? { app: 'web' },
    spec: {
      nodeName: 'node-a',
      containers: [container(http)],
      initContainers: [{ name: 'side', ports: [metrics], restartPolicy: 'Always' }],
      ...change.spec,
    },
    status: { podIPs: [ip], phase: 'Running', ...change.status },
  });
}

/** Of a slice: an endpoint at an address, on a node, in a condition. */
export function endpointAt(address: string, change: Partial<SliceEndpoint> = {}): SliceEndpoint {
  const hints = { forZones: [], forNodes: [] };
  return { addresses: [address], conditions: { ready: true }, hints, ...change };
}

/** A written slice of Service `bare`: UDP and TCP. */
export function bareSlice(name: string, ...listed: readonly SliceEndpoint[]): EndpointSlice {
  const ports = [
    { name: 'dns', protocol: 'UDP' as const, port: 53 },
    { name: 'web', protocol: 'TCP' as const, port: 80 },
  ];
  return slice(name, 'bare', { ports, endpoints: listed });
}

export const having = (app: string): LabelSelector => ({ matchLabels: { app } });

export function policy(
  path: string,
  podSelector: LabelSelector,
  rules: Partial<Record<'ingress' | 'egress', readonly Omit<NetworkPolicyRule, 'path'>[]>>,
): NetworkPolicy {
  const read = (side: 'ingress' | 'egress') =>
    (rules[side] ?? []).map((rule, at) => ({ ...rule, path: `spec.${side}[${at}]` }));
  const policyTypes = [
    ...(rules.ingress === undefined ? [] : (['Ingress'] as const)),
    ...(rules.egress === undefined ? [] : (['Egress'] as const)),
  ];
  const [ingress, egress] = [read('ingress'), read('egress')];
  return {
    kind: 'NetworkPolicy',
    metadata: meta(path),
    spec: { podSelector, policyTypes, ingress, egress },
  };
}

export function tierPolicy(
  name: string,
  [tier, priority]: readonly ['Admin' | 'Baseline', number],
  egress: readonly Partial<TierRule>[],
): TierPolicy {
  return {
    kind: 'ClusterNetworkPolicy',
    metadata: { ...meta(name), namespace: '' },
    spec: {
      tier,
      priority,
      subject: { namespaceSelector: {} },
      ingress: [],
      egress: egress.map((rule, at) => {
        return { name: '', action: 'Deny', peers: [], path: `spec.egress[${at}]`, ...rule };
      }),
    },
  };
}

const tcp = (port: number | string) => ({ protocol: 'TCP' as const, port });

export const policies: readonly KubernetesObject[] = [
  policy('default/clients', having('web'), {
    ingress: [
      { peers: [{ podSelector: having('client') }], ports: [tcp('http')] },
      { peers: [{ namespaceSelector: { matchLabels: { team: 'blue' } } }], ports: [tcp(80)] },
      { peers: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.244.3.0/24'] } }], ports: [] },
    ],
  }),
  policy('default/out', having('client'), {
    egress: [{ peers: [{ podSelector: {}, namespaceSelector: {} }], ports: [tcp('metrics')] }],
  }),
  tierPolicy('guard', ['Admin', 5], [{ peers: [{ nodes: {} }], name: 'nodes' }]),
  tierPolicy(
    'shop',
    ['Admin', 5],
    [{ peers: [{ pods: { namespaceSelector: { matchLabels: { team: 'blue' } } } }] }],
  ),
  tierPolicy('rest', ['Baseline', 0], [{ peers: [{ networks: ['0.0.0.0/0'] }] }]),
];

const dual = { ipFamilyPolicy: 'PreferDualStack' as const };
const dns = { name: 'dns', protocol: 'UDP' as const, port: 53, targetPort: 53 };
const web = { name: 'web', protocol: 'TCP' as const, port: 80, targetPort: 'http' };
export const sticky = { sessionAffinity: 'ClientIP' as const, sessionAffinityTimeout: 60 };

const services: readonly KubernetesObject[] = [
  service('default/web', { selector: { app: 'web' }, ports: [web], ...dual }),
  service('default/door', {
    type: 'LoadBalancer',
    selector: { app: 'web', tier: 'front' },
    externalTrafficPolicy: 'Local',
    loadBalancerSourceRanges: ['203.0.113.0/24', '192.168.0.0/24'],
    externalIPs: ['203.0.113.100'],
    ports: [web, { ...dns, targetPort: 53 }],
    ...sticky,
  }),
  service('default/bare', { type: 'NodePort', ports: [dns, { ...web, targetPort: 80 }] }),
  service('default/rival', { externalIPs: ['203.0.113.100'], ports: [web] }),
  service('default/db', { clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'db' } }),
  service('default/alias', { type: 'ExternalName', externalName: 'example.com', ports: [] }),
  service('default/old', { ports: [web] }),
  service('shop/near', {
    selector: { app: 'client' },
    trafficDistribution: 'PreferSameNode',
    internalTrafficPolicy: 'Local',
  }),
];

/** The cluster at rest. */
export const village: readonly KubernetesObject[] = [
  nodeIn('east', 'node-a', 2),
  nodeIn('west', 'node-b', 3),
  namespace('default', 'red'),
  namespace('shop', 'blue'),
  workload('Deployment', 'shop/api', { app: 'api', replicas: 2 }),
  workload('DaemonSet', 'default/agent', { app: 'agent', pod: { hostNetwork: true } }),
  workload('StatefulSet', 'default/db', { app: 'db', replicas: 2, serviceName: 'db' }),
  podAt('default/web-1', '10.244.2.11', { labels: { app: 'web', tier: 'front' } }),
  podAt('default/web-2', '10.244.3.12', { spec: { nodeName: 'node-b' } }),
  podAt('default/client', '10.244.2.13', { labels: { app: 'client' } }),
  podAt('shop/client', '10.244.2.14', { labels: { app: 'client' } }),
  podAt('default/done', '10.244.2.15', { status: { phase: 'Succeeded' } }),
  podAt('default/host', '192.168.0.2', { spec: { hostNetwork: true } }),
  podAt('default/twin', '10.244.2.13', { labels: { app: 'web' } }),
  ...services,
  pod('default/lost', { spec: { nodeSelector: { disk: 'ssd' } } }),
  slice('ghost-1', 'ghost', { endpoints: [endpointAt('198.51.100.7')] }),
  bareSlice('bare-1', endpointAt('10.244.2.11', { nodeName: 'node-a' })),
  bareSlice('bare-2', endpointAt('198.51.100.9'), endpointAt('10.244.3.12')),
  endpoints('default/old', [
    {
      addresses: [{ ip: '10.244.9.9', nodeName: 'node-b' }],
      notReadyAddresses: [{ ip: '10.244.9.8' }],
      ports: [{ name: 'web', protocol: 'TCP', port: 8080 }],
    },
  ]),
  ...policies,
];
