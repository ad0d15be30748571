// The rules of NetworkPolicies and of the admin tiers in one form: whom a rule means, which ports,
// and what it does. Knows no pods and no numbers. Sources: Kubernetes NetworkPolicySpec;
// network-policy-api ClusterNetworkPolicySpec.

import { Direction, TierAction } from '../abi/abi.gen.ts';
import { matchesSelector } from '../kubernetes/selector.ts';
import type {
  NetworkPolicy,
  NetworkPolicyRule,
  Node,
  TierPeer,
  TierPolicy,
  TierRule,
} from '../kubernetes/types.ts';
import { parsePrefix } from '../net/prefix.ts';
import type { PolicyOptions, RuleName } from './desired.ts';
import { blockOf, blockOfAddress, parseIpBlock, type IpBlock } from './ip-block.ts';
import { canonicalAddresses } from './node-view.ts';
import { scopeOf, type PeerScope } from './peer-scope.ts';
import { allPorts, specOfPorts, specOfTierPorts } from './port-spec.ts';
import type { PortGrant } from './ruling.ts';

export type Policy = NetworkPolicy | TierPolicy;

/** One rule; what it grants besides its rank, which follows from the other policies. */
export interface PolicyRule extends Omit<PortGrant, 'rank'> {
  readonly name: RuleName;
  /** Every peer. */
  readonly isAny: boolean;
  readonly scopes: readonly PeerScope[];
  readonly blocks: readonly IpBlock[];
}

/** What peers refer to besides pods. */
export interface PeerAddresses {
  readonly nodes: readonly Node[];
  readonly domainNames: PolicyOptions['domainNames'];
}

/** The rules of a policy in one direction, in order. */
export function readRules(
  policy: Policy,
  direction: Direction,
  addresses: PeerAddresses,
): PolicyRule[] {
  const side = direction === Direction.Ingress ? 'ingress' : 'egress';
  if (policy.kind === 'NetworkPolicy') {
    return policy.spec[side].map((rule) => readRule(policy, rule));
  }
  return policy.spec[side].map((rule) => readTierRule(policy, rule, addresses));
}

/** A policy as a whole, by what selects its pods. */
export function namePolicy(policy: Policy): RuleName {
  return nameRule(policy, policy.kind === 'NetworkPolicy' ? 'spec.podSelector' : 'spec.subject');
}

/** Whether what the rules of a policy mean depends on the Nodes. */
export function speaksOfNodes(policy: Policy): boolean {
  if (policy.kind === 'NetworkPolicy') return false;
  return policy.spec.egress.some(({ peers }) => peers.some((peer) => peer.nodes !== undefined));
}

function readRule(policy: NetworkPolicy, rule: NetworkPolicyRule): PolicyRule {
  const { namespace } = policy.metadata;
  const selecting = rule.peers.filter((peer) => peer.ipBlock === undefined);
  return {
    name: nameRule(policy, rule.path),
    tier: 'NetworkPolicy',
    action: TierAction.Accept,
    isAny: rule.peers.length === 0,
    scopes: selecting.map(({ namespaceSelector, podSelector }) =>
      scopeOf(namespaceSelector ?? namespace, podSelector ?? {}),
    ),
    blocks: rule.peers.map(parseIpBlock).filter((block) => block !== null),
    ports: specOfPorts(rule.ports),
  };
}

/** A rule with a kind of peer that is not known fails closed: it accepts nothing, or denies all. */
function readTierRule(policy: TierPolicy, rule: TierRule, addresses: PeerAddresses): PolicyRule {
  const { kind, spec } = policy;
  const { tier, priority } = spec;
  const name = { ...nameRule(policy, rule.path), kind, tier, priority, action: rule.action };
  const named = rule.name === '' ? name : { ...name, rule: rule.name };
  if (rule.peers.some((peer) => Object.keys(peer).length === 0)) {
    const isAny = rule.action !== 'Accept';
    const closed = { scopes: [], blocks: [], ports: allPorts };
    return { name: named, tier, action: TierAction.Deny, isAny, ...closed };
  }
  return {
    name: named,
    tier,
    action: TierAction[rule.action],
    isAny: false,
    scopes: rule.peers.flatMap(({ pods }) =>
      pods === undefined ? [] : [scopeOf(pods.namespaceSelector, pods.podSelector ?? {})],
    ),
    blocks: rule.peers.flatMap((peer) => blocksOf(peer, addresses)),
    ports: specOfTierPorts(rule.ports),
  };
}

function blocksOf(peer: TierPeer, { nodes, domainNames }: PeerAddresses): IpBlock[] {
  const { networks = [], nodes: nodeSelector, domainNames: wanted = [] } = peer;
  const ofNodes = nodes
    .filter(({ metadata }) => nodeSelector && matchesSelector(nodeSelector, metadata.labels))
    .flatMap(({ status }) => status.addresses.map(({ address }) => address));
  const ofDomains = Object.entries(domainNames)
    .filter(([name]) => wanted.some((pattern) => isDomain(name, pattern)))
    .flatMap(([, known]) => known);
  return [
    ...networks.map(parsePrefix).flatMap((prefix) => (prefix === null ? [] : [blockOf(prefix)])),
    ...canonicalAddresses([...ofNodes, ...ofDomains]).map(blockOfAddress),
  ];
}

/** `*.` in front stands for one or more whole labels. */
function isDomain(name: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

function nameRule({ kind, metadata, source }: Policy, path: string): RuleName {
  const name = { namespace: metadata.namespace, policy: metadata.name, path };
  const kinded = kind === 'NetworkPolicy' ? name : { ...name, kind };
  return source === undefined ? kinded : { ...kinded, source };
}
