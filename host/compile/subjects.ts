// Which policies select the pods of this node, in either direction: pods that the same policies
// select share a ruleset. Knows no peers and no ports. Sources: Kubernetes NetworkPolicySpec;
// network-policy-api ClusterNetworkPolicySpec.subject.

import { Direction } from '../abi/abi.gen.ts';
import { listChanges } from '../controllers/changes.ts';
import { keyOf } from '../controllers/findings.ts';
import type { ClusterState } from '../controllers/state.ts';
import type { NodeView } from './node-view.ts';
import { isInScope, namespaceLabels, type NamespaceLabels } from './peer-scope.ts';
import type { PodKind, PodPart } from './pod-kinds.ts';
import { policyOptionsOf } from './policy-options.ts';
import type { Policy } from './policy-rule.ts';

/** Policies that select the same pods in the same direction; there is at least one. */
export interface Selection {
  /** Equal selections have equal text. */
  readonly text: string;
  readonly direction: Direction;
  /** In the order of the cluster's lists: those of the tiers first. */
  readonly policies: readonly Policy[];
}

/** The selections of one kind of pods; undefined where no policy selects it. */
export interface Subject {
  readonly ingress: Selection | undefined;
  readonly egress: Selection | undefined;
}

/** Subjects by the kind's text, for kinds with pods on this node. */
export type Subjects = ReadonlyMap<string, Subject>;

type PolicyObjects = Pick<ClusterState, 'policies' | 'tierPolicies' | 'namespaces'>;

export const noPolicies: PolicyObjects = { policies: [], tierPolicies: [], namespaces: [] };

/**
 * The subjects that follow on `before`, which were made of the policies `seen`. A kind is looked at
 * again if it is new on this node or if a policy that changed selects or selected it.
 */
export function findSubjects(
  view: NodeView,
  { kinds, changes }: PodPart,
  { before, seen }: { readonly before: Subjects; readonly seen: PolicyObjects },
): Subjects {
  const { state } = view;
  const labelsOf = namespaceLabels(state.namespaces);
  const touched = new Set(changes.flatMap(({ before: old, after: now }) => [old?.kind, now?.kind]));
  const subjects = new Map(before);
  for (const kind of touched) {
    if (kind === undefined) continue;
    const isLocal = kinds.get(kind.text)?.isLocal === true;
    if (!isLocal) subjects.delete(kind.text);
    else if (!subjects.has(kind.text)) subjects.set(kind.text, selectFor(kind, view, labelsOf));
  }
  const changed = changedPolicies(seen, state);
  for (const text of changed === null || changed.length > 0 ? [...subjects.keys()] : []) {
    const { kind } = kinds.get(text)!;
    const isConcerned = changed?.some((policy) => selects(policy, kind, labelsOf)) ?? true;
    if (isConcerned) subjects.set(text, selectFor(kind, view, labelsOf));
  }
  return subjects;
}

/** Old and new versions of policies that are not the same; null if all have to be looked at. */
function changedPolicies(before: PolicyObjects, after: ClusterState): Policy[] | null {
  if (before.namespaces !== after.namespaces) return null;
  const changes = [
    ...listChanges<Policy>(before.policies, after.policies),
    ...listChanges<Policy>(before.tierPolicies, after.tierPolicies),
  ];
  return changes.flat().filter((policy) => policy !== undefined);
}

function selectFor(kind: PodKind, { state, config }: NodeView, labelsOf: NamespaceLabels): Subject {
  const isSelecting = (policy: Policy) => selects(policy, kind, labelsOf);
  const isolating = state.policies.filter(isSelecting);
  const hasBaseline = policyOptionsOf(config).baseline === 'direction' || isolating.length === 0;
  const tiers = state.tierPolicies.filter(({ spec }) => hasBaseline || spec.tier !== 'Baseline');
  const selecting = [...tiers.filter(isSelecting), ...isolating];
  return {
    ingress: selectionOf(Direction.Ingress, selecting),
    egress: selectionOf(Direction.Egress, selecting),
  };
}

function selects(policy: Policy, kind: PodKind, labelsOf: NamespaceLabels): boolean {
  if (policy.kind === 'NetworkPolicy') {
    const { namespace } = policy.metadata;
    return isInScope({ namespace, podSelector: policy.spec.podSelector ?? {} }, kind, labelsOf);
  }
  const { namespaceSelector, podSelector = {} } = policy.spec.subject;
  return isInScope({ namespace: namespaceSelector, podSelector }, kind, labelsOf);
}

/** A policy of the tiers isolates nothing: without rules in a direction it does not count there. */
function selectionOf(direction: Direction, selecting: readonly Policy[]): Selection | undefined {
  const isIngress = direction === Direction.Ingress;
  const policies = selecting.filter((policy) =>
    policy.kind === 'NetworkPolicy'
      ? policy.spec.policyTypes.includes(isIngress ? 'Ingress' : 'Egress')
      : policy.spec[isIngress ? 'ingress' : 'egress'].length > 0,
  );
  if (policies.length === 0) return undefined;
  const text = [isIngress ? 'ingress' : 'egress', ...policies.map(keyOf)].join(' ');
  return { text, direction, policies };
}
