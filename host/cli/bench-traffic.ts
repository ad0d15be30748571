// What the benchmarks send, and the node that it goes through: connections of one kind, in one
// family, each known by its number. Everything derives from numbers, so every run meets the same
// packets and the same maps.

import { PortNumber, type Capacity } from '../abi/abi.gen.ts';
import { capacityFor } from '../cluster/capacity.ts';
import { Cluster } from '../cluster/cluster.ts';
import type { PlainManifest } from '../cluster/written-objects.ts';
import { compileNode, defaultNodeConfig } from '../compile/compile-node.ts';
import { TcpFlag, type PacketFields } from '../net/packet.ts';
import { plan, type MapOperation } from '../reconcile/plan.ts';
import { acknowledgesAnswer, FrameTemplate, type FlowEnds } from './bench-frames.ts';

export const trafficPaths = ['pod to pod', 'ClusterIP', 'masqueraded node port'] as const;

export interface TrafficKind {
  readonly path: (typeof trafficPaths)[number];
  readonly family: 4 | 6;
  /** Each with four endpoints on other nodes; at most 2000 with node ports. */
  readonly services: number;
  /** Policies that select the clients. */
  readonly policies: number;
}

/** A node's maps, and the connections that go through it. */
export interface Traffic {
  readonly kind: TrafficKind;
  readonly cluster: Cluster;
  readonly operations: readonly MapOperation[];
  /** Room for so many connections. */
  capacityFor(connections: number): Capacity;
  endsOf(connection: number): FlowEnds;
  /** Number of the port by which the client's packets come. */
  portOf(connection: number): number;
  /** The client's first packet, with this many bytes of TCP payload. */
  openingOf(payloadBytes: number): FrameTemplate;
  /** Its packets once the connection is established. */
  establishedOf(payloadBytes: number): FrameTemplate;
}

export const uplink = PortNumber.Uplink;
export const targetPort = 8080;
export const endpointsPerService = 4;
const clients = 200;
export const servicePort = 80;
const firstNodePort = 30_000;
const node = 'node-a';
/** The first client, endpoint, Service and stranger, by the last four bytes of the address. */
export const firstAddresses = {
  client: 0x0af40002,
  endpoint: 0x0a800001,
  service: 0x0a600001,
  stranger: 0xc6120000,
};
const strangers = 65_536;
const nodeAddress = 0xc0a80002;
/** Before the last four bytes of every IPv6 address. */
const prefix6 = 'fd00:10:244::';
const windowBytes = 64_240;

/** Reads, completes and compiles the cluster of a kind. */
export function compileTraffic(kind: TrafficKind): Traffic {
  const cluster = Cluster.from(listManifests(kind));
  const { desired, names } = compileNode(cluster.state, node, defaultNodeConfig);
  const ports = new Map([...names.ports].map(([number, name]) => [name, number]));
  const clientPorts = Array.from({ length: clients }, (_, client) =>
    ports.get(`pod/default/client-${client}`)!,
  );
  const isOutside = kind.path === 'masqueraded node port';
  const connectionsOf = kind.family === 4 ? 'connections4' : 'connections6';
  const segment = (numbers: Partial<PacketFields>, payloadBytes: number) =>
    new FrameTemplate({
      ...{ source: textOf(0, kind.family), destination: textOf(0, kind.family), protocol: 6 },
      ...{ ...numbers, window: windowBytes, payload: new Uint8Array(payloadBytes) },
    });
  return {
    ...{ kind, cluster },
    operations: plan({}, desired),
    capacityFor: (connections) =>
      capacityFor(desired, {
        seed: defaultNodeConfig.seed,
        given: { connections4: 1, connections6: 1, [connectionsOf]: connections },
      }),
    endsOf: (connection) => endsOf(kind, connection),
    portOf: (connection) => (isOutside ? uplink : clientPorts[connection % clients]!),
    openingOf: (payloadBytes) => segment({ tcpFlags: TcpFlag.Syn, sequence: 1 }, payloadBytes),
    establishedOf: (payloadBytes) => {
      const numbers = { sequence: 2, acknowledgement: acknowledgesAnswer };
      return segment({ ...numbers, tcpFlags: TcpFlag.Ack }, payloadBytes);
    },
  };
}

function endsOf({ path, services }: TrafficKind, connection: number): FlowEnds {
  const service = scatter(connection) % services;
  if (path === 'masqueraded node port') {
    const source = firstAddresses.stranger + (connection % strangers);
    const sourcePort = 1024 + Math.floor(connection / strangers);
    const destinationPort = firstNodePort + service;
    return { source, sourcePort, destination: nodeAddress, destinationPort };
  }
  const source = firstAddresses.client + (connection % clients);
  const sourcePort = 10_000 + Math.floor(connection / clients);
  if (path === 'ClusterIP') {
    const destination = firstAddresses.service + service;
    return { source, sourcePort, destination, destinationPort: servicePort };
  }
  const destination = firstAddresses.endpoint + service * endpointsPerService;
  return { source, sourcePort, destination, destinationPort: targetPort };
}

/** A number that has nothing to do with its neighbours' (after MurmurHash3, fmix32). */
export function scatter(number: number): number {
  let mixed = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The address, in any spelling, that ends in these four bytes. */
function textOf(last: number, family: 4 | 6): string {
  if (family === 6)
    return `${prefix6}${(last >>> 16).toString(16)}:${(last & 0xffff).toString(16)}`;
  return [24, 16, 8, 0].map((shift) => (last >>> shift) & 0xff).join('.');
}

function listManifests(kind: TrafficKind): PlainManifest[] {
  const { family, services, policies } = kind;
  const countTo = (count: number) => Array.from({ length: count }, (_, number) => number);
  return [
    nodeManifest(family),
    ...countTo(clients).map((number) => clientManifest(number, family)),
    ...countTo(services).flatMap((number) => serviceManifests(number, kind)),
    ...countTo(policies).map((number) => policyManifest(number, family)),
  ];
}

function manifest(apiVersion: string, kind: string, rest: object): PlainManifest {
  return { apiVersion, kind, ...rest };
}

function nodeManifest(family: 4 | 6): PlainManifest {
  return manifest('v1', 'Node', {
    metadata: { name: node },
    spec: { podCIDR: family === 4 ? '10.244.0.0/24' : `${prefix6}af4:0/120` },
    status: { addresses: [{ type: 'InternalIP', address: textOf(nodeAddress, family) }] },
  });
}

function clientManifest(number: number, family: 4 | 6): PlainManifest {
  return manifest('v1', 'Pod', {
    metadata: { name: `client-${number}`, labels: { app: 'client' } },
    spec: { nodeName: node, containers: [{ name: 'client', image: 'client' }] },
    status: { phase: 'Running', podIP: textOf(firstAddresses.client + number, family) },
  });
}

function serviceManifests(number: number, { path, family }: TrafficKind): PlainManifest[] {
  const name = `service-${number}`;
  const isNodePort = path === 'masqueraded node port';
  const port = { port: servicePort, targetPort, protocol: 'TCP' };
  const addresses = Array.from({ length: endpointsPerService }, (_, endpoint) =>
    textOf(firstAddresses.endpoint + number * endpointsPerService + endpoint, family),
  );
  const service = manifest('v1', 'Service', {
    metadata: { name },
    spec: {
      type: isNodePort ? 'NodePort' : 'ClusterIP',
      clusterIP: textOf(firstAddresses.service + number, family),
      ipFamilies: [`IPv${family}`],
      ports: [{ ...port, ...(isNodePort && { nodePort: firstNodePort + number }) }],
    },
  });
  const slice = manifest('discovery.k8s.io/v1', 'EndpointSlice', {
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: `IPv${family}`,
    ports: [{ name: '', port: targetPort, protocol: 'TCP' }],
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  });
  return [service, slice];
}

/** The first allows what the clients do, the others something else. */
function policyManifest(number: number, family: 4 | 6): PlainManifest {
  const endpoints = family === 4 ? '10.128.0.0/9' : `${prefix6}/64`;
  return manifest('networking.k8s.io/v1', 'NetworkPolicy', {
    metadata: { name: `policy-${number}` },
    spec: {
      podSelector: { matchLabels: { app: 'client' } },
      policyTypes: ['Egress'],
      egress: [
        {
          to: [{ ipBlock: { cidr: number === 0 ? endpoints : otherBlock(number, family) } }],
          ports: [{ protocol: 'TCP', port: targetPort + number }],
        },
      ],
    },
  });
}

function otherBlock(number: number, family: 4 | 6): string {
  return family === 4 ? `172.16.${number & 0xff}.0/24` : `fd01:${number.toString(16)}::/64`;
}
