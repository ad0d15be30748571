// The node that a compilation is for: its addresses, its pods and its place in the cluster. Knows
// nothing of Services or policies. Sources: pkg/util/node GetNodeHostIPs; pkg/proxy/config
// handleNodeEvent.

import { listChanges, withChanges, type Change } from '../controllers/changes.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { Family, Node, Pod } from '../kubernetes/types.ts';
import { canonicalAddress, familyOf } from '../net/address.ts';
import type { NodeConfig } from './desired.ts';
import type { NumberingDraft } from './numbering.ts';

export const families: readonly Family[] = [4, 6];

export interface NodeView {
  readonly name: string;
  /** Absent when the cluster has no Node of this name. */
  readonly node: Node | undefined;
  readonly state: ClusterState;
  readonly config: NodeConfig;
  readonly numbers: NumberingDraft;
  /** Label `topology.kubernetes.io/zone`, '' without one. */
  readonly zone: string;
  /** Every address of the node but loopback, in canonical spelling. */
  readonly addresses: readonly string[];
  /** The node's own address of each family, where it has one. */
  readonly primary: ReadonlyMap<Family, string>;
  /** Pods that run here and have a port: not on the host's network, not finished. */
  readonly pods: readonly Pod[];
}

export interface NodeViewInput {
  readonly state: ClusterState;
  readonly name: string;
  readonly config: NodeConfig;
  readonly numbers: NumberingDraft;
  /** As `findPods` has them. */
  readonly pods: readonly Pod[];
}

/** Gathers what the compilers of a node's maps ask about the node. */
export function viewNode({ state, name, config, numbers, pods }: NodeViewInput): NodeView {
  const node = state.nodes.find((candidate) => candidate.metadata.name === name);
  const own = nodeAddresses(node);
  const addresses = canonicalAddresses(config.nodeAddresses ?? own);
  return {
    name,
    node,
    state,
    config,
    numbers,
    zone: node?.metadata.labels['topology.kubernetes.io/zone'] ?? '',
    addresses,
    primary: primaryAddresses([...canonicalAddresses(own), ...addresses]),
    pods,
  };
}

/** Pods of a cluster, and those of them that have a port on the node. */
export interface KnownPods {
  readonly all: readonly Pod[];
  readonly here: readonly Pod[];
}

/** The pods that have a port on a node: only those that changed since `known` are looked at. */
export function findPods(name: string, all: readonly Pod[], known?: KnownPods): readonly Pod[] {
  const isHere = (pod: Pod) => pod.spec.nodeName === name && hasOwnNetwork(pod);
  if (known === undefined) return all.filter(isHere);
  const ifHere = (pod: Pod | undefined) => (pod !== undefined && isHere(pod) ? pod : undefined);
  const changes = listChanges(known.all, all)
    .map(([before, after]): Change<Pod> => [ifHere(before), ifHere(after)])
    .filter(([before, after]) => before !== undefined || after !== undefined);
  return withChanges(known.here, changes);
}

/** Whether a pod owns its addresses: finished pods and pods on the host's network do not. */
export function hasOwnNetwork(pod: Pod): boolean {
  const { phase } = pod.status;
  return !pod.spec.hostNetwork && phase !== 'Succeeded' && phase !== 'Failed';
}

/** Whether two lists of pods are the same in all that is compiled of a pod. */
export function haveSamePods(before: readonly Pod[], after: readonly Pod[]): boolean {
  if (before === after) return true;
  const isSame = (old: Pod, now: Pod) => old === now || describePod(old) === describePod(now);
  return before.length === after.length && before.every((old, at) => isSame(old, after[at]!));
}

function describePod(pod: Pod): string {
  const { metadata, spec, status } = pod;
  const { namespace, name, labels, deletionTimestamp = null } = metadata;
  const { nodeName = null, containers, initContainers } = spec;
  return JSON.stringify([
    [namespace, name, labels, deletionTimestamp === null],
    [nodeName, containers, initContainers],
    [hasOwnNetwork(pod), status.podIPs],
  ]);
}

/** Addresses in canonical spelling, each once, without what does not parse. */
export function canonicalAddresses(texts: readonly string[]): string[] {
  const canonical = texts.map(canonicalAddress).filter((address) => address !== null);
  return [...new Set(canonical)];
}

/** The Node's addresses, internal ones first: names are left out. */
export function nodeAddresses(node: Node | undefined): string[] {
  const addresses = node?.status.addresses ?? [];
  return ['InternalIP', 'ExternalIP'].flatMap((type) =>
    addresses.filter((entry) => entry.type === type).map((entry) => entry.address),
  );
}

function primaryAddresses(inOrder: readonly string[]): Map<Family, string> {
  const primary = new Map<Family, string>();
  for (const address of inOrder) {
    const family = familyOf(address);
    if (!primary.has(family)) primary.set(family, address);
  }
  return primary;
}
