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
    const isLocal = port.isInternalLocal || port.isExternalLocal;
    if (view.config.mode !== 'ipvs' || !isLocal) return { port, internal, external: internal };
    const sameSets = { ...sets, number: number(externalSuffix) };
    return { port, internal, external: ipvsExternalBacking(port, sameSets) };
  });
}

/** What its numbers are given out for. */
export function numberNames({ port: { key }, internal, external }: BackedPort): string[] {
  return internal === external ? [key] : [key, key + externalSuffix];
}

interface LocalPolicies {
  readonly isInternalLocal: boolean;
  readonly isExternalLocal: boolean;
}

type NumberedSets = EndpointSets & { readonly number: number };

function internalBacking(mode: NodeConfig['mode'], port: FamilyPort, sets: NumberedSets): Backing {
  const { isInternalLocal, isExternalLocal } = port;
  if (mode !== 'ipvs') return back(port, sets, { isInternalLocal, isExternalLocal });
  const list = ipvsList(sets, isInternalLocal);
  const listed = { ...sets, cluster: list, local: [], hasAny: list.length > 0 };
  return back(port, listed, { isInternalLocal: false, isExternalLocal: false });
}

function ipvsExternalBacking(port: FamilyPort, sets: NumberedSets): Backing {
  const list = ipvsList(sets, port.isExternalLocal);
  const local = port.isExternalLocal ? list : [];
  const { isExternalLocal } = port;
  const listed = { ...sets, cluster: list, local, hasAny: list.length > 0 };
  return back(port, listed, { isInternalLocal: false, isExternalLocal });
}

/**
 * An ipvs virtual server has one list, for everybody: of a Local policy the local set, or the
 * cluster set where that is empty. Without any it refuses, wherever else endpoints may be.
 */
function ipvsList({ local, cluster }: EndpointSets, isLocal: boolean): readonly EndpointView[] {
  return isLocal && local.length > 0 ? local : cluster;
}

function back(port: FamilyPort, sets: NumberedSets, local: LocalPolicies): Backing {
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
