// Arbitrary small clusters, whole as an API server would return them: two nodes, a few pods,
// Services with hand-made EndpointSlices, NetworkPolicies. Objects of a kind vary under the same
// names, so that a later one replaces an earlier one.

import * as fc from 'fast-check';
import type {
  EndpointSlice,
  KubernetesObject,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Pod,
  Service,
  SliceEndpoint,
} from '../../host/kubernetes/types.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { doorsOf, type Door } from './doors.ts';
import type { AddressPool } from './packet.ts';
import type { PodSketch } from './objects.ts';
import { namespaceOf, nodeOf, podOf, policyOf, serviceOf, sliceOf } from './objects.ts';

/** The node whose dataplane is tested. */
export const subjectNode = 'node-a';

export const nodes = [
  nodeOf({
    name: 'node-a',
    zone: 'east',
    addresses: ['192.168.0.2', 'fd00:192:168::2'],
    podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'],
  }),
  nodeOf({
    name: 'node-b',
    zone: 'west',
    addresses: ['192.168.0.3', 'fd00:192:168::3'],
    podCIDRs: ['10.244.2.0/24', 'fd00:10:244:2::/64'],
  }),
];

export const namespaces = [
  namespaceOf('default', { team: 'red' }),
  namespaceOf('other', { team: 'blue' }),
];

/** Two pods here, two there, one on the host's network; labels vary. */
export const podSketches: readonly Omit<PodSketch, 'labels'>[] = [
  {
    name: 'p0',
    namespace: 'default',
    node: 'node-a',
    ips: ['10.244.1.2', 'fd00:10:244:1::2'],
    hostNetwork: false,
  },
  {
    name: 'p1',
    namespace: 'default',
    node: 'node-a',
    ips: ['10.244.1.3', 'fd00:10:244:1::3'],
    hostNetwork: false,
  },
  {
    name: 'p2',
    namespace: 'default',
    node: 'node-b',
    ips: ['10.244.2.2', 'fd00:10:244:2::2'],
    hostNetwork: false,
  },
  {
    name: 'p3',
    namespace: 'other',
    node: 'node-b',
    ips: ['10.244.2.3', 'fd00:10:244:2::3'],
    hostNetwork: false,
  },
  {
    name: 'p4',
    namespace: 'default',
    node: 'node-a',
    ips: ['192.168.0.2', 'fd00:192:168::2'],
    hostNetwork: true,
  },
];

/**
 * Every address that a story's packets run between: pods, nodes, service addresses, outside,
 * nobody's.
 */
export const pool: AddressPool = {
  4: [
    '203.0.113.7',
    ...podSketches.map(({ ips }) => ips[0]!),
    '192.168.0.3',
    '10.96.0.10',
    '10.96.0.11',
    '198.51.100.10',
    '203.0.113.100',
    '10.96.0.99',
    '198.51.100.99',
  ],
  6: [
    '2001:db8::7',
    ...podSketches.map(({ ips }) => ips[1]!),
    'fd00:192:168::3',
    'fd00:10:96::10',
    '2001:db8:1b::10',
    'fd00:10:96::99',
  ],
};

/** Of `s0`, where load balancers ask the node itself whether it has endpoints. */
export const healthCheckNodePort = 30_100;
export const servicePorts = [80, 53, 30080, 30053, healthCheckNodePort] as const;
export const targetPort = 8080;

const labels = fc.constantFrom({ app: 'a' }, { app: 'b' });

export function pods(): fc.Arbitrary<Pod[]> {
  return fc.tuple(
    ...podSketches.map((sketch) => labels.map((found) => podOf({ ...sketch, labels: found }))),
  );
}

function oftenNone<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(value, { maxLength: 1 });
}

/** Service `s0` has every door and both families, `s1` is a plain ClusterIP of one family. */
function services(): fc.Arbitrary<Service[]> {
  const localOrCluster = fc.constantFrom('Cluster' as const, 'Local' as const);
  const varied = {
    internalTrafficPolicy: localOrCluster,
    externalTrafficPolicy: localOrCluster,
    sessionAffinity: fc.constantFrom('None' as const, 'ClientIP' as const),
    sessionAffinityTimeout: fc.constantFrom(10, 10800),
    loadBalancerSourceRanges: fc.constantFrom<string[]>(
      [],
      ['203.0.113.0/24'],
      ['203.0.113.6/31', '192.168.0.3/32'],
      ['192.168.0.0/24', '10.244.1.2/32'],
      ['fd00::/8'],
    ),
  };
  const ports = [
    { name: 'web', protocol: 'TCP', port: 80, targetPort, nodePort: 30080 },
    { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53, nodePort: 30053 },
    { name: 'assoc', protocol: 'SCTP', port: 80, targetPort, nodePort: 30080 },
  ] as const;
  const full = fc.record(varied).map((choices) =>
    serviceOf({
      ...choices,
      ...(choices.externalTrafficPolicy === 'Local' && { healthCheckNodePort }),
      name: 's0',
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.10', 'fd00:10:96::10'],
      ports,
      externalIPs: ['203.0.113.100'],
      ingress: ['198.51.100.10', '2001:db8:1b::10'],
    }),
  );
  const plain = fc.record(varied).map(({ internalTrafficPolicy, sessionAffinity }) =>
    serviceOf({
      name: 's1',
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.11'],
      ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort }],
      externalIPs: [],
      ingress: [],
      internalTrafficPolicy,
      sessionAffinity,
      sessionAffinityTimeout: 10800,
      loadBalancerSourceRanges: [],
    }),
  );
  return fc.tuple(full, plain);
}

/** Endpoints are the pods, and one address outside; of each, its conditions and hints vary. */
export function endpoint(family: 4 | 6): fc.Arbitrary<SliceEndpoint> {
  const position = family === 4 ? 0 : 1;
  const outside = family === 4 ? '198.51.100.99' : '2001:db8::99';
  const places = podSketches.map(({ ips, node: nodeName }) => ({
    addresses: [ips[position]!],
    nodeName,
  }));
  return fc
    .record({
      place: fc.constantFrom(...places, { addresses: [outside] }),
      conditions: fc.constantFrom(
        {},
        { ready: true, serving: true, terminating: false },
        { ready: false, serving: true, terminating: true },
        { ready: false, serving: false, terminating: false },
        { ready: false, serving: false, terminating: true },
        { ready: false, serving: true, terminating: false },
      ),
      hints: fc.constantFrom(
        { forZones: [], forNodes: [] },
        { forZones: ['east'], forNodes: [] },
        { forZones: ['west'], forNodes: ['node-b'] },
        { forZones: ['east'], forNodes: ['node-a'] },
      ),
    })
    .map(({ place, conditions, hints }) => ({ ...place, conditions, hints }));
}

function slices(): fc.Arbitrary<EndpointSlice[]> {
  const webAndDns = [
    { name: 'web', protocol: 'TCP' as const, port: targetPort },
    { name: 'dns', protocol: 'UDP' as const, port: 53 },
    { name: 'assoc', protocol: 'SCTP' as const, port: targetPort },
  ];
  const of = (name: string, family: 4 | 6) =>
    fc
      .array(endpoint(family), { maxLength: 4 })
      .map((endpoints) => sliceOf({ service: name, family, ports: webAndDns, endpoints }));
  return fc.tuple(of('s0', 4), of('s0', 6), of('s1', 4));
}

function peer(): fc.Arbitrary<NetworkPolicyPeer> {
  const selector = labels.map((matchLabels) => ({ matchLabels }));
  const team = fc.constantFrom('red', 'blue').map((name) => ({ matchLabels: { team: name } }));
  return fc.oneof(
    fc.record({ podSelector: selector }),
    fc.record({ namespaceSelector: team }),
    fc.record({ namespaceSelector: team, podSelector: selector }),
    fc.record({ ipBlock: block() }),
  );
}

function block() {
  return fc.constantFrom(
    { cidr: '10.244.0.0/16', except: [] },
    { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] },
    { cidr: '0.0.0.0/0', except: ['203.0.113.0/24', '10.244.2.2/32'] },
    { cidr: '203.0.113.7/32', except: [] },
    { cidr: '::/0', except: ['fd00:10:244:2::/64'] },
    { cidr: 'fd00:10:244:1::2/128', except: [] },
  );
}

function policyPort(): fc.Arbitrary<NetworkPolicyPort> {
  return fc.constantFrom<NetworkPolicyPort>(
    { protocol: 'TCP', port: targetPort },
    { protocol: 'TCP', port: 'web' },
    { protocol: 'UDP', port: 'dns' },
    { protocol: 'UDP' },
    { protocol: 'TCP', port: 8000, endPort: 9000 },
    { protocol: 'SCTP', port: targetPort },
    { protocol: 'TCP', port: 80 },
  );
}

function rule() {
  return fc.record({
    peers: fc.array(peer(), { maxLength: 2 }),
    ports: fc.array(policyPort(), { maxLength: 2 }),
  });
}

function namedPolicy(name: string): fc.Arbitrary<NetworkPolicy> {
  return fc
    .record({
      podLabels: fc.option(labels),
      policyTypes: fc.constantFrom<('Ingress' | 'Egress')[]>(
        ['Ingress'],
        ['Egress'],
        ['Ingress', 'Egress'],
      ),
      ingress: fc.array(rule(), { maxLength: 2 }),
      egress: fc.array(rule(), { maxLength: 2 }),
    })
    .map((varied) => policyOf({ name, ...varied }));
}

export function policies(): fc.Arbitrary<NetworkPolicy[]> {
  return fc
    .tuple(oftenNone(namedPolicy('n0')), oftenNone(namedPolicy('n1')))
    .map((found) => found.flat());
}

/** Clusters, what may change in them, and the ends of the packets that belong there. */
export interface Scene {
  readonly objects: () => fc.Arbitrary<KubernetesObject[]>;
  /** One object that may be applied later; it replaces its namesake or is new. */
  readonly replacement: () => fc.Arbitrary<KubernetesObject>;
  readonly pool: AddressPool;
  /** Destination ports. */
  readonly ports: readonly number[];
  /** Where Services may be dialled. */
  readonly doors: readonly Door[];
}

/** All objects of a cluster. */
export function cluster(): fc.Arbitrary<KubernetesObject[]> {
  return fc
    .tuple(pods(), services(), slices(), policies())
    .map((groups) => [...nodes, ...namespaces, ...groups.flat()]);
}

/** One object that may be applied later; it replaces its namesake or is new. */
export function replacement(): fc.Arbitrary<KubernetesObject> {
  const one = <T>(group: fc.Arbitrary<T[]>) =>
    fc.tuple(group, fc.nat({ max: 9 })).map(([objects, index]) => objects[index % objects.length]!);
  return fc.oneof<fc.Arbitrary<KubernetesObject>[]>(
    one(slices()),
    one(services()),
    namedPolicy('n0'),
    namedPolicy('n1'),
    one(pods()),
  );
}

/** Two Services whose policies, affinity and ranges vary. */
export const narrowScene: Scene = {
  objects: cluster,
  replacement,
  pool,
  ports: [...servicePorts, targetPort],
  doors: [
    ...doorsOf(
      ['10.96.0.10', '198.51.100.10', '203.0.113.100', 'fd00:10:96::10', '2001:db8:1b::10'],
      { web: 80, dns: 53 },
    ),
    ...doorsOf(['192.168.0.2', 'fd00:192:168::2'], { web: 30080, dns: 30053 }),
    { destination: '10.96.0.11', protocol: Ip.Tcp, destinationPort: 80 },
  ],
};
