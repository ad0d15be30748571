// Who dials a front-end: a source of each class, as it is seen from the Service behind it.

import { collectEndpoints, type EndpointView } from '../compile/endpoint-sets.ts';
import { isLoopback, type Door, type Site } from './doors.ts';
import { slicesOf } from './service-slices.ts';
import { listSources, loopbackSource, type Source } from './sources.ts';

/** A source of each class; at a loopback address only the node itself. */
export function callersOf(site: Site, door: Door): Source[] {
  if (isLoopback(door.address)) return [loopbackSource(door.address, site.node)];
  const { of } = door;
  return listSources({ ...site, family: of.family, of, endpoints: endpointsOf(site, door) });
}

/** Every endpoint of the Service port behind a front-end, usable or not. */
export function endpointsOf(site: Site, { of }: Door): readonly EndpointView[] {
  return collectEndpoints(slicesOf(site.state, of.service), site.node).get(of.key) ?? [];
}
