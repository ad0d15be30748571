// The endpoints of one set, as the dataplane's maps hold them.

import { EndpointSet } from '../abi/abi.gen.ts';
import type { Dataplane } from '../cluster/cluster.ts';

/** Address and port of each endpoint in a set of a service, in the order of its slots. */
export function listEndpoints(
  dataplane: Dataplane,
  service: number,
  set: number,
): { readonly address: string; readonly port: number }[] {
  const found = dataplane.map('services').lookUp(service);
  const count = (set === EndpointSet.Local ? found?.localCount : found?.clusterCount) ?? 0;
  const endpoints = dataplane.map('endpoints');
  return Array.from({ length: count }, (_, slot) => {
    const { address, port } = endpoints.lookUp({ service, set, slot })!;
    return { address, port };
  });
}
