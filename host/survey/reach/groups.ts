// Ends by what people call them: pods by their workload or namespace, every node as one, each part
// of the outside world. Knows no connections.

import type { ClusterState } from '../../controllers/state.ts';
import type { Meta, Pod } from '../../kubernetes/types.ts';
import { nearestName } from '../../scenario/nearest.ts';
import { UnresolvedError } from '../../scenario/party.ts';
import type { End } from './ends.ts';
import type { EndClass } from './reach.ts';

export const groupings = ['workload', 'pod', 'namespace'] as const;
export type Grouping = (typeof groupings)[number];

/** Ends under one name. */
export interface EndGroup {
  /** `shop/web`, `shop`, `nodes`, `outside`, a CIDR. */
  readonly name: string;
  /** `Deployment`, `StatefulSet` … `Pod`, `Namespace`, `Nodes`, `Outside`. */
  readonly kind: string;
  readonly namespace: string;
  readonly ends: readonly End[];
}

/** A group with the classes of its ends, and how many ends it has of each. */
export interface ClassedGroup extends EndGroup {
  readonly classes: ReadonlyMap<EndClass, number>;
}

/** Every end in one group; namespaces, and then names, in order; nodes and outside at the end. */
export function groupEnds(ends: readonly End[], by: Grouping, state: ClusterState): EndGroup[] {
  const groups = new Map<string, EndGroup & { ends: End[] }>();
  const owners = new Set(state.workloads.map(({ kind, metadata }) => ownerKey(kind, metadata)));
  for (const end of ends) {
    const named = nameGroup(end, by, owners);
    const key = `${named.kind} ${named.name}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { ...named, ends: [end] });
    else known.ends.push(end);
  }
  return distinguish([...groups.values()]).toSorted(byPlace);
}

/**
 * The groups that texts name: `shop/web`, `deployment shop/web`, `shop` for a whole namespace,
 * `nodes`, `outside`, a CIDR. No text: all of them. Throws UnresolvedError.
 */
export function pickGroups<Group extends EndGroup>(
  groups: readonly Group[],
  texts: readonly string[],
): readonly Group[] {
  if (texts.length === 0) return groups;
  const picked = new Set(texts.flatMap((text) => groupsNamed(groups, text)));
  return groups.filter((group) => picked.has(group));
}

function groupsNamed<Group extends EndGroup>(groups: readonly Group[], text: string): Group[] {
  const [, kind, name] = /^(?:([A-Za-z]+)[ /]+)?([^ ]+)$/.exec(text.trim()) ?? [];
  const found = groups.filter((group) => {
    if (text === group.name || text === group.namespace) return true;
    return group.kind.toLowerCase() === kind?.toLowerCase() && name === group.name;
  });
  if (found.length > 0) return found;
  const names = groups.flatMap((group) => [group.name, group.namespace]);
  const nearest = nearestName(text, new Set(names.filter((each) => each !== '')));
  const known = 'a namespace, ns/name, nodes, outside, a CIDR';
  const cure = nearest === null ? known : `did you mean "${nearest}"?`;
  throw new UnresolvedError(`nothing is called "${text}"`, cure);
}

type GroupName = Pick<EndGroup, 'name' | 'kind' | 'namespace'>;

function nameGroup({ kind, name, pod }: End, by: Grouping, owners: Set<string>): GroupName {
  if (kind === 'node') return { name: 'nodes', kind: 'Nodes', namespace: '' };
  if (kind === 'outside' || pod === undefined) return { name, kind: 'Outside', namespace: '' };
  const { namespace } = pod.metadata;
  if (by === 'namespace') return { name: namespace, kind: 'Namespace', namespace };
  const owner = by === 'pod' ? null : findOwner(pod, owners);
  if (owner === null) return { name, kind: 'Pod', namespace };
  return { name: `${namespace}/${owner.name}`, kind: owner.kind, namespace };
}

/** What made the pod. A ReplicaSet that nobody wrote is a Deployment's, named with a hash. */
function findOwner({ metadata }: Pod, owners: Set<string>): { kind: string; name: string } | null {
  const [kind, name] = (metadata.madeFrom ?? metadata.controlledBy ?? '').split('/');
  if (kind === undefined || name === undefined) return null;
  const { namespace } = metadata;
  const isWritten = owners.has(ownerKey(kind, { namespace, name }));
  const base = name.replace(/-[a-z0-9]+$/, '');
  if (kind !== 'ReplicaSet' || isWritten || base === name) return { kind, name };
  return { kind: 'Deployment', name: base };
}

function ownerKey(kind: string, { namespace, name }: Pick<Meta, 'namespace' | 'name'>): string {
  return `${kind}/${namespace}/${name}`;
}

/** Two kinds of one name get their kind behind it. */
function distinguish(groups: readonly EndGroup[]): EndGroup[] {
  const counts = new Map<string, number>();
  for (const { name } of groups) counts.set(name, (counts.get(name) ?? 0) + 1);
  return groups.map((group) =>
    counts.get(group.name) === 1 ? group : { ...group, name: `${group.name} (${group.kind})` },
  );
}

function byPlace(a: EndGroup, b: EndGroup): number {
  const rank = ({ kind }: EndGroup) => ['Nodes', 'Outside'].indexOf(kind);
  const order = (text: string, other: string) => (text < other ? -1 : Number(text > other));
  // The world at large comes before its parts, which have names made of digits.
  const last = ({ name }: EndGroup) => (name === 'outside' ? '' : name);
  return rank(a) - rank(b) || order(last(a), last(b));
}
