// Two sets of manifests, and what can be reached in the one and not in the other: connections and
// Services lost and gained, by workload, with the policy that decides. Compares answers of the
// dataplane; judges nothing.

import type { Cluster } from '../cluster/cluster.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { findCause, type Cause } from './reach/cause.ts';
import { listConnections, type Connection } from './reach/connections.ts';
import type { Grouping } from './reach/groups.ts';
import { formatRun, isEverything, subtractRuns, type PortRun } from './reach/port-runs.ts';
import { compareServices, type ServiceChange } from './reach/service-changes.ts';
import { openSide, type Side } from './reach/side.ts';
import { describeEnd, type MatrixEnd } from './matrix.ts';

export interface CompareOptions {
  readonly by?: Grouping;
  readonly config?: Partial<NodeConfig>;
}

/** Ports between two groups that only one of the sets has open. */
export interface ConnectionChange {
  readonly from: string;
  readonly to: string;
  /** `TCP 8080`, `any`, `all but TCP 80`. */
  readonly ports: readonly string[];
  /** Between some members of the groups only. */
  readonly isPartial: boolean;
  readonly cause: Cause;
}

/** `diff -o json` of two sets of manifests; version 1. */
export interface ManifestDifference {
  readonly version: 1;
  readonly by: Grouping;
  /** Groups of ends in either set. */
  readonly ends: readonly MatrixEnd[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly lost: readonly ConnectionChange[];
  readonly gained: readonly ConnectionChange[];
  readonly services: {
    readonly lost: readonly ServiceChange[];
    readonly gained: readonly ServiceChange[];
  };
}

/** Compares what is reached in two clusters. */
export async function compareManifests(
  before: Cluster,
  after: Cluster,
  { by = 'workload', config }: CompareOptions = {},
): Promise<ManifestDifference> {
  const options = { by, ...(config && { config }) };
  const old = await openSide(before, after, options);
  const now = await openSide(after, before, options);
  const names = new Set([...old.groups.keys(), ...now.groups.keys()]);
  const [oldConnections, newConnections] = [connectionsOf(old), connectionsOf(now)];
  const lost = subtract({ side: old, other: now }, oldConnections, newConnections);
  const gained = subtract({ side: now, other: old }, newConnections, oldConnections);
  const services = compareServices(old, now);
  old.reach.close();
  now.reach.close();
  return {
    version: 1,
    by,
    ends: [...names].map((name) => describeEnd(now.groups.get(name) ?? old.groups.get(name)!)),
    added: [...now.groups.keys()].filter((name) => !old.groups.has(name)),
    removed: [...old.groups.keys()].filter((name) => !now.groups.has(name)),
    lost,
    gained,
    services,
  };
}

/** Whether nothing is reached differently. */
export function isSame({ lost, gained, services, added, removed }: ManifestDifference): boolean {
  const changes = [lost, gained, services.lost, services.gained, added, removed];
  return changes.every(({ length }) => length === 0);
}

function connectionsOf({ reach, groups }: Side): Map<string, Connection> {
  const all = [...groups.values()];
  return new Map(
    listConnections(reach, all, all).map((connection) => [
      `${connection.to.name} ${connection.from.name}`,
      connection,
    ]),
  );
}

/** What one side has open and the other has not. */
function subtract(
  sides: { readonly side: Side; readonly other: Side },
  connections: ReadonlyMap<string, Connection>,
  without: ReadonlyMap<string, Connection>,
): ConnectionChange[] {
  return [...connections].flatMap(([key, connection]) => {
    const counterpart = without.get(key);
    const open = subtractRuns(connection.open, counterpart?.open ?? []);
    const isNarrower = counterpart?.isPartial === true && !connection.isPartial;
    const changed = open.length > 0 ? open : isNarrower ? connection.open : [];
    const [first] = changed;
    if (first === undefined) return [];
    const { from, to, isPartial } = connection;
    const ends = { from: from.name, to: to.name };
    const cause = findCause(sides.side, sides.other, { ...ends, run: firstShown(changed) });
    const ports = describeChange(connection, changed, counterpart);
    return [{ ...ends, ports, isPartial: isPartial || open.length === 0, cause }];
  });
}

/** A port that the destination offers, where one is among them. */
function firstShown(runs: readonly PortRun[]): PortRun {
  return runs.find(({ isOffered }) => isOffered) ?? runs[0]!;
}

/** Everything but a little is said by the little. */
function describeChange(
  { open }: Connection,
  changed: readonly PortRun[],
  counterpart: Connection | undefined,
): string[] {
  if (isEverything(changed)) return ['any'];
  if (!isEverything(open) || counterpart === undefined) return changed.map(formatRun);
  return [`all but ${counterpart.open.map(formatRun).join(', ')}`];
}
