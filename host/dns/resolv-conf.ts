// Whom a client asks for names, and what it adds to them: the resolv.conf that the kubelet writes
// for a pod. Holds no answers. Sources: `pkg/kubelet/network/dns/dns.go` (GetPodDNS);
// resolv.conf(5).

import type { ClusterState } from '../controllers/state.ts';
import type { Pod } from '../kubernetes/types.ts';
import { addressAt, parsePrefix, prefixSize } from '../net/prefix.ts';
import { clusterDomain } from './records.ts';

export interface ResolvConf {
  /** Whose it is: `pod shop/web`. */
  readonly client: string;
  readonly namespace: string;
  /** In the order in which they are asked; empty where they are the node's, which nobody wrote. */
  readonly nameservers: readonly string[];
  /** Without the dot at the end. */
  readonly search: readonly string[];
  /** A name with fewer dots is looked up in the search list first. */
  readonly ndots: number;
  /** Whether the first name server is the cluster's. */
  readonly asksCluster: boolean;
  /** Whether this is how a pod would ask, for want of a resolv.conf of the client's own. */
  readonly isAssumed: boolean;
}

const clusterOptions = [{ name: 'ndots', value: '5' }] as const;
/** resolv.conf(5): the default, and the most there can be. */
const ndots = { usual: 1, most: 15 } as const;
/** Where kubeadm places the DNS Service in each service range. */
const dnsServiceIndex = 10;

/** A pod's resolv.conf, by its dnsPolicy and dnsConfig. */
export function podResolvConf(state: ClusterState, pod: Pod): ResolvConf {
  const { metadata, spec } = pod;
  const { dnsConfig } = spec;
  const asksCluster = usesClusterServers(pod);
  const servers = clusterServers(state);
  const nameservers = [...(asksCluster ? servers : []), ...(dnsConfig?.nameservers ?? [])];
  const search = [
    ...(asksCluster ? clusterSearch(metadata.namespace) : []),
    ...(dnsConfig?.searches ?? []).map((domain) => domain.toLowerCase().replace(/\.$/, '')),
  ];
  const options = [...(asksCluster ? clusterOptions : []), ...(dnsConfig?.options ?? [])];
  const isOwn = spec.dnsPolicy === 'None';
  return {
    client: `pod ${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    nameservers: [...new Set(nameservers)],
    search: [...new Set(search)],
    ndots: ndotsOf(options),
    asksCluster: asksCluster || (isOwn && servers.includes(nameservers[0] ?? '')),
    isAssumed: false,
  };
}

/**
 * For nodes and addresses outside, whose own resolv.conf is in no manifest: as a pod of the
 * namespace would ask.
 */
export function assumedResolvConf(
  state: ClusterState,
  client: string,
  namespace = 'default',
): ResolvConf {
  return {
    client,
    namespace,
    nameservers: clusterServers(state),
    search: clusterSearch(namespace),
    ndots: ndotsOf(clusterOptions),
    asksCluster: true,
    isAssumed: true,
  };
}

/** With the node's network, ClusterFirst means Default. */
function usesClusterServers({ spec }: Pod): boolean {
  const policy = spec.dnsPolicy ?? 'ClusterFirst';
  if (policy === 'ClusterFirst') return !spec.hostNetwork;
  return policy === 'ClusterFirstWithHostNet';
}

function clusterSearch(namespace: string): string[] {
  return [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
}

/** Those of the Service kube-system/kube-dns, else where kubeadm would have it. */
function clusterServers({ services, serviceCIDRs }: ClusterState): string[] {
  const written = services.find(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === 'kube-dns',
  );
  if (written !== undefined && written.spec.clusterIPs.length > 0)
    return [...written.spec.clusterIPs];
  const ranges = serviceCIDRs.map(parsePrefix).filter((range) => range !== null);
  return ranges
    .filter((range) => prefixSize(range) > dnsServiceIndex)
    .map((range) => addressAt(range, dnsServiceIndex));
}

/** The last one written counts. */
function ndotsOf(options: readonly { name: string; value?: string }[]): number {
  const written = options.findLast(({ name }) => name === 'ndots')?.value;
  if (written === undefined) return ndots.usual;
  return Math.min(Number.parseInt(written, 10) || 0, ndots.most);
}
