// What a service number stands for: a Service port with its two sets, and which of its front-ends
// lead there. kube-proxy's ipvs mode needs a second number for the external front-ends; the other
// modes share one. Knows no addresses of the node.
// Sources: pkg/proxy/topology.go; pkg/proxy/ipvs/proxier.go syncEndpoint.

import { ServiceFlag } from '../abi/abi.gen.ts';
import type { Service } from '../kubernetes/types.ts';
import type { NodeConfig } from './desired.ts';
import { selectEndpointSets, type EndpointSets, type EndpointView } from './endpoint-sets.ts';
import type { NodeView } from './node-view.ts';
import { listFamilyPorts, type FamilyPort } from './service-port.ts';

/** One entry of map `services`, and the endpoints under its number. */
export interface Backing extends EndpointSets {
  readonly number: number;
  /** ServiceFlag bits. */
  readonly flags: number;
  readonly affinitySeconds: number;
}

/** A Service port with the backing of its ClusterIP and that of its other front-ends. */
export interface BackedPort {
  readonly port: FamilyPort;
  readonly internal: Backing;
  /** The same object as `internal` unless the mode tells them apart. */
  readonly external: Backing;
}

const externalSuffix = '/external';

/** Every port of these Services that this node serves, with its endpoints, given by its key. */
export function backServices(
  view: NodeView,
  services: readonly Service[],
  endpoints: ReadonlyMap<string, readonly EndpointView[]>,
): BackedPort[] {
  return listFamilyPorts(services).map((port) => {
    const sets = selectEndpointSets(endpoints.get(port.key) ?? [], port, {
      node: view.name,
      zone: view.zone,
    });
    const number = (suffix: string) => view.numbers.numberOf('services', port.key + suffix);
    const internal = internalBacking(view.config.mode, port, { ...sets, number: number('') });
    if (view.config.mode !== 'ipvs' || !port.isExternalLocal) {
      return { port, internal, external: internal };
    }
    return {
      port,
      internal,
      external: ipvsExternalBacking(port, { ...sets, number: number(externalSuffix) }),
    };
  });
}

/** What its numbers are given out for. */
export function numberNames({ port: { key }, internal, external }: BackedPort): string[] {
  return internal === external ? [key] : [key, key + externalSuffix];
}

type NumberedSets = EndpointSets & { readonly number: number };

function internalBacking(mode: NodeConfig['mode'], port: FamilyPort, sets: NumberedSets): Backing {
  // An ipvs virtual server whose Local set is empty is given the cluster set.
  const fallsBack = mode === 'ipvs' && sets.local.length === 0 && sets.cluster.length > 0;
  return back(port, sets, {
    isInternalLocal: port.isInternalLocal && !fallsBack,
    isExternalLocal: port.isExternalLocal,
  });
}

/** In ipvs mode pods and the node draw from the same list as everybody: both sets are that list. */
function ipvsExternalBacking(port: FamilyPort, sets: NumberedSets): Backing {
  const list: readonly EndpointView[] = sets.local.length > 0 ? sets.local : sets.cluster;
  const same = { ...sets, cluster: list, local: list, hasAny: list.length > 0 };
  return back(port, same, { isInternalLocal: false, isExternalLocal: true });
}

function back(
  port: FamilyPort,
  sets: NumberedSets,
  local: { readonly isInternalLocal: boolean; readonly isExternalLocal: boolean },
): Backing {
  const flags: readonly (readonly [boolean, number])[] = [
    [true, ServiceFlag.Present],
    [local.isInternalLocal, ServiceFlag.InternalLocal],
    [local.isExternalLocal, ServiceFlag.ExternalLocal],
    [sets.hasAny, ServiceFlag.HasAnyEndpoints],
    [port.affinitySeconds > 0, ServiceFlag.Affinity],
  ];
  return {
    ...sets,
    flags: flags.reduce((sum, [isSet, flag]) => (isSet ? sum | flag : sum), 0),
    affinitySeconds: port.affinitySeconds,
  };
}
