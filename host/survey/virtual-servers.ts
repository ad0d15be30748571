// A node's front-ends as ipvs has them: virtual servers with their real servers, and how many
// connections each has. Reads maps `frontends`, `endpoints` and `loads`; decides nothing.
// Sources: pkg/proxy/ipvs/proxier.go syncService, syncEndpoint, graceful_termination.go.

import {
  EndpointSet,
  FrontendKind,
  ServiceFlag,
  type Frontend,
  type FrontendKey,
  type Load,
} from '../abi/abi.gen.ts';
import type { Dataplane } from '../cluster/cluster.ts';
import type { ServiceName } from '../compile/desired.ts';
import { protocolName, protocolNumber } from '../net/protocol.ts';
import { listEndpoints } from './endpoint-list.ts';

export interface RealServer {
  readonly address: string;
  readonly port: number;
  /** kube-proxy forwards by masquerading (NAT) only. */
  readonly forward: 'Masq';
  /** 1; 0 for one that was taken away and is drained: nobody new gets it. */
  readonly weight: number;
  /** TCP connections until a FIN or RST was seen, SCTP once answered. */
  readonly activeConnections: number;
  /** All others that are still tracked; those of UDP always. */
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
const tcp = protocolNumber('TCP');
/** The client under which map `loads` counts all of them together. */
const allClients = '::';

interface Socket {
  readonly address: string;
  readonly port: number;
}

/** What one front-end's endpoints are charged with, by `address port`. */
type Loads = ReadonlyMap<string, { readonly endpoint: Socket; readonly load: Load }>;

/** Virtual servers of a node in ipvs mode, by protocol, address and port. */
export function listVirtualServers(dataplane: Dataplane): VirtualServer[] {
  const loads = readLoads(dataplane);
  const servers = [...dataplane.map('frontends').entries()].map(([key, frontend]) =>
    viewServer(dataplane, { key, frontend }, loads.get(frontendText(key)) ?? new Map()),
  );
  return servers.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Loads by front-end. */
function readLoads(dataplane: Dataplane): Map<string, Loads> {
  const loads = new Map<string, Map<string, { endpoint: Socket; load: Load }>>();
  for (const [key, load] of dataplane.map('loads').entries()) {
    if (key.client !== allClients) continue;
    const { protocol, frontend: address, frontendPort: port } = key;
    const text = frontendText({ protocol, address, port });
    const ofFrontend = loads.get(text) ?? new Map<string, { endpoint: Socket; load: Load }>();
    loads.set(text, ofFrontend);
    const endpoint = { address: key.endpoint, port: key.endpointPort };
    ofFrontend.set(socketText(endpoint), { endpoint, load });
  }
  return loads;
}

function viewServer(
  dataplane: Dataplane,
  { key, frontend }: { readonly key: FrontendKey; readonly frontend: Frontend },
  loads: Loads,
): VirtualServer {
  const { address, port } = key;
  const listed = listEndpoints(dataplane, frontend.service, setOf(dataplane, frontend));
  const drained = listDrained(key, listed, loads);
  const view = (weight: number) => (endpoint: Socket) =>
    viewRealServer(endpoint, weight, loads.get(socketText(endpoint))?.load);
  return {
    protocol: protocolName(key.protocol),
    address,
    port,
    scheduler: dataplane.config.scheduler ?? defaultScheduler,
    persistentSeconds: dataplane.map('services').lookUp(frontend.service)?.affinitySeconds ?? 0,
    service: dataplane.names.services.get(frontend.service) ?? null,
    realServers: [...listed.map(view(endpointWeight)), ...drained.map(view(0))],
  };
}

/** TCP endpoints that were taken away but have connections; other protocols' go at once. */
function listDrained({ protocol }: FrontendKey, listed: readonly Socket[], loads: Loads): Socket[] {
  if (protocol !== tcp) return [];
  const present = new Set(listed.map(socketText));
  return [...loads]
    .filter(([text, { load }]) => !present.has(text) && load.active + load.inactive > 0)
    .map(([, { endpoint }]) => endpoint)
    .toSorted((a, b) => (socketText(a) < socketText(b) ? -1 : 1));
}

function viewRealServer(
  { address, port }: Socket,
  weight: number,
  load: Load | undefined,
): RealServer {
  const [activeConnections, inactiveConnections] = [load?.active ?? 0, load?.inactive ?? 0];
  return { address, port, forward: 'Masq', weight, activeConnections, inactiveConnections };
}

function frontendText({ protocol, address, port }: FrontendKey): string {
  return `${protocol} ${address} ${port}`;
}

function socketText({ address, port }: Socket): string {
  return `${address} ${port}`;
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
