// Classes of pods that no policy can tell apart: same namespace, labels and named container ports.
// Knows which node a pod is on, but no policy except the blocks that bind port names to addresses.
// Source: Kubernetes NetworkPolicyPeer; the notion of an identity is Cilium's.

import type { Labels, Pod } from '../kubernetes/types.ts';
import { parseAddress } from '../net/address.ts';
import type { Entry } from './entries.ts';
import type { IpBlock } from './ip-block.ts';
import { blockContains } from './ip-block.ts';
import { hasOwnNetwork, type NodeView } from './node-view.ts';
import type { NamedPort } from './port-spec.ts';

export interface IdentityClass {
  readonly number: number;
  readonly namespace: string;
  readonly labels: Labels;
  readonly namedPorts: readonly NamedPort[];
  /** Those of the blocks asked for that contain its addresses, by `IpBlock.text`. */
  readonly blocks: ReadonlySet<string>;
  /** `namespace/name`, each once. */
  readonly pods: Set<string>;
  /** Addresses, and whether the pod that has it is on this node. */
  readonly addresses: Map<string, boolean>;
}

/**
 * Every class of pods, in the order of the pods given. Addresses that differ in `splittingBlocks`
 * are of different classes even on one pod. An address that two pods claim belongs to the one that
 * is not being deleted, else to the first.
 */
export function classifyPods(view: NodeView, splittingBlocks: readonly IpBlock[]): IdentityClass[] {
  const classes = new Map<string, IdentityClass>();
  const claimed = new Set<string>();
  for (const pod of claimOrder(view.state.pods)) {
    const named = namedPorts(pod);
    const base = classText(pod, named);
    for (const address of pod.status.podIPs) {
      if (claimed.has(address)) continue;
      claimed.add(address);
      const blocks = blocksAround(address, splittingBlocks);
      const key = blocks.length === 0 ? base : `${base} ${blocks.join(' ')}`;
      const found = classes.get(key) ?? newClass(view, key, { pod, named, blocks });
      classes.set(key, found);
      found.pods.add(`${pod.metadata.namespace}/${pod.metadata.name}`);
      found.addresses.set(address, pod.spec.nodeName === view.name);
    }
  }
  return [...classes.values()];
}

/** Entries of map `identities`. */
export function compileIdentities(classes: readonly IdentityClass[]): Entry<'identities'>[] {
  return classes.flatMap(({ number, addresses }) =>
    [...addresses].map(([address, isLocal]): Entry<'identities'> => [
      { address },
      { identity: number, local: isLocal ? 1 : 0 },
    ]),
  );
}

/** Whether some pod of the class is on this node, so that this node judges its traffic. */
export function isSubject(identity: IdentityClass): boolean {
  return [...identity.addresses.values()].includes(true);
}

function claimOrder(pods: readonly Pod[]): Pod[] {
  const owners = pods.filter(hasOwnNetwork);
  const isLeaving = (pod: Pod) => pod.metadata.deletionTimestamp !== undefined;
  return [...owners.filter((pod) => !isLeaving(pod)), ...owners.filter(isLeaving)];
}

/** Ports of containers and of sidecars, the init containers that always restart. */
function namedPorts({ spec }: Pod): NamedPort[] {
  const sidecars = spec.initContainers.filter((container) => container.restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap((container) => container.ports)
    .flatMap(({ name, containerPort, protocol }) =>
      name === undefined ? [] : [{ name, containerPort, protocol }],
    );
}

function classText(pod: Pod, named: readonly NamedPort[]): string {
  const labels = Object.entries(pod.metadata.labels).map(([key, value]) => `${key}=${value}`);
  const ports = named.map((port) => `${port.name}:${port.containerPort}/${port.protocol}`);
  return [pod.metadata.namespace, labels.toSorted().join(), ports.toSorted().join()].join(' ');
}

function blocksAround(address: string, blocks: readonly IpBlock[]): string[] {
  if (blocks.length === 0) return [];
  const bytes = parseAddress(address)!;
  return blocks.filter((block) => blockContains(block, bytes)).map((block) => block.text);
}

function newClass(
  view: NodeView,
  key: string,
  { pod, named, blocks }: { pod: Pod; named: readonly NamedPort[]; blocks: readonly string[] },
): IdentityClass {
  return {
    number: view.numbers.numberOf('identities', key),
    namespace: pod.metadata.namespace,
    labels: pod.metadata.labels,
    namedPorts: named,
    blocks: new Set(blocks),
    pods: new Set(),
    addresses: new Map(),
  };
}
