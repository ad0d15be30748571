// Policy read literally: who is exempt, then for each end the Admin tier, NetworkPolicy and the
// Baseline tier in this order, each asked rule by rule. Both ends are judged on their own node.
// Source: the API's NetworkPolicySpec and ClusterNetworkPolicySpec; knows nothing of Services,
// since it judges packets after their translation.

import { familyOf } from '../../host/net/address.ts';
import type { Direction, End, Flow } from './flow.ts';
import { decideByNetworkPolicies, isSelectedByAny } from './network-policies.ts';
import { decideByTier } from './tier-policies.ts';
import type { World } from './world.ts';
import { isNodeAddress, isOnThisNode, podAt, policySettings, primaryAddress } from './world.ts';

/** The reason that refuses a connection, or null. */
export function judgePolicies(world: World, flow: Flow): string | null {
  const { toOwnNode, icmp } = policySettings(world);
  // A pod cannot be cut off from its own address.
  if (isSelf(world, flow) && flow.isThroughService !== true) return null;
  if (icmp === 'essential' && flow.isEssentialIcmp === true) return null;
  const isToNode = toOwnNode === 'allow' && isNodeAddress(world, flow.destination);
  if (!isToNode && isRefused(world, flow, 'Egress')) return 'policy-denied-egress';
  return isRefused(world, flow, 'Ingress') ? 'policy-denied-ingress' : null;
}

function isRefused(world: World, flow: Flow, direction: Direction): boolean {
  const end = endOf(world, flow, direction);
  if (end === null || !isOnThisNode(world, end.subject)) return false;
  const { fromOwnNode, baseline, selfThroughService } = policySettings(world);
  // A pod's own node always gets in: that is how it is probed.
  const isFromNode = direction === 'Ingress' && isNodeAddress(world, end.peer);
  if (isFromNode && fromOwnNode === 'allow') return false;
  const admin = decideByTier(world, 'Admin', end);
  if (admin === 'Accept' || admin === 'Deny') return admin === 'Deny';
  if (isFromNode) return false;
  const verdict = decideByNetworkPolicies(world, end);
  if (verdict !== null) {
    const isExempt = isSelf(world, flow) && selfThroughService === 'allow';
    return !isExempt && verdict === 'denied';
  }
  if (baseline === 'pod' && isSelectedByAny(world, end.subject)) return false;
  return decideByTier(world, 'Baseline', end) === 'Deny';
}

/** Null where no pod stands at this end. */
function endOf(world: World, flow: Flow, direction: Direction): End | null {
  const isIngress = direction === 'Ingress';
  const subject = podAt(world, isIngress ? flow.destination : flow.source);
  if (subject === null) return null;
  const peer = isIngress ? sourceSeen(world, flow) : flow.destination;
  return { flow, direction, subject, peer };
}

function sourceSeen(world: World, { source, isMasqueraded }: Flow): string {
  const isNode = isMasqueraded === true && policySettings(world).masqueradedSource === 'node';
  return (isNode ? primaryAddress(world, familyOf(source)) : null) ?? source;
}

function isSelf(world: World, { source, destination }: Flow): boolean {
  const pod = podAt(world, source);
  return pod !== null && pod === podAt(world, destination);
}
