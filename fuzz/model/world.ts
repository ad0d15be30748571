// What the model can see: the completed objects, one node and its settings, and what follows from
// them about addresses. Nothing is compiled or kept: every question is answered from the objects,
// each time anew.

import type { ClusterState } from '../../host/controllers/state.ts';
import type { ContainerPort, Family, Labels, Node, Pod } from '../../host/kubernetes/types.ts';
import { familyOf, parseAddress } from '../../host/net/address.ts';
import { parsePrefix, prefixContains } from '../../host/net/prefix.ts';
import { clusterIPOf, isServed, vipsOf } from './service-addresses.ts';

/**
 * A node's settings; the names and meanings are those of kube-proxy's configuration where it has
 * them.
 */
export interface ModelSettings {
  readonly mode: 'nftables' | 'iptables' | 'ipvs';
  /** ipvs mode; `rr` unless given. */
  readonly scheduler?: string;
  /** The other modes; `random` unless given. */
  readonly balancing?: 'random' | 'maglev';
  /** How connections are tracked; `kube-proxy` unless given. */
  readonly profile?: 'kube-proxy' | 'cilium' | 'calico';
  /** Only Linux holds TCP to its windows, unless given. */
  readonly beLiberal?: boolean;
  /** Connections are picked up in the middle; true unless given. */
  readonly loose?: boolean;
  readonly masqueradeAll: boolean;
  /** `random` unless given. */
  readonly masqueradePorts?: 'random' | 'keep-if-free';
  readonly detectLocal?: {
    readonly mode: 'ClusterCIDR' | 'NodeCIDR' | 'Interface' | 'None';
    readonly cidrs?: readonly string[];
  };
  readonly nodePortAddresses: readonly string[];
  readonly localhostNodePorts: boolean;
  readonly serviceCIDRs: readonly string[];
  readonly nodeAddresses?: readonly string[];
  /** What the policy APIs leave open; what is absent is as most implementations have it. */
  readonly policy?: Partial<PolicySettings>;
  /** Longest packet by `uplink`, `pods` or a pod's port; 1500 unless given. */
  readonly mtu?: Readonly<Record<string, number>>;
}

export interface PolicySettings {
  /** What a change of policy does to connections that it no longer admits. */
  readonly liveConnections: 'keep' | 'revalidate';
  readonly selfThroughService: 'allow' | 'judge';
  readonly toOwnNode: 'judge' | 'allow';
  readonly fromOwnNode: 'allow' | 'after-admin';
  readonly icmp: 'rules' | 'essential';
  readonly masqueradedSource: 'original' | 'node';
  /** What keeps the Baseline tier out: a NetworkPolicy for the direction, or for the pod. */
  readonly baseline: 'direction' | 'pod';
  readonly sidecarPortNames: boolean;
  /** The addresses that are known of domain names. */
  readonly domainNames: Readonly<Record<string, readonly string[]>>;
}

const defaultPolicySettings: PolicySettings = {
  liveConnections: 'keep',
  selfThroughService: 'allow',
  toOwnNode: 'judge',
  fromOwnNode: 'allow',
  icmp: 'rules',
  masqueradedSource: 'original',
  baseline: 'direction',
  sidecarPortNames: true,
  domainNames: {},
};

export const defaultModelSettings: ModelSettings = {
  mode: 'nftables',
  masqueradeAll: false,
  nodePortAddresses: [],
  localhostNodePorts: true,
  serviceCIDRs: [],
};

export interface World {
  readonly state: ClusterState;
  /** Name of the node whose dataplane this is. */
  readonly node: string;
  readonly settings: ModelSettings;
}

export function policySettings({ settings }: World): PolicySettings {
  return { ...defaultPolicySettings, ...settings.policy };
}

const mostRemembered = 10_000;

/** A reading of texts that remembers its answers: the same few are asked for all the time. */
function remembering<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size === mostRemembered) known.clear();
    const value = read(text);
    known.set(text, value);
    return value;
  };
}

const readPrefix = remembering(parsePrefix);
const readAddress = remembering(parseAddress);

/** Whether an address is in a block; blocks of the other family contain nothing. */
export function isInBlock(address: string, cidr: string): boolean {
  const prefix = readPrefix(cidr);
  const bytes = readAddress(address);
  if (prefix === null || bytes === null || prefix.family !== familyOf(address)) return false;
  return prefixContains(prefix, bytes);
}

export function isInAnyBlock(address: string, cidrs: readonly string[]): boolean {
  return cidrs.some((cidr) => isInBlock(address, cidr));
}

function thisNode(world: World): Node | undefined {
  return world.state.nodes.find((node) => node.metadata.name === world.node);
}

/** The node's zone, '' if it has none. */
export function zoneOf(world: World): string {
  return thisNode(world)?.metadata.labels['topology.kubernetes.io/zone'] ?? '';
}

/** Every address of the node but loopback. */
export function nodeAddresses(world: World): readonly string[] {
  return world.settings.nodeAddresses ?? statusAddresses(world);
}

function statusAddresses(world: World): readonly string[] {
  const listed = thisNode(world)?.status.addresses ?? [];
  return ['InternalIP', 'ExternalIP'].flatMap((type) =>
    listed.filter((entry) => entry.type === type).map((entry) => entry.address),
  );
}

/**
 * The address that the node speaks from: its first internal one, else its first external one, of a
 * family.
 */
export function primaryAddress(world: World, family: Family): string | null {
  const candidates = [...statusAddresses(world), ...nodeAddresses(world)];
  return candidates.find((address) => familyOf(address) === family) ?? null;
}

export function isLoopback(address: string): boolean {
  return isInAnyBlock(address, ['127.0.0.0/8', '::1/128']);
}

export function isNodeAddress(world: World, address: string): boolean {
  return isLoopback(address) || nodeAddresses(world).includes(address) || isDummy(world, address);
}

/** ipvs mode puts every address of a Service that the node lacks on a device of the node. */
export function isDummy(world: World, address: string): boolean {
  if (world.settings.mode !== 'ipvs' || nodeAddresses(world).includes(address)) return false;
  const family = familyOf(address);
  return world.state.services.some((service) => {
    const clusterIP = isServed(service) ? clusterIPOf(service, family) : null;
    if (clusterIP === null) return false;
    return [clusterIP, ...vipsOf(service), ...service.spec.externalIPs].includes(address);
  });
}

/**
 * The blocks that the local-traffic detector goes by, at most one of a family (kube-proxy
 * getLocalDetectors).
 */
function detectorBlocks(world: World): readonly string[] {
  const { mode, cidrs } = world.settings.detectLocal ?? { mode: 'ClusterCIDR' as const };
  const listed = {
    ClusterCIDR: () => cidrs ?? world.state.podCIDRs,
    NodeCIDR: () => cidrs ?? thisNode(world)?.spec.podCIDRs ?? [],
    Interface: () => localPods(world).flatMap((pod) => pod.status.podIPs),
    None: () => [],
  }[mode]();
  if (mode === 'Interface') return listed.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`);
  const first = (family: Family) => listed.filter((cidr) => familyOf(cidr) === family).slice(0, 1);
  return [...first(4), ...first(6)];
}

/** Whether anything is known to be a pod in this family. */
export function hasDetector(world: World, family: Family): boolean {
  if (world.settings.detectLocal?.mode === 'Interface') return true;
  return detectorBlocks(world).some((cidr) => familyOf(cidr) === family);
}

/** Whether the local-traffic detector takes a source for a pod. */
export function isPodSource(world: World, address: string): boolean {
  return isInAnyBlock(address, detectorBlocks(world));
}

/** A pod owns its addresses while it is not finished and not on the host's network. */
function hasOwnNetwork(pod: Pod): boolean {
  const isFinished = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  return !pod.spec.hostNetwork && !isFinished;
}

/** The pod that owns an address, on any node. */
export function podAt(world: World, address: string): Pod | null {
  const owns = (pod: Pod) => hasOwnNetwork(pod) && pod.status.podIPs.includes(address);
  const owners = world.state.pods.filter(owns);
  return (
    owners.find(({ metadata }) => metadata.deletionTimestamp === undefined) ?? owners[0] ?? null
  );
}

export function labelsOfNamespace(world: World, name: string): Labels {
  const found = world.state.namespaces.find((namespace) => namespace.metadata.name === name);
  return { ...found?.metadata.labels, 'kubernetes.io/metadata.name': name };
}

/** Of ordinary containers, and of sidecars: init containers that always restart. */
export function containerPorts(
  { spec }: Pod,
  { sidecarPortNames }: PolicySettings,
): readonly ContainerPort[] {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const containers = [...spec.containers, ...(sidecarPortNames ? sidecars : [])];
  return containers.flatMap(({ ports }) => ports);
}

export function isOnThisNode(world: World, pod: Pod): boolean {
  return pod.spec.nodeName === world.node;
}

function localPods(world: World): readonly Pod[] {
  return world.state.pods.filter((pod) => hasOwnNetwork(pod) && isOnThisNode(world, pod));
}

export function portOfPod(pod: Pod): string {
  return `pod/${pod.metadata.namespace}/${pod.metadata.name}`;
}

export function hasPort(world: World, port: string): boolean {
  return ['host', 'uplink', ...localPods(world).map(portOfPod)].includes(port);
}

/**
 * Where packets to an address leave: the node itself, a pod of this node, or the network outside.
 */
export function portTo(world: World, address: string): string {
  if (isNodeAddress(world, address)) return 'host';
  const pod = podAt(world, address);
  return pod !== null && isOnThisNode(world, pod) ? portOfPod(pod) : 'uplink';
}

/** Longest packet that leaves by a port. */
export function mtuOf(world: World, port: string): number {
  const { mtu = {} } = world.settings;
  const ofKind = port === 'uplink' ? undefined : mtu['pods'];
  return mtu[port] ?? ofKind ?? 1500;
}

/** No packet on a wire is longer than the largest MTU of the node's ports. */
export function isAggregate(world: World, lengthBytes: number): boolean {
  const ports = ['uplink', ...localPods(world).map(portOfPod)];
  return ports.every((port) => lengthBytes > mtuOf(world, port));
}

const nowhere = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/4', '255.255.255.255/32'];
const nowhere6 = ['::/128', '::1/128', 'ff00::/8'];

/**
 * Sources that only the node itself may have: its own, unspecified, loopback, multicast, broadcast.
 */
export function isMartianSource(world: World, address: string, port: string): boolean {
  if (port === 'host') return false;
  const isOwn = familyOf(address) === 4 && isNodeAddress(world, address);
  return isOwn || isInAnyBlock(address, [...nowhere, ...nowhere6]);
}

/** Destinations that are never forwarded. */
export function isForwardable(address: string): boolean {
  return !isInAnyBlock(address, [...nowhere, ...nowhere6, 'fe80::/10']);
}
