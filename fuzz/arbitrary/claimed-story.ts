// Stories about what a subject claims and nothing else: objects, packets and events that ask for
// more are left out or made plain. What is claimed is `fuzz/subject/claims.ts`.

import * as fc from 'fast-check';
import type {
  EndpointSlice,
  KubernetesObject,
  Service,
  SliceEndpoint,
} from '../../host/kubernetes/types.ts';
import { Ip } from '../../host/net/packet-layout.ts';
import { TcpFlag } from '../../host/net/packet.ts';
import { protocolNumber } from '../../host/net/protocol.ts';
import type { Claims, Feature } from '../subject/claims.ts';
import { isEverything } from '../subject/claims.ts';
import { narrowScene, podSketches, servicePorts, subjectNode, targetPort } from './cluster.ts';
import type { AddressPool } from './packet.ts';
import { story, withText, type Opening, type Step, type Story } from './story.ts';

const serviceAddresses = ['10.96.0.10', '10.96.0.11', 'fd00:10:96::10'];
const outside = ['203.0.113.7', '2001:db8::7'];
const externalAddresses = ['203.0.113.100', '198.51.100.10', '2001:db8:1b::10'];

/** Stories for whoever makes these claims; of those who claim everything, all of them. */
export function claimedStory(claims: Claims, maxLength = 60): fc.Arbitrary<Story> {
  if (isEverything(claims)) return story(maxLength);
  const [pool, ports] = [poolOf(claims), portsOf(claims)];
  const doors = narrowScene.doors.filter(
    ({ destination, protocol, destinationPort }) =>
      [...pool[4], ...pool[6]].includes(destination) &&
      claims.protocols.some((name) => protocolNumber(name) === protocol) &&
      ports.includes(destinationPort),
  );
  const plain = story(maxLength, { ...narrowScene, pool, ports, doors });
  return plain
    .map(({ objects, steps }) => ({
      objects: objects.flatMap((object) => narrowObject(object, claims)),
      steps: steps.flatMap((step) => narrowStep(step, claims)),
    }))
    .map(withText);
}

function has({ features }: Claims, feature: Feature): boolean {
  return features.includes(feature);
}

/** The ends of packets: pods, and whatever else is claimed to be dialled or to dial. */
function poolOf(claims: Claims): AddressPool {
  const of = (family: 4 | 6): string[] => {
    if (!claims.families.includes(family)) return [];
    const position = family === 4 ? 0 : 1;
    const [own, hosts] = [false, true].map((isHost) =>
      podSketches
        .filter(({ hostNetwork }) => hostNetwork === isHost)
        .map(({ ips }) => ips[position]!),
    );
    const others = [
      // More than once: they are what it is about.
      ...(has(claims, 'cluster-ip') ? [...serviceAddresses, ...serviceAddresses] : []),
      ...(has(claims, 'masquerade') ? outside : []),
      ...(has(claims, 'node-ports') ? hosts! : []),
      ...(has(claims, 'external-addresses') ? externalAddresses : []),
    ];
    return [...own!, ...others.filter((address) => address.includes(':') === (family === 6))];
  };
  return { 4: of(4), 6: of(6) };
}

function portsOf(claims: Claims): readonly number[] {
  const served = servicePorts.filter((port) => port < 30_000 || has(claims, 'node-ports'));
  return [...served, targetPort];
}

function narrowObject(object: KubernetesObject, claims: Claims): KubernetesObject[] {
  switch (object.kind) {
    case 'Service':
      return narrowService(object, claims);
    case 'EndpointSlice':
      return narrowSlice(object, claims);
    case 'NetworkPolicy':
      return has(claims, 'network-policies') ? [object] : [];
    default:
      return [object];
  }
}

function narrowService({ spec, status, ...rest }: Service, claims: Claims): Service[] {
  const clusterIPs = spec.clusterIPs.filter((address) => isOfFamily(address, claims));
  const ports = spec.ports.filter(({ protocol }) => claims.protocols.includes(protocol));
  const [clusterIP] = clusterIPs;
  if (clusterIP === undefined || ports.length === 0 || !has(claims, 'cluster-ip')) return [];
  const isOpen = has(claims, 'node-ports');
  const isBalanced = has(claims, 'external-addresses');
  const policies = { internalTrafficPolicy: 'Cluster', externalTrafficPolicy: 'Cluster' } as const;
  const narrowed: Service['spec'] = {
    ...spec,
    type: isBalanced ? spec.type : isOpen ? 'NodePort' : 'ClusterIP',
    clusterIP,
    clusterIPs,
    ipFamilies: clusterIPs.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4')),
    ports: ports.map(({ nodePort, ...port }) => {
      return { ...port, ...(isOpen && nodePort !== undefined ? { nodePort } : {}) };
    }),
    ...(has(claims, 'traffic-policies') ? {} : policies),
    sessionAffinity: has(claims, 'session-affinity') ? spec.sessionAffinity : 'None',
    externalIPs: isBalanced ? spec.externalIPs.filter((ip) => isOfFamily(ip, claims)) : [],
    loadBalancerSourceRanges: isBalanced ? spec.loadBalancerSourceRanges : [],
  };
  const ingress = isBalanced ? status.ingress.filter(({ ip = '' }) => isOfFamily(ip, claims)) : [];
  return [{ ...rest, spec: narrowed, status: { ingress } }];
}

function isOfFamily(address: string, { families }: Claims): boolean {
  return families.includes(address.includes(':') ? 6 : 4);
}

function narrowSlice(slice: EndpointSlice, claims: Claims): EndpointSlice[] {
  const family = slice.addressType === 'IPv6' ? 6 : 4;
  if (!claims.families.includes(family) || !has(claims, 'cluster-ip')) return [];
  const ports = slice.ports.filter(({ protocol }) => claims.protocols.includes(protocol));
  const endpoints = slice.endpoints
    .filter(({ nodeName }) => has(claims, 'masquerade') || nodeName !== subjectNode)
    .map((endpoint) => narrowEndpoint(endpoint, claims));
  // Of duplicates the later one counts.
  const places = new Map(endpoints.map((endpoint) => [endpoint.addresses[0], endpoint]));
  const isServed = [...places.values()].some(({ conditions }) => conditions.ready ?? true);
  // Without an endpoint a connection is answered with an error.
  const last = isServed || has(claims, 'answers') ? [] : [faithful[family]];
  return [{ ...slice, ports, endpoints: [...endpoints, ...last] }];
}

const { ips: faithfulIPs, node: faithfulNode } = podSketches[2]!;
const [faithful4, faithful6] = faithfulIPs.map((address) => ({
  addresses: [address],
  nodeName: faithfulNode,
  conditions: {},
  hints: { forZones: [], forNodes: [] },
}));

/** An endpoint that is always there for those who cannot do without. */
const faithful: Readonly<Record<4 | 6, SliceEndpoint>> = { 4: faithful4!, 6: faithful6! };

function narrowEndpoint(endpoint: SliceEndpoint, claims: Claims): SliceEndpoint {
  const { ready = true } = endpoint.conditions;
  const plain = ready ? {} : { ready: false, serving: false, terminating: false };
  return {
    ...endpoint,
    conditions: has(claims, 'draining') ? endpoint.conditions : plain,
    hints: has(claims, 'topology') ? endpoint.hints : { forZones: [], forNodes: [] },
  };
}

function narrowStep(step: Step, claims: Claims): Step[] {
  switch (step.kind) {
    case 'send':
      return narrowOpening(step.opening, claims).map((opening) => ({ ...step, opening }));
    case 'reply':
      return [has(claims, 'tcp-states') ? step : { ...step, tcpFlags: null }];
    case 'complain':
      return has(claims, 'icmp-errors') ? [step] : [];
    case 'wait':
      return [has(claims, 'expiry') ? step : { ...step, ms: 1 }];
    case 'apply':
      return narrowObject(step.object, claims).map((object) => ({ ...step, object }));
    case 'delete':
      return has(claims, 'answers') ? [step] : [];
  }
}

/** By the address that is dialled and the protocol: what a Service of the scene serves there. */
const servedPorts: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  ...Object.fromEntries(
    [...serviceAddresses, ...externalAddresses].map((address) => [
      address,
      { [Ip.Tcp]: 80, [Ip.Udp]: 53, [Ip.Sctp]: 80 },
    ]),
  ),
  '10.96.0.11': { [Ip.Tcp]: 80 },
};

/** What asks for more than is claimed becomes the nearest that does not. */
function narrowOpening(opening: Opening, claims: Claims): Opening[] {
  const protocol = claimedProtocol(opening.protocol, claims);
  const { source, sourcePort, tcpFlags, ttl } = narrowClient(opening, claims);
  // What a Service does not serve is answered with an error.
  const served = has(claims, 'answers') ? undefined : servedPorts[opening.destination];
  const destinationPort = served === undefined ? opening.destinationPort : served[protocol];
  if (destinationPort === undefined) return [];
  const isForeign = false;
  return [{ ...opening, source, protocol, sourcePort, destinationPort, tcpFlags, ttl, isForeign }];
}

function claimedProtocol(protocol: number, claims: Claims): number {
  const numbers = claims.protocols.map((name) => protocolNumber(name)!);
  return numbers.includes(protocol) ? protocol : numbers[protocol % numbers.length]!;
}

function narrowClient(
  opening: Opening,
  claims: Claims,
): Pick<Opening, 'source' | 'sourcePort' | 'tcpFlags' | 'ttl'> {
  const { source, destination, sourcePort, tcpFlags } = opening;
  const position = source.includes(':') ? 1 : 0;
  const clients = podSketches.slice(0, 2).map(({ ips }) => ips[position]!);
  // The node masquerades who dials a Service and is no pod; a Service that dials is dialled back,
  // at a port that it does not serve.
  const isDialling = source in servedPorts;
  const isMasqueraded = destination in servedPorts && !clients.includes(source);
  const isKept =
    (!isDialling || (has(claims, 'answers') && has(claims, 'masquerade'))) &&
    (!isMasqueraded || has(claims, 'masquerade'));
  const isTracked = has(claims, 'tcp-states');
  return {
    source: isKept ? source : clients[sourcePort % clients.length]!,
    // A client's port that no server has: else one might answer by accident.
    sourcePort: isTracked || sourcePort >= 40_000 ? sourcePort : 40_002,
    tcpFlags: isTracked ? tcpFlags : TcpFlag.Syn,
    ttl: has(claims, 'answers') ? opening.ttl : 64,
  };
}
