// Who may talk to whom: every address of every pod, the nodes, and the world outside as policies
// divide it; and which addresses fare alike, so that one of them is asked for all. Sends nothing.

import { hasOwnNetwork, nodeAddresses, canonicalAddresses } from '../../compile/node-view.ts';
import { blockContains, blockOf, parseIpBlock, type IpBlock } from '../../compile/ip-block.ts';
import type { Dataplane } from '../../cluster/cluster.ts';
import type { ClusterState } from '../../controllers/state.ts';
import type { Family, Meta, Pod } from '../../kubernetes/types.ts';
import { familyOf, parseAddress } from '../../net/address.ts';
import {
  addressAt,
  formatPrefix,
  parsePrefix,
  prefixContains,
  prefixSize,
} from '../../net/prefix.ts';
import type { Prefix } from '../../net/prefix.ts';
import { declaredPorts, targetPorts, type OfferedPort } from './port-runs.ts';

export type EndKind = 'pod' | 'node' | 'outside';

/** One address that sends and receives. */
export interface End {
  readonly kind: EndKind;
  readonly address: string;
  readonly family: Family;
  readonly pod?: Pod;
  /** `shop/web-0`, `node-a`, `outside`, a CIDR. */
  readonly name: string;
  readonly offered: readonly OfferedPort[];
  /** Equal of ends between which nothing distinguishes: labels, blocks and offers are the same. */
  readonly alike: string;
}

/** In no block that policies name, if that can be. Reserved for documentation (RFC 5737, 3849). */
const outsiders = ['203.0.113.7', '198.51.100.7', '2001:db8:7::7'] as const;

/**
 * Every end of the cluster that the dataplane has all pods of. The world outside is divided as its
 * policies do, and those of the other cluster that it is to be compared with.
 */
export function listEnds(dataplane: Dataplane, other?: ClusterState): End[] {
  const { state } = dataplane.cluster;
  const blocks = listBlocks(state);
  const targets = targetPorts(state);
  const identities = dataplane.map('identities');
  const around = (address: string) => {
    const bytes = parseAddress(address)!;
    return blocks.filter((block) => blockContains(block, bytes)).map(({ text }) => text);
  };
  const makeEnd = (end: Omit<End, 'family' | 'alike'>): End => {
    const { kind, address, name, offered } = end;
    const identity = identities.lookUp({ address }) ?? name;
    const ports = [...new Set(offered.map(({ protocol, first }) => `${protocol}${first}`))];
    const alike = [kind, familyOf(address), identity, around(address), ports.toSorted()];
    return { ...end, family: familyOf(address), alike: JSON.stringify(alike) };
  };
  const divided = [...blocks, ...(other === undefined ? [] : listBlocks(other))];
  return [
    ...podEnds(state, targets),
    ...nodeEnds(state, dataplane.node),
    ...outsideEnds(state, divided),
  ].map(makeEnd);
}

type Plain = Omit<End, 'family' | 'alike'>;

/** An address that two pods claim is the first one's. */
function podEnds({ pods }: ClusterState, targets: Map<string, OfferedPort[]>): Plain[] {
  const ends = pods.filter(hasOwnNetwork).flatMap((pod) =>
    pod.status.podIPs.map((address): Plain => {
      const offered = [...declaredPorts(pod), ...(targets.get(address) ?? [])];
      return { kind: 'pod', address, pod, name: nameOf(pod.metadata), offered };
    }),
  );
  return [...new Map(ends.toReversed().map((end) => [end.address, end])).values()].toReversed();
}

function nodeEnds({ nodes }: ClusterState, without: string): Plain[] {
  return nodes
    .filter(({ metadata }) => metadata.name !== without)
    .flatMap((node) => {
      const addresses = canonicalAddresses(nodeAddresses(node));
      const name = node.metadata.name;
      return addresses.map((address): Plain => ({ kind: 'node', address, name, offered: [] }));
    });
}

/** The world at large, and an address of each block and exception that is no pod's or Service's. */
function outsideEnds(state: ClusterState, blocks: readonly IpBlock[]): Plain[] {
  const families = new Set(
    state.pods.flatMap(({ status }) => status.podIPs.map((address) => familyOf(address))),
  );
  const makeEnd = (name: string, address: string): Plain => {
    return { kind: 'outside', address, name, offered: [] };
  };
  const isNamed = (address: string) => {
    const bytes = parseAddress(address)!;
    return blocks.some(({ prefix }) => !isEverything(prefix) && prefixContains(prefix, bytes));
  };
  const world = [4, 6].flatMap((family) => {
    const [address] = outsiders.filter((each) => familyOf(each) === family && !isNamed(each));
    return address === undefined || !families.has(family as Family)
      ? []
      : [makeEnd('outside', address)];
  });
  const prefixes = blocks.flatMap(({ prefix, except }) => [prefix, ...except]);
  const taken = new Set(state.pods.flatMap(({ status }) => status.podIPs));
  const named = new Map(prefixes.map((prefix) => [formatPrefix(prefix), prefix]));
  const parts = [...named.values()]
    .filter((prefix) => families.has(prefix.family) && !isEverything(prefix))
    .filter((prefix) => !isOfCluster(prefix, state))
    .flatMap((prefix) => {
      const address = memberOf(prefix, { all: [...named.values()], taken });
      return address === null ? [] : [makeEnd(formatPrefix(prefix), address)];
    });
  return [...world, ...parts];
}

function isEverything(prefix: Prefix): boolean {
  return prefix.lengthBits === (prefix.family === 4 ? 96 : 0);
}

/** Whether the prefix lies in a range of pods or Services, around one, or holds a node. */
function isOfCluster(prefix: Prefix, state: ClusterState): boolean {
  const ranges = [...state.podCIDRs, ...state.serviceCIDRs].flatMap((text) => {
    const block = parseIpBlock({ ipBlock: { cidr: text, except: [] } });
    return block === null ? [] : [block.prefix];
  });
  const overlaps = ({ bytes, ...range }: Prefix) =>
    prefixContains(prefix, bytes) || prefixContains({ bytes, ...range }, prefix.bytes);
  const nodes = state.nodes.flatMap((node) => canonicalAddresses(nodeAddresses(node)));
  const hasNode = nodes.some((address) => prefixContains(prefix, parseAddress(address)!));
  return hasNode || ranges.some(overlaps);
}

/** An address of the prefix that is in none of the smaller ones inside it, and no pod's. */
function memberOf(
  prefix: Prefix,
  { all, taken }: { readonly all: readonly Prefix[]; readonly taken: ReadonlySet<string> },
): string | null {
  const inner = all.filter(
    (other) => other.lengthBits > prefix.lengthBits && prefixContains(prefix, other.bytes),
  );
  const size = prefixSize(prefix);
  const steps = [1, 0, 2, size / 2, size - 2, size / 4, (size / 4) * 3].map(Math.floor);
  for (const step of steps) {
    if (step < 0 || step >= size || !Number.isSafeInteger(step)) continue;
    const address = addressAt(prefix, step);
    const isInner = inner.some((other) => prefixContains(other, parseAddress(address)!));
    if (!isInner && !taken.has(address)) return address;
  }
  return null;
}

/** Blocks of all policies, each once. */
export function listBlocks({ policies, tierPolicies }: ClusterState): IpBlock[] {
  const rules = policies.flatMap(({ spec }) => [...spec.ingress, ...spec.egress]);
  const tierPeers = tierPolicies.flatMap(({ spec }) => spec.egress.flatMap(({ peers }) => peers));
  const networks = tierPeers.flatMap(({ networks: texts = [] }) => texts.map(parsePrefix));
  const found = [
    ...rules.flatMap(({ peers }) => peers.map(parseIpBlock)).filter((block) => block !== null),
    ...networks.filter((prefix) => prefix !== null).map(blockOf),
  ];
  return [...new Map(found.map((block) => [block.text, block])).values()];
}

function nameOf({ namespace, name }: Meta): string {
  return `${namespace}/${name}`;
}
