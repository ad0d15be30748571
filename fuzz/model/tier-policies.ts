// The tiers around NetworkPolicy read literally: policies by priority, rules as they are written,
// the first that matches decides. Source: network-policy-api ClusterNetworkPolicySpec.

import { matchesSelector } from '../../host/kubernetes/selector.ts';
import type {
  Pod,
  TierPeer,
  TierPods,
  TierPolicy,
  TierPort,
  TierRule,
} from '../../host/kubernetes/types.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { End, Flow } from './flow.ts';
import type { World } from './world.ts';
import { containerPorts, isInAnyBlock, labelsOfNamespace, podAt, policySettings } from './world.ts';

/** The action of the first rule of a tier that matches this end, or null. */
export function decideByTier(
  world: World,
  tier: TierPolicy['spec']['tier'],
  end: End,
): TierRule['action'] | null {
  const policies = world.state.tierPolicies
    .filter(({ spec }) => spec.tier === tier && isAmong(world, spec.subject, end.subject))
    .toSorted(byPrecedence);
  for (const { spec } of policies) {
    for (const rule of end.direction === 'Ingress' ? spec.ingress : spec.egress) {
      const action = actionOf(world, rule, end);
      if (action !== null) return action;
    }
  }
  return null;
}

/** Equal priorities are undefined in the API: by name here, then by kind. */
function byPrecedence(a: TierPolicy, b: TierPolicy): number {
  const order = a.spec.priority - b.spec.priority;
  if (order !== 0) return order;
  const [nameA, nameB] = [a.metadata.name, b.metadata.name];
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a.kind < b.kind ? -1 : 1;
}

/** What a rule does with this end, or null if it does not match. */
function actionOf(world: World, rule: TierRule, end: End): TierRule['action'] | null {
  // A kind of peer that is not known: nothing is accepted by such a rule, everything denied.
  if (rule.peers.some((peer) => Object.keys(peer).length === 0)) {
    return rule.action === 'Accept' ? null : 'Deny';
  }
  const isPeer = rule.peers.some((peer) => isMatchingPeer(world, peer, end.peer));
  const isPort = rule.ports?.some((port) => isMatchingPort(world, port, end.flow)) ?? true;
  return isPeer && isPort ? rule.action : null;
}

function isMatchingPeer(world: World, peer: TierPeer, address: string): boolean {
  const { pods, networks, nodes, domainNames } = peer;
  if (pods !== undefined) {
    const pod = podAt(world, address);
    return pod !== null && isAmong(world, pods, pod);
  }
  if (networks !== undefined) return isInAnyBlock(address, networks);
  if (nodes !== undefined) {
    return world.state.nodes.some(
      ({ metadata, status }) =>
        matchesSelector(nodes, metadata.labels) &&
        status.addresses.some((entry) => entry.address === address),
    );
  }
  const known = Object.entries(policySettings(world).domainNames);
  return known.some(
    ([name, addresses]) =>
      addresses.includes(address) && domainNames!.some((pattern) => isNamed(pattern, name)),
  );
}

/** A star stands for one label or more, never for none. */
function isNamed(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  return name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1;
}

function isAmong(world: World, { namespaceSelector, podSelector }: TierPods, pod: Pod): boolean {
  const { namespace, labels } = pod.metadata;
  return (
    matchesSelector(namespaceSelector, labelsOfNamespace(world, namespace)) &&
    matchesSelector(podSelector ?? {}, labels)
  );
}

/** A name is that of a port of the destination's pod, of whichever protocol that port is. */
function isMatchingPort(world: World, wanted: TierPort, flow: Flow): boolean {
  const { destinationPort, protocol } = flow;
  if (destinationPort === null) return false;
  if ('first' in wanted) {
    const isProtocol = protocolNumber(wanted.protocol) === protocol;
    return isProtocol && wanted.first <= destinationPort && destinationPort <= wanted.last;
  }
  const pod = podAt(world, flow.destination);
  if (pod === null) return false;
  return containerPorts(pod, policySettings(world)).some(
    (port) =>
      port.name === wanted.name &&
      protocolNumber(port.protocol) === protocol &&
      port.containerPort === destinationPort,
  );
}
