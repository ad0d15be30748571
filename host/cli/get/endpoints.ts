// The endpoints of Services, gathered from their EndpointSlices, as kubectl prints Endpoints.
// Source: kubectl `formatEndpoints` in pkg/printers/internalversion/printers.go.

import type { ClusterState } from '../../controllers/state.ts';
import type { EndpointSlice } from '../../kubernetes/types.ts';
import { formatEndpoint } from '../../scenario/connection.ts';
import { abridged } from '../findings.ts';
import { endpointDetailHeads, endpointDetails } from './endpoint-details.ts';
import { unknownAge, type Resource, type Row } from './resource.ts';

const serviceNameLabel = 'kubernetes.io/service-name';

export const endpoints: Resource = {
  names: ['endpoints', 'ep', 'endpointslices', 'endpointslice'],
  nameOutput: 'endpoints',
  isNamespaced: true,
  heads: ['ENDPOINTS', 'AGE'],
  wideHeads: [],
  rowsOf: endpointRows,
  wide: { heads: endpointDetailHeads, rowsOf: endpointDetails },
};

function endpointRows(state: ClusterState): Row[] {
  const groups = new Map<string, EndpointSlice[]>();
  for (const { metadata } of state.services.filter(({ spec }) => spec.type !== 'ExternalName')) {
    groups.set(`${metadata.namespace}/${metadata.name}`, []);
  }
  for (const slice of state.slices) {
    const key = `${slice.metadata.namespace}/${slice.metadata.labels[serviceNameLabel] ?? ''}`;
    groups.get(key)?.push(slice);
  }
  return [...groups].map(([key, slices]) => endpointRow(key, slices));
}

function endpointRow(key: string, slices: readonly EndpointSlice[]): Row {
  const [namespace, name] = key.split('/') as [string, string];
  return {
    namespace,
    name,
    cells: [abridged(readySockets(slices)), unknownAge],
    wideCells: [],
    object: endpointsObject(namespace, name, slices),
  };
}

function readySockets(slices: readonly EndpointSlice[]): string[] {
  return slices.flatMap((slice) => {
    const addresses = addressesOf(slice, true);
    const ports = slice.ports.length === 0 ? [{ port: undefined }] : slice.ports;
    return ports.flatMap(({ port }) => addresses.map((address) => formatEndpoint(address, port)));
  });
}

function addressesOf({ endpoints: all }: EndpointSlice, ready: boolean): string[] {
  const some = all.filter(({ conditions }) => (conditions.ready ?? true) === ready);
  return some.flatMap(({ addresses }) => addresses.slice(0, 1));
}

function endpointsObject(
  namespace: string,
  name: string,
  slices: readonly EndpointSlice[],
): unknown {
  const subsets = slices.map((slice) => ({
    addresses: addressesOf(slice, true).map((ip) => ({ ip })),
    notReadyAddresses: addressesOf(slice, false).map((ip) => ({ ip })),
    ports: slice.ports,
  }));
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { name, namespace }, subsets };
}
