// A node's front-ends as ipvs has them: virtual servers with their real servers, and how many
// connections each has. Reads the compiled maps and the connection table; decides nothing.
// Sources: pkg/proxy/ipvs/proxier.go syncService, syncEndpoint; Linux net/netfilter/ipvs
// ip_vs_conn.c ip_vs_bind_dest, ip_vs_proto_tcp.c set_tcp_state.

import {
  EndpointSet,
  FrontendKind,
  ServiceFlag,
  type Frontend,
  type FrontendKey,
} from '../abi/abi.gen.ts';
import type { Dataplane } from '../cluster/cluster.ts';
import type { ConnectionView } from '../cluster/connections.ts';
import type { ServiceName } from '../compile/desired.ts';
import { protocolName } from '../net/protocol.ts';
import { listEndpoints } from './endpoint-list.ts';

export interface RealServer {
  readonly address: string;
  readonly port: number;
  /** kube-proxy forwards by masquerading (NAT) only. */
  readonly forward: 'Masq';
  readonly weight: number;
  /** Connections in state established. */
  readonly activeConnections: number;
  /** All others; those of UDP always. */
  readonly inactiveConnections: number;
}

export interface VirtualServer {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
  readonly scheduler: string;
  /** Seconds that a client stays with its real server; 0 without persistence. */
  readonly persistentSeconds: number;
  readonly service: ServiceName | null;
  readonly realServers: readonly RealServer[];
}

const defaultScheduler = 'rr';
const endpointWeight = 1;

/** Virtual servers of a node in ipvs mode, by protocol, address and port. */
export function listVirtualServers(dataplane: Dataplane): VirtualServer[] {
  const counts = countConnections(dataplane.connections());
  const servers = [...dataplane.map('frontends').entries()].map(([key, frontend]) =>
    viewServer(dataplane, { key, frontend }, counts),
  );
  return servers.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

interface Counts {
  active: number;
  inactive: number;
}

/** By virtual and real server: protocol, then both sockets. */
function countConnections(connections: readonly ConnectionView[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const { protocol, original, reply, state } of connections) {
    const virtual = `${original.destination} ${original.destinationPort}`;
    const key = `${protocol} ${virtual} ${reply.source} ${reply.sourcePort}`;
    const found = counts.get(key) ?? { active: 0, inactive: 0 };
    found[state === 'established' ? 'active' : 'inactive'] += 1;
    counts.set(key, found);
  }
  return counts;
}

function viewServer(
  dataplane: Dataplane,
  { key, frontend }: { readonly key: FrontendKey; readonly frontend: Frontend },
  counts: ReadonlyMap<string, Counts>,
): VirtualServer {
  const { address, port } = key;
  const protocol = protocolName(key.protocol);
  const realServers = listEndpoints(dataplane, frontend.service, setOf(dataplane, frontend));
  return {
    protocol,
    address,
    port,
    scheduler: dataplane.config.scheduler ?? defaultScheduler,
    persistentSeconds: dataplane.map('services').lookUp(frontend.service)?.affinitySeconds ?? 0,
    service: dataplane.names.services.get(frontend.service) ?? null,
    realServers: realServers.map((endpoint): RealServer => {
      const socket = `${endpoint.address} ${endpoint.port}`;
      const found = counts.get(`${protocol} ${address} ${port} ${socket}`);
      return {
        ...endpoint,
        forward: 'Masq',
        weight: endpointWeight,
        activeConnections: found?.active ?? 0,
        inactiveConnections: found?.inactive ?? 0,
      };
    }),
  };
}

/** The set that everybody draws from: in ipvs mode sources make no difference. */
function setOf(dataplane: Dataplane, { service, kind }: Frontend): EndpointSet {
  const flags = dataplane.map('services').lookUp(service)?.flags ?? 0;
  const isInternal = kind === FrontendKind.ClusterIp;
  const flag = isInternal ? ServiceFlag.InternalLocal : ServiceFlag.ExternalLocal;
  return (flags & flag) === 0 ? EndpointSet.Cluster : EndpointSet.Local;
}

/** Numbers are padded, so that their texts sort as they do. */
function sortKey({ protocol, address, port }: VirtualServer): string {
  const padded = (text: string) => text.padStart(5, '0');
  const place = address.includes(':')
    ? `6 ${address}`
    : `4 ${address.split('.').map(padded).join('.')}`;
  return `${protocol} ${place} ${padded(String(port))}`;
}
