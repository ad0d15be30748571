// Small clusters full of overlaps, for properties: few labels, few ports, nested blocks, two
// families.

import fc from 'fast-check';
import type { ClusterState } from '../../../host/controllers/state.ts';
import type {
  ContainerPort,
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../../../host/kubernetes/types.ts';
import { clusterOf, namespaceOf, nodeOf, podOf, policyOf } from './cluster-state.ts';
import type { Flow } from './compiled-maps.ts';

const namespaceNames = ['ns1', 'ns2'];
const outside = ['203.0.113.9', '10.0.9.9', '2001:db8::9', '192.168.0.2', '192.168.0.3'];
const labelsArbitrary = fc.record(
  { app: fc.constantFrom('a', 'b', ''), tier: fc.constantFrom('x', 'y') },
  { requiredKeys: [] },
);
const protocolArbitrary = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const);

const selectorArbitrary: fc.Arbitrary<LabelSelector> = fc.oneof(
  labelsArbitrary.map((matchLabels) => ({ matchLabels })),
  fc
    .record({
      key: fc.constantFrom('app', 'tier'),
      operator: fc.constantFrom(
        'In' as const,
        'NotIn' as const,
        'Exists' as const,
        'DoesNotExist' as const,
      ),
      values: fc.constant(['a', 'x']),
    })
    .map((requirement) => ({ matchExpressions: [requirement] })),
);

const blockArbitrary: fc.Arbitrary<NetworkPolicyPeer> = fc
  .constantFrom(
    { cidr: '0.0.0.0/0', except: ['10.0.0.0/16', '203.0.113.0/24'] },
    { cidr: '10.0.0.0/8', except: ['10.0.0.4/30'] },
    { cidr: '10.0.0.0/24', except: [] },
    { cidr: '10.0.0.4/30', except: ['10.0.0.5/32'] },
    { cidr: '10.0.0.5/32', except: [] },
    { cidr: '::/0', except: ['fd00::/112'] },
    { cidr: 'fd00::/16', except: ['fd00::4/126'] },
    { cidr: '192.168.0.0/24', except: [] },
  )
  .map((ipBlock) => ({ ipBlock }));

const peerArbitrary: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  selectorArbitrary.map((podSelector) => ({ podSelector })),
  selectorArbitrary.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector: selectorArbitrary, namespaceSelector: selectorArbitrary }),
  blockArbitrary,
);

const portArbitrary: fc.Arbitrary<NetworkPolicyPort> = fc.oneof(
  fc.record({ protocol: protocolArbitrary }),
  fc.record({ protocol: protocolArbitrary, port: fc.constantFrom(1, 80, 81, 8080, 65535) }),
  fc.constantFrom(
    { protocol: 'TCP' as const, port: 80, endPort: 90 },
    { protocol: 'TCP' as const, port: 81, endPort: 8080 },
    { protocol: 'UDP' as const, port: 1, endPort: 65535 },
  ),
  fc.record({ protocol: protocolArbitrary, port: fc.constantFrom('http', 'dns') }),
);

const ruleArbitrary: fc.Arbitrary<Partial<NetworkPolicyRule>> = fc.record({
  peers: fc.array(peerArbitrary, { maxLength: 3 }),
  ports: fc.array(portArbitrary, { maxLength: 3 }),
});

const policyArbitrary: fc.Arbitrary<Omit<NetworkPolicy, 'kind'>> = fc
  .record({
    namespace: fc.constantFrom(...namespaceNames),
    podSelector: selectorArbitrary,
    types: fc.subarray(['Ingress' as const, 'Egress' as const], { minLength: 1 }),
    ingress: fc.array(ruleArbitrary, { maxLength: 2 }),
    egress: fc.array(ruleArbitrary, { maxLength: 2 }),
  })
  .map((input) => policyOf(input));

const containerPortArbitrary: fc.Arbitrary<ContainerPort> = fc.record({
  name: fc.constantFrom('http', 'dns'),
  containerPort: fc.constantFrom(80, 81, 8080),
  protocol: fc.constantFrom('TCP' as const, 'UDP' as const),
});

const podInputArbitrary = fc.record({
  namespace: fc.constantFrom(...namespaceNames),
  labels: labelsArbitrary,
  node: fc.constantFrom('node-a', 'node-a', 'node-b'),
  ports: fc.array(containerPortArbitrary, { maxLength: 2 }),
  phase: fc.constantFrom('Running' as const, 'Running' as const, 'Succeeded' as const),
});

/**
 * A completed cluster of up to seven pods, 10.0.0.1 and fd00::1 upwards, and up to four policies.
 */
export const clusterArbitrary: fc.Arbitrary<ClusterState> = fc
  .record({
    pods: fc.array(podInputArbitrary, { minLength: 1, maxLength: 7 }),
    policies: fc.array(policyArbitrary, { maxLength: 4 }),
    tiers: fc.array(labelsArbitrary, { minLength: 2, maxLength: 2 }),
  })
  .map(({ pods, policies, tiers }) =>
    clusterOf({
      nodes: [nodeOf('node-a', '192.168.0.2'), nodeOf('node-b', '192.168.0.3')],
      namespaces: namespaceNames.map((name, index) => namespaceOf(name, tiers[index])),
      pods: pods.map((pod, index) =>
        podOf({ ...pod, name: `p${index}`, ip: [`10.0.0.${index + 1}`, `fd00::${index + 1}`] }),
      ),
      policies: policies.map((policy, index) => rename(policy as NetworkPolicy, `n${index}`)),
      podCIDRs: ['10.0.0.0/16'],
    }),
  );

/** Every pair of addresses of one family, with ports on and beside every border. */
export function flowsOf(state: ClusterState): Flow[] {
  const addresses = [...state.pods.flatMap((pod: Pod) => pod.status.podIPs), ...outside];
  const ports = [0, 1, 79, 80, 81, 90, 91, 8080, 8081, 65535];
  return addresses.flatMap((source, first) =>
    addresses
      .filter((destination) => source.includes(':') === destination.includes(':'))
      .map((destination, second) => {
        // Every port and protocol comes up for some pair: all of them for all pairs would take
        // long.
        const turn = first * 7 + second * 3;
        return {
          source,
          destination,
          protocol: turn % 4,
          port: ports[turn % ports.length]!,
        };
      }),
  );
}

function rename(policy: NetworkPolicy, name: string): NetworkPolicy {
  return { ...policy, metadata: { ...policy.metadata, name } };
}
