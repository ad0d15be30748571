// Backed Service ports -> maps `services`, `endpoints` and `maglev`, and what their numbers stand
// for. Knows no front-ends.

import { EndpointFlag, EndpointSet, type Balancing } from '../abi/abi.gen.ts';
import type { ServiceName } from './desired.ts';
import type { Entry } from './entries.ts';
import { usesTables } from './balancing.ts';
import type { EndpointView } from './endpoint-sets.ts';
import { fillTable, tableSize } from './maglev.ts';
import type { BackedPort, Backing } from './service-backing.ts';

/** Entries of map `services`. */
export function compileServices(
  ports: readonly BackedPort[],
  balancing: Balancing,
): Entry<'services'>[] {
  const slotsOf = (set: readonly EndpointView[]) =>
    usesTables(balancing) ? tableSize(set.length) : 0;
  return listBackings(ports).map(({ number, flags, cluster, local, affinitySeconds }) => [
    number,
    {
      flags,
      clusterCount: cluster.length,
      localCount: local.length,
      affinitySeconds,
      clusterSlots: slotsOf(cluster),
      localSlots: slotsOf(local),
    },
  ]);
}

/** Entries of map `endpoints`, one at a time: there may be a million. */
export function* compileEndpoints(ports: readonly BackedPort[]): Generator<Entry<'endpoints'>> {
  for (const { service, set, endpoints } of listSets(ports)) {
    for (const [slot, { address, port, isLocal }] of endpoints.entries()) {
      const flags = isLocal ? EndpointFlag.Local : 0;
      yield [
        { service, set, slot },
        { address, port, flags },
      ];
    }
  }
}

/** Entries of map `maglev`, one at a time; none where balancing needs no tables. */
export function* compileMaglev(
  ports: readonly BackedPort[],
  balancing: Balancing,
): Generator<Entry<'maglev'>> {
  if (!usesTables(balancing)) return;
  for (const { service, set, endpoints } of listSets(ports)) {
    const size = tableSize(endpoints.length);
    const names = endpoints.map(({ text }) => text);
    for (const [slot, endpoint] of fillTable(names, size).entries()) {
      yield [{ service, set, slot }, { endpoint }];
    }
  }
}

/** Service numbers, and the Service port that each stands for. */
export function nameServices(
  ports: readonly BackedPort[],
): (readonly [number: number, name: ServiceName])[] {
  return ports.flatMap(({ port: view, backings }) => {
    const { service, port, family } = view;
    const name: ServiceName = {
      namespace: service.metadata.namespace,
      name: service.metadata.name,
      portName: port.name,
      port: port.port,
      protocol: port.protocol,
      family,
      ...(service.source === undefined ? {} : { source: service.source }),
    };
    return backings.map(({ number }) => [number, name] as const);
  });
}

function listBackings(ports: readonly BackedPort[]): Backing[] {
  return ports.flatMap(({ backings }) => backings);
}

interface NumberedSet {
  readonly service: number;
  readonly set: EndpointSet;
  readonly endpoints: readonly EndpointView[];
}

function listSets(ports: readonly BackedPort[]): NumberedSet[] {
  return listBackings(ports).flatMap(({ number: service, cluster, local }) => [
    { service, set: EndpointSet.Cluster, endpoints: cluster },
    { service, set: EndpointSet.Local, endpoints: local },
  ]);
}
