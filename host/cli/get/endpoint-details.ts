// Every endpoint by itself: what is known of it, and which sets of this node it is in. For
// `podplane get endpoints -o wide`, where kubectl has no more to say than without.

import {
  collectEndpoints,
  selectEndpointSets,
  type EndpointSets,
} from '../../compile/endpoint-sets.ts';
import { familyPortKey, listFamilyPorts } from '../../compile/service-port.ts';
import type { ClusterState } from '../../controllers/state.ts';
import { zoneOf } from '../../controllers/slices.ts';
import type { EndpointSlice, SliceEndpoint } from '../../kubernetes/types.ts';
import { formatEndpoint } from '../../scenario/connection.ts';
import { joined, none, type Row } from './resource.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

export const endpointDetailHeads = [
  'PORT',
  'ENDPOINT',
  'READY',
  'SERVING',
  'TERMINATING',
  'NODE',
  'ZONE',
  'HINTS',
  'SETS',
];

const noCells = endpointDetailHeads.map(() => none);

/**
 * A row for each port of each endpoint, and one for a Service that has none; `node` is the one
 * whose sets are shown.
 */
export function endpointDetails(state: ClusterState, node: string): Row[] {
  const sets = setsOf(state, node);
  const rows = state.slices
    .filter(({ metadata }) => metadata.labels[serviceNameLabel] !== undefined)
    .flatMap((slice) => sliceRows(slice, sets));
  const present = new Set(rows.map(serviceOf));
  const without = state.services
    .filter(({ spec }) => spec.type !== 'ExternalName')
    .map(({ metadata: { namespace, name } }) => ({ namespace, name }))
    .filter((service) => !present.has(serviceOf(service)))
    .map((service): Row => ({ ...service, cells: noCells, wideCells: [], object: null }));
  return [...rows, ...without].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** What the node draws from, by Service port. */
function setsOf(state: ClusterState, name: string): Map<string, EndpointSets> {
  const node = state.nodes.find(({ metadata }) => metadata.name === name);
  const place = { node: name, zone: zoneOf(node) ?? '' };
  const endpoints = collectEndpoints(state.slices, name);
  return new Map(
    listFamilyPorts(state.services).map((port) => [
      port.key,
      selectEndpointSets(endpoints.get(port.key) ?? [], port, place),
    ]),
  );
}

function sliceRows(slice: EndpointSlice, sets: ReadonlyMap<string, EndpointSets>): Row[] {
  const { namespace, labels } = slice.metadata;
  const name = labels[serviceNameLabel]!;
  const family = slice.addressType === 'IPv6' ? 6 : 4;
  return slice.ports.flatMap(({ name: portName = '', protocol, port }) => {
    const key = familyPortKey({ namespace, name }, { name: portName, protocol }, family);
    const label = portName === '' ? protocol : `${portName}/${protocol}`;
    return slice.endpoints.map((endpoint): Row => {
      const text = formatEndpoint(endpoint.addresses[0] ?? none, port);
      const cells = [label, text, ...describeEndpoint(endpoint), nameSets(sets.get(key), text)];
      return { namespace, name, cells, wideCells: [], object: endpoint };
    });
  });
}

/** Conditions that are unset: ready, serving, not terminating. */
function describeEndpoint({ conditions, nodeName, zone, hints }: SliceEndpoint): string[] {
  const { ready = true, serving = true, terminating = false } = conditions;
  const named = [
    ...hints.forNodes.map((node) => `node=${node}`),
    ...hints.forZones.map((hinted) => `zone=${hinted}`),
  ];
  const states = [ready, serving, terminating].map(String);
  return [...states, nodeName ?? none, zone ?? none, joined(named)];
}

function nameSets(sets: EndpointSets | undefined, text: string): string {
  const names = (['cluster', 'local'] as const).filter((name) =>
    sets?.[name].some((endpoint) => endpoint.text === text),
  );
  return joined(names);
}

function keyOf(row: Row): string {
  return [serviceOf(row), ...row.cells].join(' ');
}

function serviceOf({ namespace, name }: Pick<Row, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
