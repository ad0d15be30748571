// What a rule's selectors mean: pods of one namespace, or of every namespace that matches. Knows no
// rules and no ports. Sources: Kubernetes NetworkPolicyPeer; network-policy-api NamespacedPod.

import { matchesSelector } from '../kubernetes/selector.ts';
import type { Labels, LabelSelector, Namespace } from '../kubernetes/types.ts';

/** Which pods a peer means. Equal scopes have equal `text`. */
export interface PeerScope {
  readonly text: string;
  /** A name, or the selector of namespaces. */
  readonly namespace: string | LabelSelector;
  readonly podSelector: LabelSelector;
}

/** What selectors see of a pod. */
export interface Selectable {
  readonly namespace: string;
  readonly labels: Labels;
}

export function scopeOf(namespace: PeerScope['namespace'], podSelector: LabelSelector): PeerScope {
  return { text: JSON.stringify([namespace, podSelector]), namespace, podSelector };
}

/** Labels of namespaces: each carries its name as one, whether or not it was written. */
export type NamespaceLabels = (namespace: string) => Labels;

export function namespaceLabels(namespaces: readonly Namespace[]): NamespaceLabels {
  const byName = new Map<string, Labels>();
  const written = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));
  return (name) => {
    const labels = byName.get(name) ?? {
      ...written.get(name),
      'kubernetes.io/metadata.name': name,
    };
    byName.set(name, labels);
    return labels;
  };
}

/** Whether a pod is meant. */
export function isInScope(
  { namespace, podSelector }: Omit<PeerScope, 'text'>,
  pod: Selectable,
  labelsOf: NamespaceLabels,
): boolean {
  const isInNamespace =
    typeof namespace === 'string'
      ? namespace === pod.namespace
      : matchesSelector(namespace, labelsOf(pod.namespace));
  return isInNamespace && matchesSelector(podSelector, pod.labels);
}

/** Whether a scope means a pod without labels, in a namespace without labels. */
export function meansNameless({ namespace, podSelector }: PeerScope): boolean {
  if (typeof namespace === 'string') return false;
  return matchesSelector(namespace, {}) && matchesSelector(podSelector, {});
}

/** Whether a scope means pods of one namespace, given by its name. */
export function isOfOneNamespace({ namespace }: PeerScope): boolean {
  return typeof namespace === 'string';
}

/** Finds the scopes that a pod is in, by a label that each of them asks for. */
export class ScopeIndex {
  readonly #byLabel = new Map<string, PeerScope[]>();
  readonly #byNamespace = new Map<string, PeerScope[]>();
  readonly #others: PeerScope[] = [];
  readonly #labelsOf: NamespaceLabels;

  constructor(scopes: Iterable<PeerScope>, labelsOf: NamespaceLabels) {
    this.#labelsOf = labelsOf;
    for (const scope of scopes) {
      const label = Object.entries(scope.podSelector.matchLabels ?? {})[0];
      if (label !== undefined) append(this.#byLabel, label.join('='), scope);
      else if (typeof scope.namespace === 'string')
        append(this.#byNamespace, scope.namespace, scope);
      else this.#others.push(scope);
    }
  }

  /** The scopes that mean this pod. */
  find(pod: Selectable): PeerScope[] {
    const lists = Object.entries(pod.labels).map((label) => this.#byLabel.get(label.join('=')));
    const candidates = [this.#others, this.#byNamespace.get(pod.namespace), ...lists];
    return candidates
      .flatMap((list) => list ?? [])
      .filter((scope) => isInScope(scope, pod, this.#labelsOf));
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
