// NetworkPolicy read literally: a connection against every rule of every policy that selects the
// pod. Policies only add. Source: the API's NetworkPolicySpec.

import { matchesSelector } from '../../host/kubernetes/selector.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../../host/kubernetes/types.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { Direction, End, Flow } from './flow.ts';
import type { World } from './world.ts';
import {
  containerPorts,
  isInAnyBlock,
  isInBlock,
  labelsOfNamespace,
  podAt,
  policySettings,
} from './world.ts';

/** What the policies say of one end; null where none isolates the pod in this direction. */
export function decideByNetworkPolicies(world: World, end: End): 'allowed' | 'denied' | null {
  const policies = world.state.policies.filter((policy) => isolates(policy, end));
  if (policies.length === 0) return null;
  const isAdmitted = policies.some((policy) =>
    rulesOf(policy, end.direction).some((rule) => admits(world, policy, rule, end)),
  );
  return isAdmitted ? 'allowed' : 'denied';
}

/** Whether any policy is about the pod, in whichever direction. */
export function isSelectedByAny(world: World, pod: Pod): boolean {
  return world.state.policies.some((policy) => selects(policy, pod));
}

function isolates(policy: NetworkPolicy, { subject, direction }: End): boolean {
  return policy.spec.policyTypes.includes(direction) && selects(policy, subject);
}

/** An absent podSelector selects every pod of the namespace. */
function selects({ metadata, spec }: NetworkPolicy, pod: Pod): boolean {
  const isInNamespace = metadata.namespace === pod.metadata.namespace;
  return isInNamespace && matchesSelector(spec.podSelector ?? {}, pod.metadata.labels);
}

function rulesOf({ spec }: NetworkPolicy, direction: Direction): readonly NetworkPolicyRule[] {
  return direction === 'Ingress' ? spec.ingress : spec.egress;
}

/** A rule without peers means every peer; without ports, every port of every protocol. */
function admits(
  world: World,
  policy: NetworkPolicy,
  { peers, ports }: NetworkPolicyRule,
  { flow, peer }: End,
): boolean {
  const isPeer = peers.length === 0 || peers.some((p) => isMatchingPeer(world, policy, p, peer));
  return isPeer && (ports.length === 0 || ports.some((port) => isMatchingPort(world, port, flow)));
}

function isMatchingPeer(
  world: World,
  policy: NetworkPolicy,
  { ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer,
  address: string,
): boolean {
  if (ipBlock !== undefined) {
    return isInBlock(address, ipBlock.cidr) && !isInAnyBlock(address, ipBlock.except);
  }
  const pod = podAt(world, address);
  if (pod === null) return false;
  const { namespace, labels } = pod.metadata;
  const isInNamespace =
    namespaceSelector === undefined
      ? namespace === policy.metadata.namespace
      : matchesSelector(namespaceSelector, labelsOfNamespace(world, namespace));
  return isInNamespace && matchesSelector(podSelector ?? {}, labels);
}

/** Ports are those of the pod at the destination; names are looked up there. */
function isMatchingPort(world: World, wanted: NetworkPolicyPort, flow: Flow): boolean {
  const { destinationPort } = flow;
  if (destinationPort === null || protocolNumber(wanted.protocol) !== flow.protocol) return false;
  if (wanted.port === undefined) return true;
  if (typeof wanted.port === 'number') {
    return destinationPort >= wanted.port && destinationPort <= (wanted.endPort ?? wanted.port);
  }
  const pod = podAt(world, flow.destination);
  if (pod === null) return false;
  return containerPorts(pod, policySettings(world)).some(
    ({ name, protocol, containerPort }) =>
      name === wanted.port && protocol === wanted.protocol && containerPort === destinationPort,
  );
}
