// Backed Service ports -> maps `services` and `endpoints`, and the names of their numbers. Knows no
// front-ends.

import { EndpointFlag, EndpointSet } from '../abi/abi.gen.ts';
import type { ServiceName } from './desired.ts';
import type { Entry } from './entries.ts';
import type { BackedPort, Backing } from './service-backing.ts';

/** Entries of map `services`. */
export function compileServices(ports: readonly BackedPort[]): Entry<'services'>[] {
  return listBackings(ports).map((backing) => [
    backing.number,
    {
      flags: backing.flags,
      clusterCount: backing.cluster.length,
      localCount: backing.local.length,
      affinitySeconds: backing.affinitySeconds,
    },
  ]);
}

/** Entries of map `endpoints`, one at a time: there may be a million. */
export function* compileEndpoints(ports: readonly BackedPort[]): Generator<Entry<'endpoints'>> {
  for (const { number, cluster, local } of listBackings(ports)) {
    for (const [set, endpoints] of [
      [EndpointSet.Cluster, cluster],
      [EndpointSet.Local, local],
    ] as const) {
      for (const [slot, { address, port, isLocal }] of endpoints.entries()) {
        const flags = isLocal ? EndpointFlag.Local : 0;
        yield [
          { service: number, set, slot },
          { address, port, flags },
        ];
      }
    }
  }
}

/** Service numbers, and the Service port that each stands for. */
export function nameServices(
  ports: readonly BackedPort[],
): (readonly [number: number, name: ServiceName])[] {
  return ports.flatMap(({ port: view, internal, external }) => {
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
    return listNumbers(internal, external).map((number) => [number, name] as const);
  });
}

function listNumbers(internal: Backing, external: Backing): number[] {
  return internal === external ? [internal.number] : [internal.number, external.number];
}

function listBackings(ports: readonly BackedPort[]): Backing[] {
  return ports.flatMap(({ internal, external }) =>
    internal === external ? [internal] : [internal, external],
  );
}
