// The small cluster of the comparison: a node with four pods, a second node behind the uplink, and
// Services with and without endpoints. Written as manifests, which both sides are made from.

import { Cluster } from '../../host/cluster/cluster.ts';
import type { Dataplane } from '../../host/cluster/cluster.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { Family } from '../../host/kubernetes/types.ts';

/** Something by family. */
export type ByFamily = Readonly<Record<Family, string>>;

/** A link of the node, and who is at its far end. */
export interface Link {
  /** The dataplane's name of it: `uplink`, `pod/<namespace>/<name>`. */
  readonly port: string;
  /** The kernel's. */
  readonly device: string;
  /** The far end's own address; the uplink's is the router's. */
  readonly far: ByFamily;
}

export const nodeName = 'node-a';
export const nodeAddress: ByFamily = { 4: '192.168.0.2', 6: 'fd00:192:168::2' };

const router: ByFamily = { 4: '192.168.0.1', 6: 'fd00:192:168::1' };
const podAddress = (number: number, node = 1): ByFamily => ({
  4: `10.244.${node}.${number}`,
  6: `fd00:10:244:${node}::${number}`,
});

/** Pods of the node by name: two that serve, two that only call. */
const pods: Readonly<Record<string, ByFamily>> = {
  'web-1': podAddress(5),
  'web-2': podAddress(6),
  'client-1': podAddress(8),
  'client-2': podAddress(9),
};

export const remotePod: ByFamily = podAddress(5, 2);

export const links: readonly Link[] = [
  { port: 'uplink', device: 'uplink', far: router },
  ...Object.entries(pods).map(([name, far]) => ({
    port: `pod/default/${name}`,
    device: name,
    far,
  })),
];

/** The transports that Services serve, each on a port of its own. */
export const transports = [
  { protocol: 'TCP', number: 6, port: 80, targetPort: 8080 },
  { protocol: 'UDP', number: 17, port: 53, targetPort: 5353 },
  { protocol: 'SCTP', number: 132, port: 90, targetPort: 9090 },
] as const;

/** Addresses and first node port of each Service. */
export const services = {
  web: {
    clusterIP: { 4: '10.96.0.10', 6: 'fd00:10:96::10' },
    externalIP: { 4: '198.51.100.10', 6: '2001:db8:1b::10' },
    ingress: { 4: '198.51.100.11', 6: '2001:db8:1b::11' },
    nodePort: 30080,
    policy: 'Cluster',
    selector: 'web',
  },
  local: {
    clusterIP: { 4: '10.96.0.20', 6: 'fd00:10:96::20' },
    externalIP: { 4: '198.51.100.20', 6: '2001:db8:1b::20' },
    ingress: { 4: '198.51.100.21', 6: '2001:db8:1b::21' },
    nodePort: 30180,
    policy: 'Local',
    selector: 'web',
  },
  empty: {
    clusterIP: { 4: '10.96.0.30', 6: 'fd00:10:96::30' },
    externalIP: { 4: '198.51.100.30', 6: '2001:db8:1b::30' },
    ingress: { 4: '198.51.100.31', 6: '2001:db8:1b::31' },
    nodePort: 30280,
    policy: 'Cluster',
    selector: 'nobody',
  },
} as const;

export type ServiceName = keyof typeof services;

const nodeManifest = (name: string, number: number): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: { podCIDRs: [`10.244.${number - 1}.0/24`, `fd00:10:244:${number - 1}::/64`] },
  status: {
    addresses: [`192.168.0.${number}`, `fd00:192:168::${number}`].map((address) => ({
      type: 'InternalIP',
      address,
    })),
  },
});

function podManifest(name: string, address: ByFamily, node: string): object {
  const app = name.split('-')[0]!;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app } },
    spec: { nodeName: node, containers: [{ name: 'c', image: 'c' }] },
    status: {
      phase: 'Running',
      podIPs: [{ ip: address[4] }, { ip: address[6] }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function serviceManifest(name: string, service: (typeof services)[ServiceName]): object {
  const { clusterIP, externalIP, ingress, nodePort, policy, selector } = service;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type: 'LoadBalancer',
      ipFamilyPolicy: 'RequireDualStack',
      ipFamilies: ['IPv4', 'IPv6'],
      clusterIP: clusterIP[4],
      clusterIPs: [clusterIP[4], clusterIP[6]],
      externalIPs: [externalIP[4], externalIP[6]],
      externalTrafficPolicy: policy,
      selector: { app: selector },
      ports: transports.map(({ protocol, port, targetPort }, index) => ({
        name: protocol.toLowerCase(),
        ...{ protocol, port, targetPort, nodePort: nodePort + index },
      })),
    },
    status: { loadBalancer: { ingress: [{ ip: ingress[4] }, { ip: ingress[6] }] } },
  };
}

const objects: readonly object[] = [
  nodeManifest(nodeName, 2),
  nodeManifest('node-b', 3),
  ...Object.entries(pods).map(([name, address]) => podManifest(name, address, nodeName)),
  podManifest('web-3', remotePod, 'node-b'),
  ...Object.entries(services).map(([name, service]) => serviceManifest(name, service)),
];

/** Room for every flow of a long run: nothing expires in it, and nothing may be evicted. */
const capacity = {
  ...{ connections4: 262_144, connections6: 262_144 },
  ...{ fragments: 65_536, heldFragments: 65_536, heldBytes: 8 * 1024 * 1024 },
};

/** A fresh dataplane of the node. */
export function openDataplane(mode: NodeConfig['mode']): Promise<Dataplane> {
  const cluster = Cluster.from(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return cluster.dataplane({ node: nodeName, config: { mode }, capacity });
}
