// Backed Service ports -> what can be dialled: map `frontends`, who may dial it (`source-ranges`),
// and what is said to whoever dials a service address that serves nothing there
// (`service-addresses`). Knows no endpoints.
// Sources: pkg/proxy/nftables/proxier.go and pkg/proxy/iptables/proxier.go syncProxyRules.

import { FrontendFlag, FrontendKind, ServiceAddressKind } from '../abi/abi.gen.ts';
import { parseAddress } from '../net/address.ts';
import { parsePrefix, prefixContains, type Prefix } from '../net/prefix.ts';
import { protocolNumber } from '../net/protocol.ts';
import { dummyAddresses } from './dummy-addresses.ts';
import type { Entry } from './entries.ts';
import type { NodeView } from './node-view.ts';
import {
  loopback4,
  matchesAllIPv4,
  nodePortAddresses,
  refusingAddresses,
} from './node-port-addresses.ts';
import { addressPrefix, prefixKey } from './prefix-key.ts';
import type { BackedPort } from './service-backing.ts';
import type { FamilyPort } from './service-port.ts';

type FrontendEntry = Entry<'frontends'>;

/**
 * Entries of map `frontends`. Where two Services claim one address, port and protocol, the first of
 * these wins, and of equals the first by name: 1 ClusterIP, 2 load balancer, 3 external IP, 4 node
 * port.
 */
export function compileFrontends(view: NodeView, ports: readonly BackedPort[]): FrontendEntry[] {
  const claims = [
    ports.flatMap((port) => frontendsAt(port, FrontendKind.ClusterIp, [port.port.clusterIP])), // 1
    ports.flatMap((port) => {
      const flags = (vip: string) => guard(view, port) | exempt(view, vip);
      return frontendsAt(port, FrontendKind.LoadBalancer, port.port.vips, flags);
    }), // 2
    ports.flatMap((port) => {
      const flags = (address: string) => exempt(view, address);
      return frontendsAt(port, FrontendKind.ExternalIp, port.port.externalIPs, flags);
    }), // 3
    ports.flatMap((port) => {
      const flags = (address: string) => widen(view, port, address);
      return frontendsAt(port, FrontendKind.NodePort, nodePortsAt(view, port), flags);
    }), // 4
  ].flat();
  const winners = new Map<string, FrontendEntry>();
  for (const claim of claims) {
    const { address, port, protocol } = claim[0];
    const key = `${address} ${port} ${protocol}`;
    if (!winners.has(key)) winners.set(key, claim);
  }
  return [...winners.values()];
}

/**
 * Entries of map `source-ranges`: the ranges, and the Service's own load-balancer addresses where a
 * range contains the node's address, because a node that dials such an address may use it as source
 * too; ipvs allows only the one that is dialled (FrontendFlag.OwnSource).
 */
export function compileSourceRanges(
  view: NodeView,
  ports: readonly BackedPort[],
): Entry<'source-ranges'>[] {
  return ports.flatMap(({ port, behind }) => {
    const sources = allowedSources(view, port);
    const numbers = new Set(port.vips.map((vip) => behind(FrontendKind.LoadBalancer, vip).number));
    return [...numbers].flatMap((number) =>
      sources.map((prefix): Entry<'source-ranges'> => [prefixKey(prefix, number), { allowed: 1 }]),
    );
  });
}

/**
 * Entries of map `service-addresses`. nftables rejects the unserved ports of ClusterIPs and drops
 * the rest of the Service CIDRs; ipvs rejects at every service address that is not the node's own;
 * iptables lets everything pass.
 */
export function compileServiceAddresses(
  view: NodeView,
  ports: readonly BackedPort[],
): Entry<'service-addresses'>[] {
  const { mode } = view.config;
  if (mode === 'iptables') return [];
  const own = new Set(view.addresses);
  const familyPorts = ports.map(({ port }) => port);
  const clusterIPs = new Set(familyPorts.map(({ clusterIP }) => clusterIP));
  const served =
    mode === 'ipvs'
      ? dummyAddresses(view, familyPorts)
      : [...clusterIPs].filter((address) => !own.has(address));
  return served.map((address) => [
    prefixKey(addressPrefix(address)),
    { kind: ServiceAddressKind.ClusterIp },
  ]);
}

/** Entries of map `service-addresses` that hold where no Service has one: nftables only. */
export function compileUnallocated(view: NodeView): Entry<'service-addresses'>[] {
  if (view.config.mode !== 'nftables') return [];
  return serviceBlocks(view).map((prefix) => [
    prefixKey(prefix),
    { kind: ServiceAddressKind.Unallocated },
  ]);
}

function frontendsAt(
  { port: { port, nodePort }, behind }: BackedPort,
  kind: FrontendKind,
  addresses: readonly string[],
  flagsAt: (address: string) => number = () => 0,
): FrontendEntry[] {
  const key = {
    port: kind === FrontendKind.NodePort ? nodePort : port.port,
    protocol: protocolNumber(port.protocol)!,
  };
  return addresses.map((address) => [
    { address, ...key },
    { service: behind(kind, address).number, kind, flags: flagsAt(address) },
  ]);
}

/**
 * Source ranges. iptables checks them only while there is an endpoint to protect; the others
 * always. ipvs asks of the node's own packets whether the node's address is in a range.
 */
function guard(view: NodeView, { port, hasAny }: BackedPort): number {
  const { mode } = view.config;
  const isChecked = mode !== 'iptables' || hasAny;
  if (port.sourceRanges.length === 0 || !isChecked) return 0;
  if (mode !== 'ipvs') return FrontendFlag.SourceRanges;
  const own = containsNode(view, port) ? FrontendFlag.OwnSource : FrontendFlag.NotFromNode;
  return FrontendFlag.SourceRanges | own;
}

/**
 * iptables has no rule in OUTPUT for external addresses without endpoints; at an address of the
 * node such a packet meets the one in INPUT.
 */
function exempt({ config, addresses }: NodeView, address: string): number {
  const isExempt = config.mode === 'iptables' && !addresses.includes(address);
  return isExempt ? FrontendFlag.NodeSkipsReject : 0;
}

/** Where loopback is meant as a whole: no list of blocks, or the refusal of iptables mode. */
function widen(view: NodeView, { hasAny }: BackedPort, address: string): number {
  if (address !== loopback4) return 0;
  const isWhole = matchesAllIPv4(view) || !hasAny;
  return isWhole ? FrontendFlag.WholeLoopback : 0;
}

/**
 * Where a node port can be dialled. iptables refuses at every local address while there is no
 * endpoint, loopback included, wherever node ports are accepted otherwise.
 */
function nodePortsAt(view: NodeView, { port, hasAny }: BackedPort): readonly string[] {
  const { nodePort, family } = port;
  if (nodePort === 0) return [];
  const refusesEverywhere = view.config.mode === 'iptables' && !hasAny;
  return refusesEverywhere ? refusingAddresses(view, family) : nodePortAddresses(view, family);
}

function allowedSources(view: NodeView, port: FamilyPort): Prefix[] {
  const { sourceRanges, vips } = port;
  const hasVips = view.config.mode !== 'ipvs' && containsNode(view, port);
  return hasVips ? [...sourceRanges, ...vips.map(addressPrefix)] : [...sourceRanges];
}

/** Whether a source range contains the node's own address. */
function containsNode(view: NodeView, { sourceRanges, family }: FamilyPort): boolean {
  const node = view.primary.get(family);
  const bytes = node === undefined ? null : parseAddress(node);
  return bytes !== null && sourceRanges.some((range) => prefixContains(range, bytes));
}

function serviceBlocks(view: NodeView): Prefix[] {
  const { serviceCIDRs } = view.config;
  const texts = serviceCIDRs.length > 0 ? serviceCIDRs : view.state.serviceCIDRs;
  return texts.map(parsePrefix).filter((prefix) => prefix !== null);
}
