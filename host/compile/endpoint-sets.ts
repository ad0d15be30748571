// The endpoints of a Service port, and the two sets that its front-ends draw from. Knows one node
// and its zone, no front-ends and no numbers. Sources: pkg/proxy/endpointslicecache.go;
// pkg/proxy/topology.go CategorizeEndpoints.

import { compareTexts } from '../controllers/written.ts';
import type { EndpointSlice, Family, SliceEndpoint } from '../kubernetes/types.ts';
import { canonicalAddress } from '../net/address.ts';
import { familyPortKey, type FamilyPort } from './service-port.ts';

export interface EndpointView {
  readonly address: string;
  readonly port: number;
  /** `ip:port`: what duplicates are known by, and what the sets are sorted by. */
  readonly text: string;
  readonly isReady: boolean;
  readonly isServing: boolean;
  readonly isTerminating: boolean;
  /** On this node. */
  readonly isLocal: boolean;
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

export interface EndpointSets {
  /** Usable endpoints anywhere. */
  readonly cluster: readonly EndpointView[];
  /** Usable endpoints on this node. */
  readonly local: readonly EndpointView[];
  /** Whether there is anything to offer anywhere: decides between refusing and dropping. */
  readonly hasAny: boolean;
}

/** Where the choice is made. */
export interface Place {
  readonly node: string;
  readonly zone: string;
}

/** Endpoints by `FamilyPort.key`, each list sorted by `text`. */
export function collectEndpoints(
  slices: readonly EndpointSlice[],
  node: string,
): Map<string, EndpointView[]> {
  const byKey = new Map<string, Map<string, EndpointView>>();
  for (const slice of slices) {
    for (const { key, port } of slicePorts(slice)) {
      const merged = byKey.get(key) ?? new Map<string, EndpointView>();
      byKey.set(key, merged);
      for (const endpoint of slice.endpoints)
        mergeEndpoint(merged, viewEndpoint(endpoint, port, node));
    }
  }
  return new Map([...byKey].map(([key, merged]) => [key, [...merged.values()].toSorted(byText)]));
}

/** The cluster set and the local set of one port, as seen from one node. */
export function selectEndpointSets(
  endpoints: readonly EndpointView[],
  port: FamilyPort,
  place: Place,
): EndpointSets {
  const usesCluster = !port.isInternalLocal || port.isExternal;
  const usesLocal = port.isInternalLocal || (port.isExternalLocal && port.isExternal);
  const ready = endpoints.filter((endpoint) => endpoint.isReady);
  const draining = endpoints.filter((endpoint) => endpoint.isServing && endpoint.isTerminating);
  const cluster = usesCluster ? firstNonEmpty(hintedFor(ready, place), draining) : [];
  const local = usesLocal ? firstNonEmpty(ready.filter(isLocal), draining.filter(isLocal)) : [];
  const hasElsewhere = usesLocal && (ready.length > 0 || draining.length > 0);
  return { cluster, local, hasAny: cluster.length > 0 || hasElsewhere };
}

/**
 * The endpoints meant for this place. 1. If all name nodes and one names this node: those. 2. If
 * all name zones and one names this zone: those. 3. All. Source: pkg/proxy/topology.go
 * topologyModeFromHints.
 */
function hintedFor(ready: readonly EndpointView[], place: Place): readonly EndpointView[] {
  return (
    hintedBy(ready, place.node, (endpoint) => endpoint.forNodes) ?? // 1
    hintedBy(ready, place.zone, (endpoint) => endpoint.forZones) ?? // 2
    ready // 3
  );
}

function hintedBy(
  ready: readonly EndpointView[],
  here: string,
  hints: (endpoint: EndpointView) => readonly string[],
): readonly EndpointView[] | null {
  if (here === '' || ready.some((endpoint) => hints(endpoint).length === 0)) return null;
  const chosen = ready.filter((endpoint) => hints(endpoint).includes(here));
  return chosen.length === 0 ? null : chosen;
}

/** Name of the Service that a slice is for, '' if it is for none. */
export function serviceOfSlice({ metadata }: EndpointSlice): string {
  return metadata.labels['kubernetes.io/service-name'] ?? '';
}

function slicePorts(slice: EndpointSlice): { key: string; port: number }[] {
  const { namespace, labels } = slice.metadata;
  const name = serviceOfSlice(slice);
  const isHeadless = labels['service.kubernetes.io/headless'] !== undefined;
  if (isHeadless || slice.addressType === 'FQDN') return [];
  const family: Family = slice.addressType === 'IPv4' ? 4 : 6;
  return slice.ports.flatMap(({ name: portName = '', protocol, port = 0 }) => {
    const key = familyPortKey({ namespace, name }, { name: portName, protocol }, family);
    return port === 0 ? [] : [{ key, port }];
  });
}

/**
 * Only the first address of an endpoint counts. Conditions left unset: ready, serving, not
 * terminating.
 */
function viewEndpoint(endpoint: SliceEndpoint, port: number, node: string): EndpointView | null {
  const address = canonicalAddress(endpoint.addresses[0] ?? '');
  if (address === null) return null;
  const { ready = true, serving = true, terminating = false } = endpoint.conditions;
  return {
    address,
    port,
    text: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    isReady: ready,
    isServing: serving,
    isTerminating: terminating,
    isLocal: endpoint.nodeName === node,
    ...endpoint.hints,
  };
}

/** Of two entries with one address and port the later one counts, unless it is terminating. */
function mergeEndpoint(merged: Map<string, EndpointView>, endpoint: EndpointView | null): void {
  if (endpoint === null) return;
  if (endpoint.isTerminating && merged.has(endpoint.text)) return;
  merged.set(endpoint.text, endpoint);
}

function isLocal(endpoint: EndpointView): boolean {
  return endpoint.isLocal;
}

function firstNonEmpty(
  first: readonly EndpointView[],
  second: readonly EndpointView[],
): readonly EndpointView[] {
  return first.length > 0 ? first : second;
}

function byText(a: EndpointView, b: EndpointView): number {
  return compareTexts(a.text, b.text);
}
