// Which classes of pods a selector means, found through label indexes and remembered. Knows no
// rules and no ports.
// Source: Kubernetes NetworkPolicyPeer.

import { matchesSelector } from '../kubernetes/selector.ts';
import type { Labels, LabelSelector, Namespace, NetworkPolicyPeer } from '../kubernetes/types.ts';
import type { IdentityClass } from './identities.ts';

const nameLabel = 'kubernetes.io/metadata.name';

/** Finds classes of pods by selector. */
export class PeerIndex {
  readonly #namespaces: ReadonlyMap<string, Labels>;
  readonly #byNamespace = new Map<string, IdentityClass[]>();
  readonly #byLabel = new Map<string, IdentityClass[]>();
  readonly #found = new Map<string, readonly IdentityClass[]>();

  constructor(classes: readonly IdentityClass[], namespaces: readonly Namespace[]) {
    const names = new Set(classes.map(({ namespace }) => namespace));
    const labels = new Map(namespaces.map(({ metadata }) => [metadata.name, metadata.labels]));
    // Every namespace carries its name as a label, whether or not it was written.
    this.#namespaces = new Map(
      [...names].map((name) => [name, { ...labels.get(name), [nameLabel]: name }]),
    );
    for (const identity of classes) {
      append(this.#byNamespace, identity.namespace, identity);
      for (const [key, value] of Object.entries(identity.labels)) {
        append(this.#byLabel, `${key}=${value}`, identity);
      }
    }
  }

  /** Pods of one namespace; an absent selector means all. */
  selectIn(namespace: string, selector: LabelSelector | undefined): readonly IdentityClass[] {
    return this.#remember(`${namespace} ${JSON.stringify(selector ?? {})}`, () =>
      this.#filter([namespace], selector ?? {}),
    );
  }

  /** Pods that a peer of a policy in `namespace` means: none for an ipBlock. */
  selectPeer(namespace: string, peer: NetworkPolicyPeer): readonly IdentityClass[] {
    const { namespaceSelector, podSelector, ipBlock } = peer;
    if (ipBlock !== undefined) return [];
    if (namespaceSelector === undefined) return this.selectIn(namespace, podSelector);
    const text = JSON.stringify([namespaceSelector, podSelector ?? {}]);
    return this.#remember(text, () => {
      const chosen = [...this.#namespaces].filter(([, labels]) =>
        matchesSelector(namespaceSelector, labels),
      );
      return this.#filter(
        chosen.map(([name]) => name),
        podSelector ?? {},
      );
    });
  }

  #remember(key: string, find: () => readonly IdentityClass[]): readonly IdentityClass[] {
    const found = this.#found.get(key) ?? find();
    this.#found.set(key, found);
    return found;
  }

  #filter(namespaces: readonly string[], selector: LabelSelector): IdentityClass[] {
    const wanted = new Set(namespaces);
    return this.#candidates(namespaces, selector).filter(
      ({ namespace, labels }) => wanted.has(namespace) && matchesSelector(selector, labels),
    );
  }

  /** The shortest list at hand that surely holds every match. */
  #candidates(namespaces: readonly string[], selector: LabelSelector): readonly IdentityClass[] {
    const lists = Object.entries(selector.matchLabels ?? {}).map(
      ([key, value]) => this.#byLabel.get(`${key}=${value}`) ?? [],
    );
    const inNamespaces = namespaces.map((name) => this.#byNamespace.get(name) ?? []);
    if (inNamespaces.length === 1 || lists.length === 0) lists.push(inNamespaces.flat());
    return lists.toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
