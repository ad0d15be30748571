// How objects, addresses and ports are called in sentences. Knows no trace codes.

import { FrontendKind, type TraceStep } from '../abi/abi.gen.ts';
import type { Names, PolicyExplanation, RuleFit, RuleName } from '../compile/desired.ts';
import type { Source } from '../kubernetes/types.ts';
import { protocolName } from '../net/protocol.ts';

/** What is known of a packet so far. */
export interface Story {
  readonly names: Names;
  /** Source address as the packet came in, null if it could not be read. */
  readonly source: string | null;
  /** Where it goes: the address dialled, then the endpoint. */
  readonly destination: string | null;
  /** What policy takes for granted about its addresses, in words. */
  readonly assumed: readonly string[];
}

/** What decided about one end of a connection. */
export interface PolicyDecision extends PolicyExplanation {
  readonly direction: 'ingress' | 'egress';
  /** `pod shop/web`. */
  readonly end: string;
  readonly isAllowed: boolean;
  readonly tier: 'default' | 'admin' | 'network-policy' | 'baseline';
  /** The rules that decided: the first of an admin tier, or all of NetworkPolicy that admit. */
  readonly decidedBy: readonly RuleFit[];
  /** Of a refusal by NetworkPolicy: the peer fits and the port does not, or the reverse. */
  readonly closest: RuleFit | null;
  /** What is taken for granted about addresses. */
  readonly assumed: readonly string[];
}

export interface Sentence {
  readonly text: string;
  /** What is behind it, line by line. */
  readonly details?: readonly string[];
  /** What decided, where it was policy. */
  readonly policy?: PolicyDecision;
  readonly source?: Source;
}

export const frontendKinds: Readonly<Record<number, string>> = {
  [FrontendKind.ClusterIp]: 'ClusterIP',
  [FrontendKind.ExternalIp]: 'external IP',
  [FrontendKind.LoadBalancer]: 'load-balancer address',
  [FrontendKind.NodePort]: 'node port',
};

/** `10.0.0.1:80`, `[fd00::1]:80`; the address alone where there is no port. */
export function nameSocket({ address, port }: Pick<TraceStep, 'address' | 'port'>): string {
  if (port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** ` (pod shop/web-0)`, or nothing for an address without a name. */
export function nameAddress(names: Names, address: string): string {
  const name = names.addresses.get(address);
  return name === undefined ? '' : ` (${name})`;
}

export function namePort(names: Names, port: number): string {
  return names.ports.get(port) ?? `port ${port}`;
}

/** `Service shop/web port http 80/TCP`. */
export function nameService(names: Names, number: number): string {
  const service = names.services.get(number);
  if (service === undefined) return `service ${number}`;
  const { namespace, name, portName, port, protocol } = service;
  const label = portName === '' ? 'port' : `port ${portName}`;
  return `Service ${namespace}/${name} ${label} ${port}/${protocol}`;
}

/** `NetworkPolicy shop/deny`, `ClusterNetworkPolicy lockdown`. */
export function namePolicy({ kind, namespace, policy }: RuleName): string {
  return kind === undefined ? `NetworkPolicy ${namespace}/${policy}` : `${kind} ${policy}`;
}

/** What to spread into a sentence about an object. */
export function sourceOf(named: { readonly source?: Source } | undefined): { source?: Source } {
  return named?.source === undefined ? {} : { source: named.source };
}

/** ` (shop.yaml:12)`, or nothing for an object that podplane made. */
export function namePlace(named: { readonly source?: Source } | undefined): string {
  return named?.source === undefined ? '' : ` (${named.source.file}:${named.source.line})`;
}

/** What policy sees of a packet: `TCP 8080`, `ICMP`. */
export function nameTransport(protocol: number, port: number): string {
  return port === 0 ? protocolName(protocol) : `${protocolName(protocol)} ${port}`;
}

/** What a packet is, from what the parser said: `TCP SYN`, `ICMP type 8`, `UDP`. */
export function describeTransport({ first, second }: Pick<TraceStep, 'first' | 'second'>): string {
  const name = protocolName(first);
  if (name === 'TCP') return `TCP ${nameTcpFlags(second)}`;
  return name.startsWith('ICMP') ? `${name} type ${second}` : name;
}

function nameTcpFlags(flags: number): string {
  const set = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'].filter((_, bit) => flags & (1 << bit));
  return set.length === 0 ? 'without flags' : set.join('+');
}
