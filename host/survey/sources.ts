// One representative of each class of source that front-ends tell apart, with the port by which its
// packets enter the node. Knows no front-ends.

import type { EndpointView } from '../compile/endpoint-sets.ts';
import { canonicalAddresses, hasOwnNetwork, nodeAddresses } from '../compile/node-view.ts';
import type { FamilyPort } from '../compile/service-port.ts';
import type { Family, Pod } from '../kubernetes/types.ts';
import { familyOf, parseAddress } from '../net/address.ts';
import { addressAt, parsePrefix, prefixContains, prefixSize, type Prefix } from '../net/prefix.ts';
import { addressesOf, isLoopback, type Site } from './doors.ts';

/** Classes by code, and what they are called. */
export const sourceClasses = {
  'pod-here': 'pod of this node',
  'pod-elsewhere': 'pod of another node',
  node: 'this node',
  'other-node': 'another node',
  outside: 'outside',
  'outside-in-range': 'outside, in a source range',
  'endpoint-here': 'an endpoint of this node, to itself',
  'endpoint-elsewhere': 'an endpoint elsewhere, to itself',
} as const;

export type SourceClass = keyof typeof sourceClasses;

export interface Source {
  readonly class: SourceClass;
  readonly address: string;
  /** `pod shop/web-0`, `node node-a`, or the address. */
  readonly object: string;
  /** For the classes of endpoints: the one that is to be chosen. */
  readonly endpoint?: EndpointView;
}

/** Whom sources are looked for. */
export interface Surroundings extends Site {
  readonly family: Family;
  /** The Service port dialled, and its endpoints; absent where no Service is. */
  readonly of?: FamilyPort;
  readonly endpoints?: readonly EndpointView[];
}

/** Reserved for documentation (RFC 5737, RFC 3849), in each family. */
const outsiders: Readonly<Record<Family, readonly string[]>> = {
  4: ['203.0.113.7', '192.0.2.7', '198.51.100.7'],
  6: ['2001:db8::7', '2001:db8:ffff::7'],
};

/** A source of each class that there is; of the others none. */
export function listSources(around: Surroundings): Source[] {
  const { state, node } = around;
  const isHere = (pod: Pod) => pod.spec.nodeName === node;
  const elsewhere =
    findPod(around, (pod) => !isHere(pod)) ?? addressSource('pod-elsewhere', vacantPod(around));
  const other = state.nodes.find(({ metadata }) => metadata.name !== node);
  const sources = [
    findPod(around, isHere, 'pod-here'),
    elsewhere,
    nodeSource(around, { class: 'node', object: `node ${node}` }, addressesOf(around)),
    other === undefined
      ? null
      : nodeSource(
          around,
          { class: 'other-node', object: `node ${other.metadata.name}` },
          canonicalAddresses(nodeAddresses(other)),
        ),
    addressSource('outside', outsiderNotIn(around)),
    addressSource('outside-in-range', outsiderIn(around)),
    endpointSource(around, true),
    endpointSource(around, false),
  ];
  return sources.filter((source) => source !== null);
}

/** The node's own packet to its loopback address comes from there. */
export function loopbackSource(address: string, node: string): Source {
  return { class: 'node', address, object: `node ${node}` };
}

/** A pod that is no endpoint, or else any; null when there is none. */
function findPod(
  around: Surroundings,
  isMeant: (pod: Pod) => boolean,
  name: SourceClass = 'pod-elsewhere',
): Source | null {
  const { state, family, endpoints = [] } = around;
  const served = new Set(endpoints.map(({ address }) => address));
  const found = state.pods
    .filter(hasOwnNetwork)
    .filter(isMeant)
    .flatMap((pod) => {
      const address = pod.status.podIPs.find((candidate) => familyOf(candidate) === family);
      return address === undefined ? [] : [{ pod, address }];
    });
  const chosen = found.find(({ address }) => !served.has(address)) ?? found[0];
  if (chosen === undefined) return null;
  return { class: name, address: chosen.address, object: podName(chosen.pod) };
}

function endpointSource(around: Surroundings, isLocal: boolean): Source | null {
  const { state, endpoints = [] } = around;
  const pods = new Map(
    state.pods
      .filter(hasOwnNetwork)
      .flatMap((pod) => pod.status.podIPs.map((address) => [address, pod] as const)),
  );
  const endpoint = endpoints.find(
    (candidate) =>
      candidate.isLocal === isLocal && candidate.isReady && pods.has(candidate.address),
  );
  if (endpoint === undefined) return null;
  const { address } = endpoint;
  const name = isLocal ? 'endpoint-here' : 'endpoint-elsewhere';
  return { class: name, address, object: podName(pods.get(address)!), endpoint };
}

function nodeSource(
  { family }: Surroundings,
  named: Pick<Source, 'class' | 'object'>,
  addresses: readonly string[],
): Source | null {
  const address = addresses.find((text) => familyOf(text) === family && !isLoopback(text));
  return address === undefined ? null : { ...named, address };
}

function addressSource(name: SourceClass, address: string | null): Source | null {
  return address === null ? null : { class: name, address, object: address };
}

/** An address for pods outside the node's own range that no pod has. */
function vacantPod({ state, node, family }: Surroundings): string | null {
  const own = state.nodes.find(({ metadata }) => metadata.name === node)?.spec.podCIDRs ?? [];
  const taken = new Set(state.pods.flatMap(({ status }) => status.podIPs));
  const ranges = ofFamily(state.podCIDRs, family);
  const nodeRanges = ofFamily(own, family);
  for (const range of ranges.filter((prefix) => prefixSize(prefix) > 2)) {
    // From the end: nodes are given their ranges from the start.
    const address = addressAt(range, Math.min(prefixSize(range), Number.MAX_SAFE_INTEGER) - 2);
    const bytes = parseAddress(address)!;
    const isOwn = nodeRanges.some((prefix) => prefixContains(prefix, bytes));
    if (!isOwn && !taken.has(address)) return address;
  }
  return null;
}

function outsiderNotIn({ family, of }: Surroundings): string | null {
  const ranges = of?.sourceRanges ?? [];
  const isIn = (text: string) => ranges.some((range) => prefixContains(range, parseAddress(text)!));
  return outsiders[family].find((address) => !isIn(address)) ?? null;
}

/** The first usable address of the first range. */
function outsiderIn({ of }: Surroundings): string | null {
  const [range] = of?.sourceRanges ?? [];
  if (range === undefined) return null;
  return addressAt(range, prefixSize(range) > 1 ? 1 : 0);
}

function ofFamily(texts: readonly string[], family: Family): Prefix[] {
  const prefixes = texts.map(parsePrefix).filter((prefix) => prefix !== null);
  return prefixes.filter((prefix) => prefix.family === family);
}

function podName({ metadata }: Pod): string {
  return `pod ${metadata.namespace}/${metadata.name}`;
}
