// Sets of destination ports as rules write them: every port of every protocol, or ranges within
// protocols. Knows no policies and no numbers. Source: Kubernetes NetworkPolicyPort.

import type { ContainerPort, NetworkPolicyPort, Protocol } from '../kubernetes/types.ts';

export const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
export const lastPort = 65535;

/** Ports first to last of one protocol. */
export interface PortRange {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
}

/** A set of ports. Equal sets have equal `text`. */
export interface PortSpec {
  /** Every port of every protocol, and protocols without ports. */
  readonly isAll: boolean;
  /** Sorted, disjoint and not adjacent; empty when `isAll`. */
  readonly ranges: readonly PortRange[];
  readonly text: string;
}

/** A container port that has a name: what port names in rules refer to. */
export type NamedPort = Pick<ContainerPort, 'containerPort' | 'protocol'> & {
  readonly name: string;
};

export const allPorts: PortSpec = { isAll: true, ranges: [], text: '*' };
export const noPorts: PortSpec = { isAll: false, ranges: [], text: '' };

/**
 * The ports of a rule towards a destination with these named ports. A rule without ports means all;
 * a name that the destination does not carry with this protocol means none.
 */
export function resolvePorts(
  ports: readonly NetworkPolicyPort[],
  named: readonly NamedPort[],
): PortSpec {
  if (ports.length === 0) return allPorts;
  return normalize(ports.flatMap((port) => resolvePort(port, named)));
}

/** Whether any of the ports is given by name. */
export function hasPortNames(ports: readonly NetworkPolicyPort[]): boolean {
  return ports.some(({ port }) => typeof port === 'string');
}

/** Every port that one of the sets has. */
export function uniteSpecs(specs: readonly PortSpec[]): PortSpec {
  if (specs.some((spec) => spec.isAll)) return allPorts;
  return normalize(specs.flatMap((spec) => spec.ranges));
}

/** Whether the set has this port of this protocol. */
export function specContains(spec: PortSpec, protocol: Protocol, port: number): boolean {
  if (spec.isAll) return true;
  return spec.ranges.some(
    (range) => range.protocol === protocol && range.first <= port && port <= range.last,
  );
}

/** Whether the range is a whole protocol. */
export function isWholeProtocol(range: PortRange): boolean {
  return range.first === 0 && range.last === lastPort;
}

/** `TCP 80`, `UDP 1-1024`, `SCTP`. */
export function formatRange({ protocol, first, last }: PortRange): string {
  if (first === 0 && last === lastPort) return protocol;
  return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
}

function resolvePort(
  { protocol, port, endPort }: NetworkPolicyPort,
  named: readonly NamedPort[],
): PortRange[] {
  if (port === undefined) return [{ protocol, first: 0, last: lastPort }];
  if (typeof port === 'number') return [{ protocol, first: port, last: endPort ?? port }];
  return named
    .filter((candidate) => candidate.name === port && candidate.protocol === protocol)
    .map(({ containerPort }) => ({ protocol, first: containerPort, last: containerPort }));
}

function normalize(ranges: readonly PortRange[]): PortSpec {
  const merged: PortRange[] = [];
  for (const range of ranges.toSorted(byPlace)) {
    const before = merged.at(-1);
    if (before?.protocol === range.protocol && range.first <= before.last + 1) {
      merged[merged.length - 1] = { ...before, last: Math.max(before.last, range.last) };
    } else {
      merged.push(range);
    }
  }
  return { isAll: false, ranges: merged, text: merged.map(formatRange).join(',') };
}

function byPlace(a: PortRange, b: PortRange): number {
  return protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol) || a.first - b.first;
}
