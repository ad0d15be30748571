// What is idle in the policies of the whole cluster: nobody is meant, or rules before it in its
// tier take all that would come to it. Source: network-policy-api ClusterNetworkPolicySpec.

import { blockOf } from '../../compile/ip-block.ts';
import type { TierPeer, TierPolicy, TierPort, TierRule } from '../../kubernetes/types.ts';
import { parsePrefix } from '../../net/prefix.ts';
import { coversBlock } from './covered.ts';
import { findingOf, type LintFinding } from './finding.ts';
import { isOfServices } from './idle.ts';
import type { Selection } from './selection.ts';

/** A rule of a tier, with its policy and direction. */
interface PlacedTierRule {
  readonly policy: TierPolicy;
  readonly rule: TierRule;
  readonly direction: 'ingress' | 'egress';
}

export function findIdleTiers(selection: Selection): LintFinding[] {
  const { tierPolicies } = selection.state;
  const hasSubject = ({ spec }: TierPolicy) => selection.podsOf(spec.subject).length > 0;
  const idle = tierPolicies.filter((policy) => !hasSubject(policy));
  const rules = tierPolicies.filter(hasSubject).flatMap(listTierRules);
  return [
    ...idle.map((policy) => {
      const said = { message: 'its subject is no pod', cure: 'compare its labels, or delete it' };
      return findingOf('selects-nothing', policy, { path: 'spec.subject', ...said });
    }),
    ...rules.flatMap((placed) => idlePeers(selection, placed)),
    ...rules.flatMap((placed) => findCut(selection, placed, rules)),
  ];
}

function listTierRules(policy: TierPolicy): PlacedTierRule[] {
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    policy.spec[direction].map((rule) => ({ policy, rule, direction })),
  );
}

function idlePeers(
  selection: Selection,
  { policy, rule, direction }: PlacedTierRule,
): LintFinding[] {
  const side = direction === 'ingress' ? 'from' : 'to';
  return rule.peers.flatMap(({ pods, networks = [] }, index) => {
    const path = `${rule.path}.${side}[${index}]`;
    const isIdle = pods !== undefined && selection.podsOf(pods).length === 0;
    const cure = 'compare its labels with those of namespaces and pods';
    const message = 'matches no pod';
    const served = networks.filter((cidr) => isOfServices(cidr, selection.state.serviceCIDRs));
    return [
      ...(isIdle ? [findingOf('matches-nobody', policy, { path, message, cure })] : []),
      ...served.map((cidr) => {
        const said = { message: `${cidr} is in the range of Service addresses` };
        const select = 'policies see the pod behind a Service: select the pods';
        return findingOf('service-address-block', policy, { path, ...said, cure: select });
      }),
    ];
  });
}

/** A rule to which nothing comes: another one, earlier in its tier, ends the tier for all of it. */
function findCut(
  selection: Selection,
  placed: PlacedTierRule,
  rules: readonly PlacedTierRule[],
): LintFinding[] {
  const cut = rules.find(
    (other) =>
      other.direction === placed.direction &&
      isEarlier(other, placed) &&
      covers(selection, other, placed),
  );
  if (cut === undefined) return [];
  const { kind, metadata, spec } = cut.policy;
  const message = `never matches: ${kind} ${metadata.name} ${cut.rule.path} comes first`;
  const tier = `${spec.tier} tier, priority ${spec.priority}, ${cut.rule.action}`;
  const cure = `that rule (${tier}) is for all of it: change the order, or delete one`;
  return [findingOf('never-matches', placed.policy, { path: placed.rule.path, message, cure })];
}

/** Which of two policies of equal priority comes first is not defined. */
function isEarlier(a: PlacedTierRule, b: PlacedTierRule): boolean {
  if (a.policy.spec.tier !== b.policy.spec.tier) return false;
  if (a.policy === b.policy) {
    const rules = a.policy.spec[a.direction];
    return rules.indexOf(a.rule) < rules.indexOf(b.rule);
  }
  return a.policy.spec.priority < b.policy.spec.priority;
}

function covers(selection: Selection, outer: PlacedTierRule, inner: PlacedTierRule): boolean {
  const subjects = new Set(selection.podsOf(outer.policy.spec.subject));
  return (
    selection.podsOf(inner.policy.spec.subject).every((each) => subjects.has(each)) &&
    coversPorts(outer.rule.ports, inner.rule.ports) &&
    coversPeers(selection, outer.rule.peers, inner.rule.peers)
  );
}

/** Peers that are nodes or names of domains are compared as they are written. */
function coversPeers(
  selection: Selection,
  outer: readonly TierPeer[],
  inner: readonly TierPeer[],
): boolean {
  const podsOf = (peers: readonly TierPeer[]) =>
    new Set(peers.flatMap(({ pods }) => (pods === undefined ? [] : selection.podsOf(pods))));
  const blocksOf = (peers: readonly TierPeer[]) =>
    peers
      .flatMap(({ networks = [] }) => networks.map(parsePrefix))
      .filter((prefix) => prefix !== null)
      .map(blockOf);
  const othersOf = (peers: readonly TierPeer[]) =>
    peers.filter(({ pods, networks }) => !pods && !networks).map((peer) => JSON.stringify(peer));
  const [pods, needed] = [podsOf(outer), podsOf(inner)];
  const [blocks, others] = [blocksOf(outer), new Set(othersOf(outer))];
  const isIdle = needed.size + blocksOf(inner).length + othersOf(inner).length === 0;
  return (
    !isIdle &&
    [...needed].every((each) => pods.has(each)) &&
    blocksOf(inner).every((block) => blocks.some((other) => coversBlock(other, block))) &&
    othersOf(inner).every((text) => others.has(text))
  );
}

function coversPorts(
  outer: readonly TierPort[] | undefined,
  inner: readonly TierPort[] | undefined,
): boolean {
  if (outer === undefined) return true;
  return (
    inner !== undefined && inner.every((port) => outer.some((other) => coversPort(other, port)))
  );
}

function coversPort(outer: TierPort, inner: TierPort): boolean {
  if ('name' in outer || 'name' in inner) {
    return 'name' in outer && 'name' in inner && outer.name === inner.name;
  }
  const isInside = outer.first <= inner.first && inner.last <= outer.last;
  return outer.protocol === inner.protocol && isInside;
}
