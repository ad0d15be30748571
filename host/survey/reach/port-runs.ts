// The ports that matter at a destination: those that it offers and those that policies speak of,
// and one run for all ports between two of them, which nothing tells apart. Knows no verdicts.

import { lastPort, protocols, type PortRange } from '../../compile/port-spec.ts';
import type { ClusterState } from '../../controllers/state.ts';
import type { NetworkPolicyPort, Pod, Protocol } from '../../kubernetes/types.ts';
import { Ip } from '../../net/packet-layout.ts';

/** Ports of a protocol that fare alike; ICMP has none: its run is 0 to 0. */
export interface PortRun {
  readonly protocol: Protocol | 'ICMP';
  readonly first: number;
  readonly last: number;
  /** Whether the destination offers it: such a run is one port. */
  readonly isOffered: boolean;
}

/** Where policies cut the ports of each protocol. */
export type PortCuts = Readonly<Record<Protocol, ReadonlySet<number>>>;

/** A port that a pod listens on, by its containers' declarations or its Services' targets. */
export type OfferedPort = Pick<PortRange, 'protocol' | 'first'>;

const ping: PortRun = { protocol: 'ICMP', first: 0, last: 0, isOffered: false };

const everything: readonly PortRun[] = [
  ...protocols.map((protocol) => ({ protocol, first: 1, last: lastPort, isOffered: false })),
  ping,
];

/** IP protocol number of a run. */
export function protocolOfRun({ protocol }: PortRun): number {
  return protocolNumbers[protocol];
}

const protocolNumbers = { TCP: Ip.Tcp, UDP: Ip.Udp, SCTP: Ip.Sctp, ICMP: Ip.Icmp } as const;

/** The first ports of the ranges that policies name, and the ports behind their last ones. */
export function cutPorts({ policies, tierPolicies }: ClusterState): PortCuts {
  const cuts = { TCP: new Set<number>(), UDP: new Set<number>(), SCTP: new Set<number>() };
  for (const { spec } of tierPolicies) {
    for (const { ports = [] } of [...spec.ingress, ...spec.egress]) {
      for (const port of ports) {
        if (!('name' in port)) cuts[port.protocol].add(port.first).add(port.last + 1);
      }
    }
  }
  for (const { spec } of policies) {
    for (const { ports } of [...spec.ingress, ...spec.egress]) {
      for (const port of ports) addCuts(cuts[port.protocol], port);
    }
  }
  return cuts;
}

function addCuts(cuts: Set<number>, { port, endPort }: NetworkPolicyPort): void {
  if (typeof port !== 'number') return;
  cuts.add(port);
  cuts.add((endPort ?? port) + 1);
}

/** Every port from the first to the last of each protocol, cut where anything may change. */
export function runsTowards(cuts: PortCuts, offered: readonly OfferedPort[]): PortRun[] {
  const runs = protocols.flatMap((protocol) => {
    const own = new Set(offered.filter((port) => port.protocol === protocol).map(firstOf));
    const around = [...own].flatMap((port) => [port, port + 1]);
    const starts = [...new Set([1, ...cuts[protocol], ...around])]
      .filter((port) => port > 0 && port <= lastPort)
      .toSorted((a, b) => a - b);
    return starts.map((first, index): PortRun => {
      const last = (starts[index + 1] ?? lastPort + 1) - 1;
      return { protocol, first, last, isOffered: own.has(first) };
    });
  });
  return [...runs, ping];
}

/** The ports of a pod's containers, and of sidecars: init containers that always restart. */
export function declaredPorts({ spec }: Pod): OfferedPort[] {
  const sidecars = spec.initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...spec.containers, ...sidecars]
    .flatMap(({ ports }) => ports)
    .map(({ protocol, containerPort }) => ({ protocol, first: containerPort }));
}

/** Ports that Services lead to, by the address of the endpoint. */
export function targetPorts({ slices }: ClusterState): Map<string, OfferedPort[]> {
  const targets = new Map<string, OfferedPort[]>();
  for (const { ports, endpoints } of slices) {
    const offered = ports.flatMap(({ protocol, port }) =>
      port === undefined ? [] : [{ protocol, first: port }],
    );
    for (const address of endpoints.flatMap(({ addresses }) => addresses)) {
      targets.set(address, [...(targets.get(address) ?? []), ...offered]);
    }
  }
  return targets;
}

/** Neighbouring runs of one protocol, in order, as one, which is offered if a part of it is. */
export function mergeRuns(runs: readonly PortRun[]): PortRun[] {
  const merged: PortRun[] = [];
  for (const run of runs) {
    const before = merged.at(-1);
    if (before?.protocol === run.protocol && run.first <= before.last + 1) {
      const isOffered = before.isOffered || run.isOffered;
      const last = Math.max(before.last, run.last);
      merged[merged.length - 1] = { ...before, last, isOffered };
    } else {
      merged.push(run);
    }
  }
  return merged;
}

/** All of the ports, in order; runs that touch or overlap as one. */
export function uniteRuns(runs: readonly PortRun[]): PortRun[] {
  const rank = ({ protocol }: PortRun) => [...protocols, 'ICMP'].indexOf(protocol);
  return mergeRuns(
    runs.toSorted((a, b) => rank(a) - rank(b) || a.first - b.first || a.last - b.last),
  );
}

/** The ports of `runs` that are not among `without`. */
export function subtractRuns(runs: readonly PortRun[], without: readonly PortRun[]): PortRun[] {
  return without.reduce((left, hole) => left.flatMap((run) => cutHole(run, hole)), [...runs]);
}

function cutHole(run: PortRun, hole: PortRun): PortRun[] {
  const isApart = run.protocol !== hole.protocol || hole.last < run.first || run.last < hole.first;
  if (isApart) return [run];
  const parts = [
    { ...run, last: hole.first - 1 },
    { ...run, first: hole.last + 1 },
  ];
  return parts.filter(({ first, last }) => first <= last);
}

export function containsRun(outer: PortRun, { protocol, first, last }: PortRun): boolean {
  return outer.protocol === protocol && outer.first <= first && last <= outer.last;
}

/** Whether these are all ports of all protocols, and ICMP. */
export function isEverything(runs: readonly PortRun[]): boolean {
  return subtractRuns(everything, runs).length === 0;
}

/** `TCP 8080`, `TCP 1-1023`; a whole protocol by its name. */
export function formatRun({ protocol, first, last }: PortRun): string {
  if (protocol === 'ICMP' || (first === 1 && last === lastPort)) return protocol;
  return first === last ? `${protocol} ${first}` : `${protocol} ${first}-${last}`;
}

/** Equal of equal runs. */
export function textOfRuns(runs: readonly PortRun[]): string {
  return runs.map(formatRun).join();
}

function firstOf({ first }: OfferedPort): number {
  return first;
}
