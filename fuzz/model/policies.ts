// NetworkPolicy read literally: a connection against every rule of every policy, both ends judged
// on their own node. Source: the API's NetworkPolicySpec; knows nothing of Services, since it
// judges packets after their translation.

import { matchesSelector } from '../../host/kubernetes/selector.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../../host/kubernetes/types.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { World } from './world.ts';
import { isInAnyBlock, isInBlock, isNodeAddress, isOnThisNode, podAt } from './world.ts';

/** A connection as policy sees it: its destination translated, its source not yet. */
export interface Flow {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** Absent for protocols without ports. */
  readonly destinationPort: number | null;
}

type Direction = 'Ingress' | 'Egress';

/** The reason that refuses a connection, or null. */
export function judgePolicies(world: World, flow: Flow): string | null {
  const source = podAt(world, flow.source);
  const destination = podAt(world, flow.destination);
  // A pod cannot be cut off from itself, nor from its own node.
  if (source !== null && source === destination) return null;
  if (isRefused(world, flow, 'Egress', source)) return 'policy-denied-egress';
  if (isNodeAddress(world, flow.source)) return null;
  return isRefused(world, flow, 'Ingress', destination) ? 'policy-denied-ingress' : null;
}

function isRefused(world: World, flow: Flow, direction: Direction, subject: Pod | null): boolean {
  if (subject === null || !isOnThisNode(world, subject)) return false;
  const policies = world.state.policies.filter((policy) => isolates(policy, direction, subject));
  const isAdmitted = policies.some((policy) =>
    (direction === 'Ingress' ? policy.spec.ingress : policy.spec.egress).some((rule) =>
      admits(world, policy, rule, { flow, direction }),
    ),
  );
  return policies.length > 0 && !isAdmitted;
}

/** An absent podSelector selects every pod of the namespace. */
function isolates({ metadata, spec }: NetworkPolicy, direction: Direction, pod: Pod): boolean {
  return (
    metadata.namespace === pod.metadata.namespace &&
    spec.policyTypes.includes(direction) &&
    matchesSelector(spec.podSelector ?? {}, pod.metadata.labels)
  );
}

interface Judged {
  readonly flow: Flow;
  readonly direction: Direction;
}

/** A rule without peers means every peer; without ports, every port of every protocol. */
function admits(
  world: World,
  policy: NetworkPolicy,
  { peers, ports }: NetworkPolicyRule,
  { flow, direction }: Judged,
): boolean {
  const peer = direction === 'Ingress' ? flow.source : flow.destination;
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

function labelsOfNamespace(world: World, name: string): Readonly<Record<string, string>> {
  const found = world.state.namespaces.find((namespace) => namespace.metadata.name === name);
  return { ...found?.metadata.labels, 'kubernetes.io/metadata.name': name };
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
  return pod !== null && hasNamedPort(pod, wanted, destinationPort);
}

/** Ordinary containers and sidecars: init containers that always restart. */
function hasNamedPort({ spec }: Pod, wanted: NetworkPolicyPort, number: number): boolean {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars].some(({ ports }) =>
    ports.some(
      (port) =>
        port.name === wanted.port &&
        port.protocol === wanted.protocol &&
        port.containerPort === number,
    ),
  );
}
