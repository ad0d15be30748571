// NetworkPolicy judged straight from the objects, one connection at a time, as the API text reads.
// Knows no maps, no classes and no numbers: it is what the compiled maps are compared with.

import { matchesSelector } from '../../../host/kubernetes/selector.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicyRule,
  Pod,
} from '../../../host/kubernetes/types.ts';
import type { ClusterState } from '../../../host/controllers/state.ts';
import { parseAddress } from '../../../host/net/address.ts';
import { parsePrefix, prefixContains } from '../../../host/net/prefix.ts';
import type { Flow, Judgement } from './compiled-maps.ts';

/** The verdict of `node` on a new connection. */
export function judgeByObjects(state: ClusterState, node: string, flow: Flow): Judgement {
  if (flow.source === flow.destination) return 'allowed';
  const from = owner(state, flow.source);
  const to = owner(state, flow.destination);
  if (from?.spec.nodeName === node && !allows(state, 'Egress', from, flow)) return 'denied-egress';
  const own = state.nodes.find(({ metadata }) => metadata.name === node);
  if (own?.status.addresses.some(({ address }) => address === flow.source)) return 'allowed';
  if (to?.spec.nodeName === node && !allows(state, 'Ingress', to, flow)) return 'denied-ingress';
  return 'allowed';
}

function owner(state: ClusterState, address: string): Pod | undefined {
  return state.pods.find(
    ({ spec, status }) =>
      !spec.hostNetwork && status.phase === 'Running' && status.podIPs.includes(address),
  );
}

function allows(state: ClusterState, type: 'Ingress' | 'Egress', pod: Pod, flow: Flow): boolean {
  const isolating = state.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace &&
      spec.policyTypes.includes(type) &&
      matchesSelector(spec.podSelector ?? {}, pod.metadata.labels),
  );
  if (isolating.length === 0) return true;
  const peer = type === 'Ingress' ? flow.source : flow.destination;
  return isolating.some((policy) =>
    (type === 'Ingress' ? policy.spec.ingress : policy.spec.egress).some(
      (rule) => rulePeers(state, policy, rule, peer) && rulePorts(state, rule, flow),
    ),
  );
}

function rulePeers(
  state: ClusterState,
  policy: NetworkPolicy,
  { peers }: NetworkPolicyRule,
  address: string,
): boolean {
  return peers.length === 0 || peers.some((peer) => isPeer(state, policy, peer, address));
}

function isPeer(
  state: ClusterState,
  policy: NetworkPolicy,
  peer: NetworkPolicyPeer,
  address: string,
): boolean {
  if (peer.ipBlock !== undefined) {
    const isIn = (cidr: string) => prefixContains(parsePrefix(cidr)!, parseAddress(address)!);
    return isIn(peer.ipBlock.cidr) && !peer.ipBlock.except.some(isIn);
  }
  const pod = owner(state, address);
  if (pod === undefined) return false;
  const { namespace, labels } = pod.metadata;
  const ofNamespace = state.namespaces.find(({ metadata }) => metadata.name === namespace);
  const namespaceLabels = {
    ...ofNamespace?.metadata.labels,
    'kubernetes.io/metadata.name': namespace,
  };
  const isNamespace =
    peer.namespaceSelector === undefined
      ? namespace === policy.metadata.namespace
      : matchesSelector(peer.namespaceSelector, namespaceLabels);
  return isNamespace && matchesSelector(peer.podSelector ?? {}, labels);
}

function rulePorts(state: ClusterState, { ports }: NetworkPolicyRule, flow: Flow): boolean {
  return ports.length === 0 || ports.some((port) => isPort(state, port, flow));
}

function isPort(state: ClusterState, written: NetworkPolicyPort, flow: Flow): boolean {
  if (written.protocol !== ['TCP', 'UDP', 'SCTP'][flow.protocol]) return false;
  const { port, endPort } = written;
  if (port === undefined) return true;
  if (typeof port === 'number') return port <= flow.port && flow.port <= (endPort ?? port);
  const containers = owner(state, flow.destination)?.spec.containers ?? [];
  return containers
    .flatMap((container) => container.ports)
    .some(
      ({ name, protocol, containerPort }) =>
        name === port && protocol === written.protocol && containerPort === flow.port,
    );
}
