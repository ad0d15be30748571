// Sets of destination ports as rules write them: every port of every protocol, ranges within
// protocols, and names that the destination's pod gives its ports. Knows no policies, no numbers.
// Sources: Kubernetes NetworkPolicyPort; network-policy-api ClusterNetworkPolicyProtocol.

import type { NetworkPolicyPort, Protocol, TierPort } from '../kubernetes/types.ts';

export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
export const lastPort = 65535;

/** Ports first to last of one protocol. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** What a container port is called. */
export interface PortLabel {
  readonly protocol: Protocol;
  readonly name: string;
}

/** A container port that has a name. */
export interface NamedPort extends PortLabel {
  readonly containerPort: number;
}

/** A set of ports. */
export interface PortSpec {
  /** Every port of every protocol, and protocols without ports. */
  readonly isAll: boolean;
  /** Empty when `isAll`. */
  readonly ranges: readonly PortRange[];
  readonly labels: readonly PortLabel[];
}

export const allPorts: PortSpec = { isAll: true, ranges: [], labels: [] };

/** The ports of a NetworkPolicy rule: none written means all. */
export function specOfPorts(ports: readonly NetworkPolicyPort[]): PortSpec {
  if (ports.length === 0) return allPorts;
  const ranges: PortRange[] = [];
  const labels: PortLabel[] = [];
  for (const { protocol, port, endPort } of ports) {
    if (typeof port === 'string') labels.push({ protocol, name: port });
    else if (port === undefined) ranges.push({ protocol, first: 0, last: lastPort });
    else ranges.push({ protocol, first: port, last: endPort ?? port });
  }
  return { isAll: false, ranges, labels };
}

/** The ports of a tier rule. A name is of whatever protocol the container port has. */
export function specOfTierPorts(ports: readonly TierPort[] | undefined): PortSpec {
  if (ports === undefined) return allPorts;
  return {
    isAll: false,
    ranges: ports.flatMap((port) => ('name' in port ? [] : [port])),
    labels: ports.flatMap((port) =>
      'name' in port ? protocols.map((protocol) => ({ protocol, name: port.name })) : [],
    ),
  };
}

/** Whether the set has this port. `named`: the named ports of the destination. */
export function specContains(
  spec: PortSpec,
  port: { readonly protocol: Protocol | null; readonly number: number },
  named: readonly NamedPort[],
): boolean {
  if (spec.isAll) return true;
  const { protocol, number } = port;
  const isInRange = (range: PortRange) =>
    range.protocol === protocol && range.first <= number && number <= range.last;
  const isNamed = (label: PortLabel) =>
    label.protocol === protocol &&
    named.some((one) => isSameLabel(one, label) && one.containerPort === number);
  return spec.ranges.some(isInRange) || spec.labels.some(isNamed);
}

export function isSameLabel(a: PortLabel, b: PortLabel): boolean {
  return a.protocol === b.protocol && a.name === b.name;
}
