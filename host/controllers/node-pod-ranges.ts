// The pod range of each Node: a part of the cluster's pod CIDRs for each family that the Node has
// none of. Source: kube-controller-manager's range allocator,
// `pkg/controller/nodeipam/ipam/range_allocator.go`.

import type { Family, Node } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { formatPrefix, parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import { findFree } from './allocate.ts';
import { addProblemOnce } from './findings.ts';
import type { Inputs } from './inputs.ts';
import { nameOf } from './written.ts';

/** kube-controller-manager's --node-cidr-mask-size-ipv4 and -ipv6, of 128 bits. */
const NODE_LENGTH_BITS: Record<Family, number> = { 4: 96 + 24, 6: 64 };

/** Ranges that Nodes have, each with its text, which tells equal ones fastest. */
type RangesInUse = Map<string, Prefix>;

/**
 * Gives every Node the ranges it lacks: its previous one, the one its written pods are in, or the
 * next free one.
 */
export function assignPodRanges(nodes: readonly Node[], inputs: Inputs): Node[] {
  const inUse: RangesInUse = new Map();
  for (const { spec } of nodes) spec.podCIDRs.forEach((text) => addRange(inUse, text));
  const wishes = wishedRanges(nodes, inputs);
  const settled = nodes.map((node) =>
    withRanges(node, inputs, (family) =>
      [previousRange(node, family, inputs), wishes.get(`${node.metadata.name}/${family}`)].find(
        (text) => text !== undefined && takeRange(inUse, text),
      ),
    ),
  );
  return settled.map((node, position) =>
    withRanges(node, inputs, (family) => {
      const range = nextRange(family, position, inputs.ranges.pod, inUse);
      if (range === undefined) refuseRange(node, family, inputs);
      return range;
    }),
  );
}

function withRanges(
  node: Node,
  { ranges }: Inputs,
  choose: (family: Family) => string | undefined,
): Node {
  const present = node.spec.podCIDRs.map(familyOf);
  const missing = ranges.families.filter((family) => !present.includes(family));
  const added = missing.map(choose).filter((text) => text !== undefined);
  return added.length === 0
    ? node
    : { ...node, spec: { podCIDRs: [...node.spec.podCIDRs, ...added] } };
}

function previousRange(node: Node, family: Family, { previous }: Inputs): string | undefined {
  const earlier = previous.nodes.get(nameOf(node.metadata));
  return earlier?.spec.podCIDRs.find((text) => familyOf(text) === family);
}

/**
 * By `node/family`: the range around the first pod that is written with both its node and its
 * address.
 */
function wishedRanges(nodes: readonly Node[], { written, ranges }: Inputs): Map<string, string> {
  const wishes = new Map<string, string>();
  const lacking = new Set(
    nodes.flatMap(({ metadata, spec }) =>
      ranges.families
        .filter((family) => !spec.podCIDRs.some((text) => familyOf(text) === family))
        .map((family) => `${metadata.name}/${family}`),
    ),
  );
  for (const { spec, status } of written.pods) {
    if (spec.hostNetwork) continue;
    for (const address of status.podIPs) {
      const key = `${spec.nodeName}/${familyOf(address)}`;
      if (!lacking.has(key) || wishes.has(key)) continue;
      const range = rangeAround(address, ranges.pod);
      if (range !== undefined) wishes.set(key, range);
    }
  }
  return wishes;
}

function rangeAround(address: string, clusterRanges: readonly Prefix[]): string | undefined {
  const bytes = parseAddress(address);
  const cluster = bytes && clusterRanges.find((prefix) => prefixContains(prefix, bytes));
  if (!cluster) return undefined;
  const lengthBits = nodeLength(cluster) - (cluster.family === 4 ? 96 : 0);
  return formatPrefix(parsePrefix(`${address}/${lengthBits}`)!);
}

/**
 * The first free range of the family, from the Node's own position upwards. Counting starts at 1,
 * so that the ranges of a small cluster read 10.244.1.0/24, 10.244.2.0/24; number 0 comes last.
 */
function nextRange(
  family: Family,
  position: number,
  clusterRanges: readonly Prefix[],
  inUse: RangesInUse,
): string | undefined {
  for (const cluster of clusterRanges.filter((prefix) => prefix.family === family)) {
    const count = 2 ** (nodeLength(cluster) - cluster.lengthBits);
    const numbers = { first: 0, preferred: 1, last: count - 1 };
    const textOf = (index: number) => formatPrefix(subnetAt(cluster, index));
    const start = (position + 1) % count;
    const index = findFree(numbers, start, (candidate) => !isFree(inUse, textOf(candidate)));
    if (index === null) continue;
    addRange(inUse, textOf(index));
    return textOf(index);
  }
  return undefined;
}

function nodeLength({ family, lengthBits }: Prefix): number {
  return Math.max(NODE_LENGTH_BITS[family], lengthBits);
}

/** Number `index` of the equal parts, one a Node, that the cluster's range falls into. */
function subnetAt(cluster: Prefix, index: number): Prefix {
  const lengthBits = nodeLength(cluster);
  const bytes = cluster.bytes.slice();
  let rest = index;
  // Where there are several parts, each has a whole number of bytes.
  for (let at = lengthBits / 8 - 1; rest > 0; at--, rest = Math.floor(rest / 256)) {
    bytes[at]! |= rest % 256;
  }
  return { bytes, lengthBits, family: cluster.family };
}

function takeRange(inUse: RangesInUse, text: string): boolean {
  const free = isFree(inUse, text);
  if (free) addRange(inUse, text);
  return free;
}

function addRange(inUse: RangesInUse, text: string): void {
  const prefix = parsePrefix(text);
  if (prefix !== null) inUse.set(formatPrefix(prefix), prefix);
}

/** Whether no Node's range holds this one or lies in it. */
function isFree(inUse: RangesInUse, text: string): boolean {
  if (inUse.has(text)) return false;
  const range = parsePrefix(text);
  if (range === null) return false;
  for (const other of inUse.values()) {
    if (other.lengthBits === range.lengthBits) continue;
    if (prefixContains(other, range.bytes) || prefixContains(range, other.bytes)) return false;
  }
  return true;
}

function refuseRange(node: Node, family: Family, { options, findings }: Inputs): void {
  addProblemOnce(findings, node, {
    path: 'spec.podCIDRs',
    message: `no free IPv${family} pod range in ${options.podCIDRs.join(', ')}`,
    expected: 'write spec.podCIDRs, or set larger pod CIDRs',
  });
}
