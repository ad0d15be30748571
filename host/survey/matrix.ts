// Who reaches whom in a cluster: every pair of workloads, pods or namespaces, with nodes and the
// world outside, and the ports between them. All verdicts are the dataplane's.

import type { Cluster } from '../cluster/cluster.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { classGroups, listConnections, type Connection } from './reach/connections.ts';
import { groupEnds, pickGroups, type EndGroup, type Grouping } from './reach/groups.ts';
import { Reach } from './reach/reach.ts';

export interface MatrixOptions {
  readonly by?: Grouping;
  /** Only these sources: names of groups or namespaces, and kinds before them; empty: all. */
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly config?: Partial<NodeConfig>;
}

/** A row and column of a matrix. */
export interface MatrixEnd {
  /** `shop/web`, `shop`, `nodes`, `outside`, a CIDR. */
  readonly name: string;
  /** `Deployment`, `Pod`, `Namespace` …; `Nodes`, `Outside`. */
  readonly kind: string;
  readonly namespace: string;
  /** Addresses that it stands for. */
  readonly addresses: number;
}

export interface MatrixConnection {
  readonly from: string;
  readonly to: string;
  /** `any`: every port and ICMP. Else `TCP 8080`, `UDP 53` …, of what `to` offers. */
  readonly ports: readonly string[];
  /** Open too, though no container declares it and no Service leads there. */
  readonly unused: readonly string[];
  /** Open between some members only, or for some of the ports. */
  readonly isPartial: boolean;
}

/** `matrix -o json`; version 1. Pairs between which nothing is open are left out. */
export interface MatrixReport {
  readonly version: 1;
  readonly by: Grouping;
  readonly from: readonly MatrixEnd[];
  readonly to: readonly MatrixEnd[];
  readonly connections: readonly MatrixConnection[];
}

/** Asks who reaches whom. Throws UnresolvedError for a name that is none. */
export async function surveyMatrix(
  cluster: Cluster,
  options: MatrixOptions = {},
): Promise<MatrixReport> {
  const { by = 'workload', config } = options;
  const reach = await Reach.of(cluster, config);
  const groups = classGroups(reach, groupEnds(reach.ends, by, cluster.state));
  const from = pickGroups(groups, options.from ?? []);
  const to = pickGroups(groups, options.to ?? []);
  const connections = listConnections(reach, from, to).map(describeConnection);
  reach.close();
  return { version: 1, by, from: from.map(describeEnd), to: to.map(describeEnd), connections };
}

/** What a group is called, and how many addresses it has. */
export function describeEnd({ name, kind, namespace, ends }: EndGroup): MatrixEnd {
  return { name, kind, namespace, addresses: ends.length };
}

/** A connection by the names of its groups. */
export function describeConnection(connection: Connection): MatrixConnection {
  const { from, to, ports, unused, isPartial } = connection;
  return { from: from.name, to: to.name, ports, unused, isPartial };
}
