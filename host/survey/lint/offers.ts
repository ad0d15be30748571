// What pods listen on, by their own declaration and by the Services in front of them.

import { hasOwnNetwork } from '../../compile/node-view.ts';
import type { ClusterState } from '../../controllers/state.ts';
import type { ContainerPort, Pod, Service, ServicePort } from '../../kubernetes/types.ts';
import { declaredPorts } from '../reach/port-runs.ts';
import { slicesOf } from '../service-slices.ts';

/** A Service port that leads to a pod. */
export interface FrontedPort {
  readonly service: Service;
  readonly servicePort: ServicePort;
  /** Port of the pod. */
  readonly target: number;
}

export interface Offers {
  /** `TCP 8080` … of each pod. */
  readonly ports: ReadonlyMap<Pod, ReadonlySet<string>>;
  readonly services: ReadonlyMap<Pod, readonly FrontedPort[]>;
}

/** Everything that pods offer. */
export function offersOf(state: ClusterState): Offers {
  const pods = new Map(
    state.pods
      .filter(hasOwnNetwork)
      .flatMap((pod) => pod.status.podIPs.map((address) => [address, pod] as const)),
  );
  const services = new Map<Pod, FrontedPort[]>();
  for (const service of state.services) {
    for (const { ports, endpoints } of slicesOf(state, service)) {
      for (const address of endpoints.flatMap(({ addresses }) => addresses)) {
        const pod = pods.get(address);
        if (pod === undefined) continue;
        const fronted = ports.flatMap(({ name = '', port }) => {
          const servicePort = service.spec.ports.find((each) => each.name === name);
          return servicePort && port ? [{ service, servicePort, target: port }] : [];
        });
        services.set(pod, [...(services.get(pod) ?? []), ...fronted]);
      }
    }
  }
  const ports = new Map(
    [...new Set(pods.values())].map((pod) => {
      const declared = declaredPorts(pod).map(({ protocol, first }) => `${protocol} ${first}`);
      const fronted = (services.get(pod) ?? []).map(
        ({ servicePort, target }) => `${servicePort.protocol} ${target}`,
      );
      return [pod, new Set([...declared, ...fronted])];
    }),
  );
  return { ports, services };
}

/** Ports with a name, of containers and of sidecars. */
export function namedPortsOf({ spec }: Pod): (ContainerPort & { name: string })[] {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports }) => ports)
    .flatMap((port) => (port.name === undefined ? [] : [{ ...port, name: port.name }]));
}
