// Arbitrary policies of every kind about a policy cluster: all peers, selectors with all operators,
// nested blocks with exceptions, ports by number, range and name, tiers with priorities.

import * as fc from 'fast-check';
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  TierPeer,
  TierPods,
  TierPolicy,
  TierPort,
  TierRule,
} from '../../host/kubernetes/types.ts';
import { familyOf } from '../../host/net/address.ts';
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '../../host/net/prefix.ts';
import { meta } from './objects.ts';
import {
  labelKeys,
  labelValues,
  policyAddresses,
  policyNamespaces,
  portNames,
  portNumbers,
} from './policy-cluster.ts';

/** Names that `policyDomainNames` knows addresses of, and one that it does not. */
const domains = [
  'example.com',
  'db.example.com',
  '*.example.com',
  '*.b.example.com',
  'example.org',
];

export const policyDomainNames: Readonly<Record<string, readonly string[]>> = {
  'example.com': ['203.0.113.9', '2001:db8::9'],
  'db.example.com': ['10.0.0.2'],
  'a.b.example.com': ['fd00::14'],
};

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

function requirement(): fc.Arbitrary<Requirement> {
  const key = fc.constantFrom(...labelKeys);
  const values = fc.uniqueArray(fc.constantFrom(...labelValues), { minLength: 1, maxLength: 2 });
  return fc.oneof(
    fc.record({ key, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }),
    fc.record({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
  );
}

/** Every other one is empty, so that much is selected. */
function selector(): fc.Arbitrary<LabelSelector> {
  const value = fc.constantFrom(...labelValues);
  const asking = fc.record(
    {
      matchLabels: fc.record({ app: value, tier: value }, { requiredKeys: [] }),
      matchExpressions: fc.array(requirement(), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );
  return fc.oneof(fc.constant({}), asking);
}

/** Also by the name that every namespace carries as a label. */
function namespaceSelector(): fc.Arbitrary<LabelSelector> {
  const named = fc
    .constantFrom(...policyNamespaces)
    .map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } }));
  return fc.oneof({ weight: 3, arbitrary: selector() }, named);
}

const blockLengths = { 4: [0, 8, 28, 30, 31, 32], 6: [0, 16, 124, 126, 127, 128] } as const;

/** A block around one of the addresses, of one of the lengths of its family. */
function block(): fc.Arbitrary<Prefix> {
  return fc
    .tuple(fc.constantFrom(...policyAddresses), fc.nat({ max: 5 }))
    .map(([address, place]) =>
      parsePrefix(`${address}/${blockLengths[familyOf(address)][place]}`)!,
    );
}

/** A block, less parts of it. */
function ipBlock(): fc.Arbitrary<NonNullable<NetworkPolicyPeer['ipBlock']>> {
  return fc.tuple(block(), fc.array(block(), { maxLength: 3 })).map(([whole, others]) => ({
    cidr: formatPrefix(whole),
    except: others
      .filter((part) => part.lengthBits > whole.lengthBits && prefixContains(whole, part.bytes))
      .map(formatPrefix),
  }));
}

function peer(): fc.Arbitrary<NetworkPolicyPeer> {
  return fc.oneof(
    fc.record({ podSelector: selector() }),
    fc.record({ namespaceSelector: namespaceSelector() }),
    fc.record({ namespaceSelector: namespaceSelector(), podSelector: selector() }),
    fc.record({ ipBlock: ipBlock() }),
  );
}

const protocol = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const);
const portNumber = fc.oneof(fc.constantFrom(...portNumbers), fc.constantFrom(1, 79, 82, 65535));

/** From first to last, both included. */
const range = fc
  .tuple(portNumber, portNumber)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));

function policyPort(): fc.Arbitrary<NetworkPolicyPort> {
  return fc.oneof(
    fc.record({ protocol }),
    fc.record({ protocol, port: portNumber }),
    fc.record({ protocol, port: fc.constantFrom(...portNames) }),
    fc
      .tuple(protocol, range)
      .map(([of, { first, last }]) => ({ protocol: of, port: first, endPort: last })),
  );
}

function networkPolicy(): fc.Arbitrary<NetworkPolicy['spec'] & { namespace: string }> {
  const rule = fc.record({
    peers: fc.array(peer(), { maxLength: 2 }),
    ports: fc.array(policyPort(), { maxLength: 2 }),
  });
  const rules = (field: string) =>
    fc
      .array(rule, { maxLength: 2 })
      .map((found) => found.map((own, index) => ({ ...own, path: `spec.${field}[${index}]` })));
  return fc.record(
    {
      namespace: fc.constantFrom(...policyNamespaces),
      podSelector: selector(),
      policyTypes: fc.constantFrom<('Ingress' | 'Egress')[]>(
        ['Ingress'],
        ['Egress'],
        ['Ingress', 'Egress'],
      ),
      ingress: rules('ingress'),
      egress: rules('egress'),
    },
    { requiredKeys: ['namespace', 'policyTypes', 'ingress', 'egress'] },
  );
}

/** Up to five in any namespaces. */
export function networkPolicies(): fc.Arbitrary<NetworkPolicy[]> {
  return fc.array(networkPolicy(), { maxLength: 5, size: 'max' }).map((found) =>
    found.map(({ namespace, ...spec }, index) => ({
      kind: 'NetworkPolicy',
      metadata: meta(namespace, `n${index}`),
      spec,
    })),
  );
}

function tierPods(): fc.Arbitrary<TierPods> {
  return fc.record(
    { namespaceSelector: namespaceSelector(), podSelector: selector() },
    { requiredKeys: ['namespaceSelector'] },
  );
}

/** Of egress, and now and then one of a kind that is not known. */
function tierPeer(): fc.Arbitrary<TierPeer> {
  const networks = fc.array(block().map(formatPrefix), { minLength: 1, maxLength: 2 });
  const domainNames = fc.array(fc.constantFrom(...domains), { minLength: 1, maxLength: 2 });
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ pods: tierPods() }) },
    { weight: 4, arbitrary: fc.record({ networks }) },
    { weight: 2, arbitrary: fc.record({ nodes: selector() }) },
    { weight: 2, arbitrary: fc.record({ domainNames }) },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

function tierPort(): fc.Arbitrary<TierPort> {
  return fc.oneof(
    fc.tuple(protocol, range).map(([of, ports]) => ({ protocol: of, ...ports })),
    fc.record({ name: fc.constantFrom(...portNames) }),
  );
}

/** Names of ports do not go with peers that are no pods: then there are no ports. */
function tierRule(
  peers: fc.Arbitrary<TierPeer>,
  actions: readonly TierRule['action'][],
): fc.Arbitrary<Omit<TierRule, 'path'>> {
  return fc
    .record({
      action: fc.constantFrom(...actions),
      peers: fc.array(peers, { minLength: 1, maxLength: 2 }),
      ports: fc.option(fc.array(tierPort(), { minLength: 1, maxLength: 2 }), { nil: undefined }),
    })
    .map(({ action, peers: found, ports }) => {
      const hasNameless = found.some(({ pods }) => pods === undefined);
      const hasName = ports?.some((port) => 'name' in port) ?? false;
      const isLeft = ports !== undefined && !(hasNameless && hasName);
      return { name: '', action, peers: found, ...(isLeft && { ports }) };
    });
}

function tierPolicy(kind: TierPolicy['kind']): fc.Arbitrary<TierPolicy['spec']> {
  const actions: TierRule['action'][] =
    kind === 'BaselineAdminNetworkPolicy' ? ['Accept', 'Deny'] : ['Accept', 'Deny', 'Pass'];
  const rules = (peers: fc.Arbitrary<TierPeer>, field: string) =>
    fc
      .array(tierRule(peers, actions), { maxLength: 3, size: 'max' })
      .map((found) => found.map((rule, index) => ({ ...rule, path: `spec.${field}[${index}]` })));
  const tiers = {
    ClusterNetworkPolicy: fc.constantFrom('Admin' as const, 'Baseline' as const),
    AdminNetworkPolicy: fc.constant('Admin' as const),
    BaselineAdminNetworkPolicy: fc.constant('Baseline' as const),
  };
  const isRanked = kind !== 'BaselineAdminNetworkPolicy';
  const ofPods = fc.oneof(
    { weight: 9, arbitrary: fc.record({ pods: tierPods() }) },
    fc.constant({}),
  );
  return fc.record({
    tier: tiers[kind],
    priority: isRanked ? fc.constantFrom(0, 1, 5, 1000) : fc.constant(0),
    subject: tierPods(),
    ingress: rules(ofPods, 'ingress'),
    egress: rules(tierPeer(), 'egress'),
  });
}

/** A few of each kind, of which the baseline is one object. Equal priorities are among them. */
export function tierPolicies(): fc.Arbitrary<TierPolicy[]> {
  const some = (kind: TierPolicy['kind'], maxLength: number) =>
    fc.array(tierPolicy(kind), { maxLength, size: 'max' }).map((found) =>
      found.map((spec, index) => {
        const name = kind === 'BaselineAdminNetworkPolicy' ? 'default' : `t${index}`;
        return { kind, metadata: meta('', name), spec };
      }),
    );
  return fc
    .tuple(
      some('ClusterNetworkPolicy', 3),
      some('AdminNetworkPolicy', 1),
      some('BaselineAdminNetworkPolicy', 1),
    )
    .map((groups) => groups.flat());
}
