// Whom the selectors of policies mean among the pods that there are. Pods of one namespace with the
// same labels are one class. Says nothing of what is let through: that is the dataplane's to say.

import { hasOwnNetwork } from '../../compile/node-view.ts';
import type { ClusterState } from '../../controllers/state.ts';
import { matchesSelector } from '../../kubernetes/selector.ts';
import type { Labels, LabelSelector, NetworkPolicy, Pod } from '../../kubernetes/types.ts';
import type { NetworkPolicyPeer, NetworkPolicyRule, TierPods } from '../../kubernetes/types.ts';
import { groupBy } from '../group-by.ts';

/** Pods that no selector tells apart. */
export interface PodClass {
  readonly namespace: string;
  readonly labels: Labels;
  readonly pods: readonly Pod[];
}

/** A rule with the policy and direction that it is of. */
export interface PlacedRule {
  readonly policy: NetworkPolicy;
  readonly rule: NetworkPolicyRule;
  readonly direction: 'Ingress' | 'Egress';
  /** Field of its peers: `spec.ingress[0].from`. */
  readonly peersPath: string;
}

export class Selection {
  readonly state: ClusterState;
  readonly classes: readonly PodClass[];
  readonly #namespaces: ReadonlyMap<string, Labels>;
  readonly #found = new Map<string, readonly PodClass[]>();

  constructor(state: ClusterState) {
    this.state = state;
    const textOf = ({ metadata }: Pod) =>
      JSON.stringify([metadata.namespace, Object.entries(metadata.labels).toSorted()]);
    const classes = groupBy(state.pods.filter(hasOwnNetwork), textOf);
    this.classes = [...classes.values()].map((pods) => ({ ...pods[0]!.metadata, pods }));
    const names = state.namespaces.map(({ metadata }) => metadata);
    this.#namespaces = new Map(
      names.map(({ name, labels }) => [name, { ...labels, 'kubernetes.io/metadata.name': name }]),
    );
  }

  /** Pods that a policy is about. */
  subjectsOf({ metadata, spec }: NetworkPolicy): readonly PodClass[] {
    return this.#select({ namespace: metadata.namespace, pods: spec.podSelector ?? {} });
  }

  /** Pods that a peer means; none for an ipBlock. */
  peersOf({ metadata }: NetworkPolicy, peer: NetworkPolicyPeer): readonly PodClass[] {
    if (peer.ipBlock !== undefined) return [];
    const { namespaceSelector, podSelector = {} } = peer;
    if (namespaceSelector === undefined) {
      return this.#select({ namespace: metadata.namespace, pods: podSelector });
    }
    return this.#select({ namespaces: namespaceSelector, pods: podSelector });
  }

  /** Pods that a subject or peer of a policy of the whole cluster means. */
  podsOf({ namespaceSelector, podSelector = {} }: TierPods): readonly PodClass[] {
    return this.#select({ namespaces: namespaceSelector, pods: podSelector });
  }

  /** Pods of any namespace. */
  anywhere(pods: LabelSelector): readonly PodClass[] {
    return this.#select({ namespaces: {}, pods });
  }

  /** Whether some namespace is meant, with pods or without. */
  hasNamespace({ namespaceSelector }: NetworkPolicyPeer): boolean {
    if (namespaceSelector === undefined) return true;
    return [...this.#namespaces.values()].some((labels) =>
      matchesSelector(namespaceSelector, labels),
    );
  }

  /** Pods at the destination end of a rule; null when it is everybody. */
  destinationsOf({ policy, rule, direction }: PlacedRule): readonly PodClass[] | null {
    if (direction === 'Ingress') return this.subjectsOf(policy);
    if (rule.peers.length === 0 || rule.peers.some(({ ipBlock }) => ipBlock)) return null;
    return [...new Set(rule.peers.flatMap((peer) => this.peersOf(policy, peer)))];
  }

  #select(wanted: {
    readonly namespace?: string;
    readonly namespaces?: LabelSelector;
    readonly pods: LabelSelector;
  }): readonly PodClass[] {
    const key = JSON.stringify(wanted);
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const { namespace, namespaces, pods } = wanted;
    const found = this.classes.filter((each) => {
      if (namespace !== undefined && each.namespace !== namespace) return false;
      const labels = this.#namespaces.get(each.namespace) ?? {};
      const isIn = namespaces === undefined || matchesSelector(namespaces, labels);
      return isIn && matchesSelector(pods, each.labels);
    });
    this.#found.set(key, found);
    return found;
  }
}

/** The rules that count: those of a direction that the policy is for. */
export function listRules(policies: readonly NetworkPolicy[]): PlacedRule[] {
  return policies.flatMap((policy) => {
    const { policyTypes, ingress, egress } = policy.spec;
    const ofDirection = (direction: 'Ingress' | 'Egress', rules: readonly NetworkPolicyRule[]) =>
      !policyTypes.includes(direction)
        ? []
        : rules.map((rule): PlacedRule => {
            const peersPath = `${rule.path}.${direction === 'Ingress' ? 'from' : 'to'}`;
            return { policy, rule, direction, peersPath };
          });
    return [...ofDirection('Ingress', ingress), ...ofDirection('Egress', egress)];
  });
}
