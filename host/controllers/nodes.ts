// Nodes: one is made if there is none, and each gets the labels, the address and the pod range that
// kubelet and the controllers would have given it. Sources: kubelet's node labels;
// `pkg/controller/nodeipam` (a /24 or /64 a node).

import type { Family, Node } from '../kubernetes/types.ts';
import { familyOf } from '../net/address.ts';
import type { Prefix } from '../net/prefix.ts';
import { allocateAddress, claimAddress, createPool, usableRange } from './allocate.ts';
import type { AddressClaims } from './allocate.ts';
import { addClusterNote, addProblemOnce, keyOf } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { assignPodRanges } from './node-pod-ranges.ts';
import { compareObjects, nameOf } from './written.ts';

/** The network address and the router's, which is the first by habit. */
const RESERVED_ADDRESSES = 2;

/** Every Node with labels, addresses and podCIDRs, sorted by name. */
export function completeNodes(inputs: Inputs): Node[] {
  const nodes = [...inputs.written.nodes, ...missingNodes(inputs)].sort(compareObjects);
  const labelled = nodes.map(withKubeletLabels);
  return assignPodRanges(assignAddresses(labelled, inputs), inputs);
}

/** The node's own address of a family: its InternalIP, else its ExternalIP. */
export function nodeAddress({ status }: Node, family: Family): string | undefined {
  for (const wanted of ['InternalIP', 'ExternalIP']) {
    const found = status.addresses.find(
      ({ type, address }) => type === wanted && familyOf(address) === family,
    );
    if (found !== undefined) return found.address;
  }
  return undefined;
}

/**
 * Nodes that no manifest holds. Where Nodes are written they are all there are, but for those the
 * options name; where none is, every node that an object names exists.
 */
function missingNodes({ written, options, findings }: Inputs): Node[] {
  const names = new Set(options.nodeNames);
  for (const { metadata } of written.nodes) names.delete(metadata.name);
  if (written.nodes.length > 0) return [...names].map(newNode);
  for (const { spec } of written.pods) addName(names, spec.nodeName);
  for (const { endpoints } of written.slices) {
    for (const { nodeName } of endpoints) addName(names, nodeName);
  }
  for (const { subsets } of written.endpoints) {
    for (const { addresses, notReadyAddresses } of subsets) {
      for (const { nodeName } of [...addresses, ...notReadyAddresses]) addName(names, nodeName);
    }
  }
  if (names.size === 0) names.add('node-1');
  const list = [...names].sort().join(', ');
  addClusterNote(findings, `no Node is written: assumed ${list}`);
  return [...names].map(newNode);
}

function addName(names: Set<string>, name: string | undefined): void {
  if (name !== undefined && name !== '') names.add(name);
}

function newNode(name: string): Node {
  return {
    kind: 'Node',
    metadata: { name, namespace: '', labels: {}, annotations: {} },
    spec: { podCIDRs: [] },
    status: { addresses: [] },
  };
}

/** The labels that node selectors rely on most; a written label stays as it is. */
function withKubeletLabels(node: Node): Node {
  const { metadata } = node;
  const labels = {
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': metadata.name,
    'kubernetes.io/os': 'linux',
    ...metadata.labels,
  };
  return { ...node, metadata: { ...metadata, labels } };
}

function assignAddresses(nodes: readonly Node[], inputs: Inputs): Node[] {
  const claims: AddressClaims = new Map();
  for (const node of nodes) {
    for (const { address } of node.status.addresses) claims.set(address, keyOf(node));
  }
  const { families, node: prefixes } = inputs.ranges;
  const kept = nodes.map((node) => withPreviousAddresses(node, inputs, claims));
  const byFamily = families.map((family) => nodePool(family, prefixes, claims));
  return kept.map((node) => {
    const wanted = families.map((family, index) => ({ family, pool: byFamily[index]! }));
    const added = wanted
      .filter(({ family }) => nodeAddress(node, family) === undefined)
      .map(({ family, pool }) => {
        const address = allocateAddress(pool, keyOf(node), (range) => range.preferred);
        if (address === null) refuseAddress(node, family, inputs);
        return address;
      });
    return withAddresses(
      node,
      added.filter((address) => address !== null),
    );
  });
}

function nodePool(family: Family, prefixes: readonly Prefix[], claims: AddressClaims) {
  const ofFamily = prefixes.filter((prefix) => prefix.family === family);
  return createPool(ofFamily, claims, (prefix) => usableRange(prefix, RESERVED_ADDRESSES));
}

function withPreviousAddresses(node: Node, inputs: Inputs, claims: AddressClaims): Node {
  const earlier = inputs.previous.nodes.get(nameOf(node.metadata));
  if (earlier === undefined) return node;
  const kept = inputs.ranges.families
    .filter((family) => nodeAddress(node, family) === undefined)
    .map((family) => nodeAddress(earlier, family))
    .filter((address) => address !== undefined)
    .filter((address) => claimAddress(claims, address, keyOf(node)));
  return withAddresses(node, kept);
}

function withAddresses(node: Node, addresses: readonly string[]): Node {
  if (addresses.length === 0) return node;
  const added = addresses.map((address) => ({ type: 'InternalIP', address }));
  return { ...node, status: { ...node.status, addresses: [...node.status.addresses, ...added] } };
}

function refuseAddress(node: Node, family: Family, { options, findings }: Inputs): void {
  addProblemOnce(findings, node, {
    path: 'status.addresses',
    message: `no free IPv${family} address in ${options.nodeCIDRs.join(', ')}`,
    expected: 'write an InternalIP, or set larger node CIDRs',
  });
}
