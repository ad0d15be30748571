// nft rules for the Services of a cluster, as far as the comparison has them: which packet is
// translated to which endpoint and masqueraded, rejected or dropped, shaped like kube-proxy's.
// Choices follow from a hash, so that a run repeats. Source: Kubernetes pkg/proxy/nftables.

import type { NodeConfig } from '../../host/compile/desired.ts';
import type { ClusterState } from '../../host/controllers/state.ts';
import type { EndpointSlice, Family, Service, ServicePort } from '../../host/kubernetes/types.ts';
import { nodeAddress, nodeName } from './cluster.ts';

const MASQUERADE = '0x4000';
/** Of packets delivered to the node, and so of its answers to them. */
const DELIVERED = '0x8000';
/** The sender of the packets that close a round. */
export const markSource = '192.0.2.1';

/** One port of a Service in one family. */
interface Front {
  readonly name: string;
  readonly clusterIP: string;
  /** External and ingress addresses. */
  readonly outside: readonly string[];
  readonly isLocal: boolean;
  /** `tcp dport`. */
  readonly match: string;
  readonly port: number;
  readonly nodePort: number;
  /** `address . port`. */
  readonly endpoints: readonly string[];
  readonly localEndpoints: readonly string[];
}

/** The whole rule set of a node, for `nft -f`. */
export function writeRules(state: ClusterState, mode: NodeConfig['mode']): string {
  return [table(state, 4, mode), table(state, 6, mode)].join('\n');
}

function table(state: ClusterState, family: Family, mode: NodeConfig['mode']): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const fronts = state.services.flatMap((service) => frontsOf(service, state, family));
  const pods = state.podCIDRs.find((cidr) => cidr.includes(':') === (family === 6));
  const ends = `${ip} saddr . ${ip} daddr`;
  const served = fronts.filter(({ endpoints }) => endpoints.length > 0);
  const invalid = mode === 'iptables' ? ['ct state invalid drop'] : [];
  const refused = [
    ...refusals(fronts, ip, nodeAddress[family]),
    ...(mode === 'nftables' ? unserved(fronts, ip, state.serviceCIDRs) : []),
  ];
  const chains = [
    ...served.flatMap((front) => frontChains(front, ip, pods ?? '')),
    hook('marks', 'filter hook prerouting priority raw', family === 4 ? notrack : []),
    hook('dialled', 'nat hook prerouting priority dstnat', dispatch(served, ip, family)),
    hook('leaving', 'nat hook postrouting priority srcnat', [
      `meta mark & ${MASQUERADE} != 0 masquerade fully-random`,
      `ct status dnat ${ends} { ${hairpins(served, mode)} } masquerade fully-random`,
    ]),
    hook('forwarded', 'filter hook forward priority -110', [...invalid, ...refused]),
    hook('arriving', 'filter hook input priority -110', refused),
    hook('delivered', 'filter hook input priority 300', [
      'log group 5 queue-threshold 1',
      `meta mark set ${DELIVERED}`,
    ]),
    hook('answers', 'filter hook output priority raw', [`meta mark ${DELIVERED} drop`]),
  ];
  return `table ${ip} podplane {\n${chains.join('\n')}\n}`;
}

const notrack = [`ip saddr ${markSource} notrack`];

function hook(name: string, type: string, rules: readonly string[]): string {
  return chain(name, [`type ${type}`, ...rules]);
}

function chain(name: string, rules: readonly string[]): string {
  return ` chain ${name} {\n${rules.map((rule) => `  ${rule}\n`).join('')} }`;
}

function frontsOf(service: Service, { slices }: ClusterState, family: Family): Front[] {
  const { metadata, spec, status } = service;
  const isOfFamily = (address: string): boolean => address.includes(':') === (family === 6);
  const clusterIP = spec.clusterIPs.find(isOfFamily);
  if (clusterIP === undefined || clusterIP === 'None') return [];
  const ingress = status.ingress.flatMap(({ ip }) => ip ?? []);
  const own = slices.filter(
    (slice) =>
      slice.metadata.labels['kubernetes.io/service-name'] === metadata.name &&
      slice.addressType === `IPv${family}`,
  );
  return spec.ports.map((port) => ({
    name: `${metadata.name}-${port.protocol.toLowerCase()}`,
    clusterIP,
    outside: [...spec.externalIPs, ...ingress].filter(isOfFamily),
    isLocal: spec.externalTrafficPolicy === 'Local',
    match: `${port.protocol.toLowerCase()} dport`,
    port: port.port,
    nodePort: port.nodePort ?? 0,
    endpoints: endpointsOf(own, port, () => true),
    localEndpoints: endpointsOf(own, port, (node) => node === nodeName),
  }));
}

function endpointsOf(
  slices: readonly EndpointSlice[],
  { name }: ServicePort,
  isWanted: (node: string | undefined) => boolean,
): string[] {
  return slices.flatMap(({ endpoints, ports }) => {
    const port = ports.find((candidate) => candidate.name === name)?.port;
    const wanted = endpoints.filter(({ nodeName: node }) => isWanted(node));
    return wanted.flatMap(({ addresses }) => addresses.map((address) => `${address} . ${port}`));
  });
}

/** What a front-end does: choose an endpoint, and say whether the source is masqueraded. */
function frontChains(front: Front, ip: string, pods: string): string[] {
  const { name, endpoints, localEndpoints, isLocal, match } = front;
  const masquerade = `meta mark set meta mark | ${MASQUERADE}`;
  const choose = (from: readonly string[]): string => {
    const map = from.map((endpoint, index) => `${index} : ${endpoint}`).join(', ');
    const key = `jhash ${ip} saddr . ${match.replace('dport', 'sport')}`;
    const protocol = match.split(' ')[0];
    const choice = `${key} mod ${from.length} seed 1 map { ${map} }`;
    return `meta l4proto ${protocol} dnat to ${choice}`;
  };
  const outside = isLocal
    ? [`${ip} saddr ${pods} goto ${name}-choose`, choose(localEndpoints)]
    : [masquerade, `goto ${name}-choose`];
  return [
    chain(`${name}-choose`, [choose(endpoints)]),
    chain(`${name}-inside`, [`${ip} saddr != ${pods} ${masquerade}`, `goto ${name}-choose`]),
    chain(`${name}-outside`, outside),
  ];
}

/** From the address and port dialled to the chain of the front-end. */
function dispatch(fronts: readonly Front[], ip: string, family: Family): string[] {
  return fronts.flatMap(({ name, clusterIP, outside, match, port, nodePort }) => [
    `${ip} daddr ${clusterIP} ${match} ${port} goto ${name}-inside`,
    `${ip} daddr { ${outside.join(', ')} } ${match} ${port} goto ${name}-outside`,
    `${ip} daddr ${nodeAddress[family]} ${match} ${nodePort} goto ${name}-outside`,
  ]);
}

/** Pairs of equal addresses: an endpoint that was chosen for its own call. */
function hairpins(fronts: readonly Front[], mode: NodeConfig['mode']): string {
  const addresses = fronts.flatMap(({ endpoints, localEndpoints }) =>
    (mode === 'iptables' ? endpoints : localEndpoints).map((endpoint) => endpoint.split(' ')[0]!),
  );
  return [...new Set(addresses)].map((address) => `${address} . ${address}`).join(', ');
}

/** Front-ends without endpoints. */
function refusals(fronts: readonly Front[], ip: string, node: string): string[] {
  const empty = fronts.filter(({ endpoints }) => endpoints.length === 0);
  return empty.flatMap(({ clusterIP, outside, match, port, nodePort }) => [
    `ct state new ${ip} daddr { ${[clusterIP, ...outside].join(', ')} } ${match} ${port} reject`,
    `ct state new ${ip} daddr ${node} ${match} ${nodePort} reject`,
  ]);
}

/** What no front-end serves: other ports of a ClusterIP, and addresses of nobody. */
function unserved(fronts: readonly Front[], ip: string, ranges: readonly string[]): string[] {
  const addresses = new Set(fronts.map(({ clusterIP }) => clusterIP));
  const range = ranges.filter((cidr) => cidr.includes(':') === (ip === 'ip6'));
  return [
    `ct state new ${ip} daddr { ${[...addresses].join(', ')} } reject`,
    `ct state new ${ip} daddr { ${range.join(', ')} } drop`,
  ];
}
