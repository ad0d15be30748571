// What a service number stands for: a Service port with its two sets, and which of its front-ends
// lead there. In kube-proxy's ipvs mode every front-end is a virtual server of its own; in the
// other modes all front-ends of a port share one number. Knows no balancing.
// Sources: pkg/proxy/topology.go; pkg/proxy/ipvs/proxier.go syncProxyRules, syncEndpoint.

import { FrontendKind, ServiceFlag } from '../abi/abi.gen.ts';
import type { Service } from '../kubernetes/types.ts';
import { selectEndpointSets, type EndpointSets, type EndpointView } from './endpoint-sets.ts';
import { nodePortAddresses } from './node-port-addresses.ts';
import type { NodeView } from './node-view.ts';
import { listFamilyPorts, type FamilyPort } from './service-port.ts';

/** One entry of map `services`, and the endpoints under its number. */
export interface Backing extends EndpointSets {
  readonly number: number;
  /** What the number is given out for. */
  readonly numberName: string;
  /** ServiceFlag bits. */
  readonly flags: number;
  readonly affinitySeconds: number;
}

/** A Service port and what is behind its front-ends. */
export interface BackedPort {
  readonly port: FamilyPort;
  /** Whether anything is offered anywhere. */
  readonly hasAny: boolean;
  /** Each number once. */
  readonly backings: readonly Backing[];
  /** What a front-end leads to. */
  readonly behind: (kind: FrontendKind, address: string) => Backing;
}

/** Every port of these Services that this node serves, with its endpoints, given by its key. */
export function backServices(
  view: NodeView,
  services: readonly Service[],
  endpoints: ReadonlyMap<string, readonly EndpointView[]>,
): BackedPort[] {
  const place = { node: view.name, zone: view.zone };
  return listFamilyPorts(services).map((port) => {
    const sets = selectEndpointSets(endpoints.get(port.key) ?? [], port, place);
    return view.config.mode === 'ipvs'
      ? backVirtualServers(view, port, sets)
      : backWhole(view, port, sets);
  });
}

function backWhole(view: NodeView, port: FamilyPort, sets: EndpointSets): BackedPort {
  const backing = back(port, withNumber(view, port.key, sets), port);
  return { port, hasAny: sets.hasAny, backings: [backing], behind: () => backing };
}

function backVirtualServers(view: NodeView, port: FamilyPort, sets: EndpointSets): BackedPort {
  const servers = new Map<string, Backing>();
  for (const [kind, addresses] of listDoors(view, port)) {
    for (const address of addresses) {
      const name = serverName(kind, address);
      const numbered = withNumber(view, `${port.key} ${name}`, sets);
      servers.set(name, backVirtualServer(port, numbered, kind));
    }
  }
  return {
    port,
    hasAny: sets.hasAny,
    backings: [...servers.values()],
    behind: (kind, address) => servers.get(serverName(kind, address))!,
  };
}

function listDoors(view: NodeView, port: FamilyPort): [FrontendKind, readonly string[]][] {
  const nodePorts = port.nodePort === 0 ? [] : nodePortAddresses(view, port.family);
  return [
    [FrontendKind.ClusterIp, [port.clusterIP]],
    [FrontendKind.LoadBalancer, port.vips],
    [FrontendKind.ExternalIp, port.externalIPs],
    [FrontendKind.NodePort, nodePorts],
  ];
}

function serverName(kind: FrontendKind, address: string): string {
  return `${kind} ${address}`;
}

type NumberedSets = EndpointSets & Pick<Backing, 'number' | 'numberName'>;

function withNumber(view: NodeView, numberName: string, sets: EndpointSets): NumberedSets {
  return { ...sets, number: view.numbers.numberOf('services', numberName), numberName };
}

/**
 * An ipvs virtual server has one list, for everybody: of a Local policy the local set, or the
 * cluster set where that is empty. Without any it refuses, wherever else endpoints may be.
 */
function backVirtualServer(port: FamilyPort, sets: NumberedSets, kind: FrontendKind): Backing {
  const isInternal = kind === FrontendKind.ClusterIp;
  const isLocal = isInternal ? port.isInternalLocal : port.isExternalLocal;
  const list: readonly EndpointView[] =
    isLocal && sets.local.length > 0 ? sets.local : sets.cluster;
  const isExternalLocal = !isInternal && isLocal;
  const listed = {
    ...sets,
    cluster: isExternalLocal ? [] : list,
    local: isExternalLocal ? list : [],
    hasAny: list.length > 0,
  };
  return back(port, listed, { isInternalLocal: false, isExternalLocal });
}

function back(
  port: FamilyPort,
  sets: NumberedSets,
  local: Pick<FamilyPort, 'isInternalLocal' | 'isExternalLocal'>,
): Backing {
  const flags: readonly (readonly [boolean, number])[] = [
    [local.isInternalLocal, ServiceFlag.InternalLocal],
    [local.isExternalLocal, ServiceFlag.ExternalLocal],
    [sets.hasAny, ServiceFlag.HasAnyEndpoints],
    [port.affinitySeconds > 0, ServiceFlag.Affinity],
  ];
  return {
    ...sets,
    flags: flags.reduce<number>(
      (sum, [isSet, flag]) => (isSet ? sum | flag : sum),
      ServiceFlag.Present,
    ),
    affinitySeconds: port.affinitySeconds,
  };
}
