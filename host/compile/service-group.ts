// Everything that one Service and its EndpointSlices come to on one node: a pure function of these
// objects and the node, so that it is made anew only when one of them changes.

import { FrontendKind } from '../abi/abi.gen.ts';
import type { EndpointSlice, Service } from '../kubernetes/types.ts';
import { balancingOf } from './balancing.ts';
import { collectEndpoints, serviceOfSlice, type EndpointView } from './endpoint-sets.ts';
import { encodeEntries, type EncodedEntry } from './entries.ts';
import {
  compileFrontends,
  compileServiceAddresses,
  compileSourceRanges,
  compileUnallocated,
} from './frontends.ts';
import type { NodeView } from './node-view.ts';
import { backServices, type BackedPort } from './service-backing.ts';
import { compileEndpoints, compileMaglev, compileServices } from './services.ts';

/** Maps whose keys no two Services share. */
export const ownMaps = ['services', 'endpoints', 'maglev', 'source-ranges'] as const;

/** Maps in which several Services may want the same key. */
export const contestedMaps = ['frontends', 'service-addresses'] as const;

/** One Service's wish for a key: the lowest rank has it, and of equals the first by name. */
export interface Claim {
  readonly key: string;
  readonly owner: string;
  readonly rank: number;
  readonly value: Uint8Array;
}

export interface ServiceGroup {
  /** Absent: there are EndpointSlices for a Service that does not exist. */
  readonly service: Service | undefined;
  /** Sorted by name. */
  readonly slices: readonly EndpointSlice[];
  /** By `FamilyPort.key`. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointView[]>;
  readonly ports: readonly BackedPort[];
  readonly own: Readonly<Record<(typeof ownMaps)[number], readonly EncodedEntry[]>>;
  readonly claims: Readonly<Record<(typeof contestedMaps)[number], readonly Claim[]>>;
}

/** Text that groups are known by; it sorts as Services do. */
export function ownerOf(namespace: string, name: string): string {
  return `${namespace}\0${name}`;
}

/** The Service that a slice is for, null if it is for none. */
export function ownerOfSlice(slice: EndpointSlice): string | null {
  const name = serviceOfSlice(slice);
  return name === '' ? null : ownerOf(slice.metadata.namespace, name);
}

/** The group of the Service known by `owner`. */
export function compileGroup(
  view: NodeView,
  owner: string,
  { service, slices }: Pick<ServiceGroup, 'service' | 'slices'>,
): ServiceGroup {
  const endpoints = collectEndpoints(slices, view.name);
  const balancing = balancingOf(view.config);
  const ports = backServices(view, service === undefined ? [] : [service], endpoints);
  const frontends = [...compileFrontends(view, ports)];
  const ranks = frontends.map(([, { kind }]) => frontendRanks.indexOf(kind!));
  const encoded = [...encodeEntries('frontends', frontends)];
  const addresses = [...encodeEntries('service-addresses', compileServiceAddresses(view, ports))];
  return {
    service,
    slices,
    endpoints,
    ports,
    own: {
      services: [...encodeEntries('services', compileServices(ports, balancing))],
      endpoints: [...encodeEntries('endpoints', compileEndpoints(ports))],
      maglev: [...encodeEntries('maglev', compileMaglev(ports, balancing))],
      'source-ranges': [...encodeEntries('source-ranges', compileSourceRanges(view, ports))],
    },
    claims: {
      frontends: encoded.map(([key, value], at) => ({ key, owner, rank: ranks[at]!, value })),
      'service-addresses': addresses.map(([key, value]) => ({ key, owner, rank: 0, value })),
    },
  };
}

/** What holds where no Service has a claim, as a group of nobody. */
export function compileGround(view: NodeView): ServiceGroup {
  const unallocated = [...encodeEntries('service-addresses', compileUnallocated(view))];
  const claims = unallocated.map(([key, value]) => ({ key, owner: '', rank: 1, value }));
  return { ...emptyGroup, claims: { ...emptyGroup.claims, 'service-addresses': claims } };
}

export const emptyGroup: ServiceGroup = {
  service: undefined,
  slices: [],
  endpoints: new Map(),
  ports: [],
  own: { services: [], endpoints: [], maglev: [], 'source-ranges': [] },
  claims: { frontends: [], 'service-addresses': [] },
};

/** Where two Services claim one address, port and protocol, the first of these wins. */
const frontendRanks: readonly number[] = [
  FrontendKind.ClusterIp,
  FrontendKind.LoadBalancer,
  FrontendKind.ExternalIp,
  FrontendKind.NodePort,
];
