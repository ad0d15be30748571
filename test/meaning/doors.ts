// The doors of Services: which one was dialled, from where, and which row of the traffic policies
// says who serves it.

import {
  FrontendKind,
  PortNumber,
  ServiceFlag,
  Trace,
  enums,
  type Service,
} from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import {
  healthCheckNodePort,
  nodes,
  podSketches,
  subjectNode,
} from '../../fuzz/arbitrary/cluster.ts';
import type { Census } from './census.ts';
import type { WatchedPacket } from './watch.ts';

const kind = 'service doors, callers and traffic policies';
const callers = ['a local pod', 'a remote pod', 'the node itself', 'outside'] as const;
/** Rows of `pkg/proxy/topology.go CategorizeEndpoints`, as far as traffic policy makes them. */
const rows = [
  'Cluster, served',
  'Cluster, no endpoints',
  'Local, served here',
  'Local, served elsewhere only',
  'Local, no endpoints',
] as const;
const healthCheck = 'health-check-node-port';
/** Traffic policy had its say: nothing refused the packet before. */
const deciding = new Set<number>([Trace.EndpointSetUsed, Trace.EndpointNone]);

const remotePods = new Set(
  podSketches.filter(({ node }) => node !== subjectNode).flatMap(({ ips }) => ips),
);
const nodeAddresses = new Set(
  nodes
    .find(({ metadata }) => metadata.name === subjectNode)!
    .status.addresses.map(({ address }) => address),
);

export function expectDoors(census: Census): void {
  const doors = enums.FrontendKind.filter(({ name }) => name !== 'None').map(({ code }) => code);
  const cells = doors.flatMap((door) =>
    callers.flatMap((caller) => rows.map((row) => nameOf(door, caller, row))),
  );
  // It belongs to Services with externalTrafficPolicy Local, and the node itself serves it.
  census.expect(kind, [...cells, ...callers.map((caller) => nameOf(healthCheck, caller, 'Local'))]);
}

/** The doors that a packet came to. */
export function reachDoors(
  census: Census,
  { fields, port, steps }: WatchedPacket,
  serviceOf: (number: number) => Service,
): void {
  if (fields === null) return;
  const caller = callerOf(fields.source, port);
  const found = steps.filter(({ code }) => code === Trace.FrontendFound);
  const isDecided = steps.some(({ code }) => deciding.has(code));
  for (const { first, second } of isDecided ? found : []) {
    const row = rowOf(second, serviceOf(first));
    census.reach(kind, nameOf(codeOf('FrontendKind', second), caller, row));
  }
  const isForNode =
    found.length === 0 &&
    nodeAddresses.has(fields.destination) &&
    fields.destinationPort === healthCheckNodePort;
  if (isForNode) census.reach(kind, nameOf(healthCheck, caller, 'Local'));
}

function nameOf(door: string, caller: string, row: string): string {
  return `${door} from ${caller}: ${row}`;
}

function callerOf(source: string, port: number): (typeof callers)[number] {
  if (port === PortNumber.Host) return 'the node itself';
  if (port !== PortNumber.Uplink) return 'a local pod';
  return remotePods.has(source) ? 'a remote pod' : 'outside';
}

function rowOf(door: number, { flags, localCount }: Service): (typeof rows)[number] {
  const isInternal = door === FrontendKind.ClusterIp;
  const isLocal =
    (flags & (isInternal ? ServiceFlag.InternalLocal : ServiceFlag.ExternalLocal)) !== 0;
  const isServed = (flags & ServiceFlag.HasAnyEndpoints) !== 0;
  if (!isLocal) return isServed ? 'Cluster, served' : 'Cluster, no endpoints';
  if (!isServed) return 'Local, no endpoints';
  return localCount > 0 ? 'Local, served here' : 'Local, served elsewhere only';
}
