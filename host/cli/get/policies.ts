// NetworkPolicies as kubectl prints them. Source: kubectl `printNetworkPolicy` in
// pkg/printers/internalversion/printers.go.

import type { LabelSelector, NetworkPolicy, NetworkPolicyRule } from '../../kubernetes/types.ts';
import { metadataOf, none, unknownAge, type Resource, type Row } from './resource.ts';

export const policies: Resource = {
  names: ['policies', 'policy', 'networkpolicies', 'networkpolicy', 'netpol'],
  nameOutput: 'networkpolicy.networking.k8s.io',
  isNamespaced: true,
  heads: ['POD-SELECTOR', 'AGE'],
  wideHeads: [],
  rowsOf: (state) => state.policies.map(policyRow),
};

function policyRow(policy: NetworkPolicy): Row {
  const { metadata, spec } = policy;
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    cells: [selectorText(spec.podSelector), unknownAge],
    wideCells: [],
    object: policyObject(policy),
  };
}

/** As metav1.FormatLabelSelector: `app=web,tier in (a,b),!old`. */
function selectorText(selector: LabelSelector = {}): string {
  const labels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
  });
  const parts = [...labels, ...expressions];
  return parts.length === 0 ? none : parts.join(',');
}

function policyObject({ metadata, spec }: NetworkPolicy): unknown {
  const { ingress, egress, ...rest } = spec;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(metadata),
    spec: {
      ...rest,
      ...(ingress.length > 0 && { ingress: ingress.map((rule) => ruleObject(rule, 'from')) }),
      ...(egress.length > 0 && { egress: egress.map((rule) => ruleObject(rule, 'to')) }),
    },
  };
}

function ruleObject({ peers, ports }: NetworkPolicyRule, peersField: 'from' | 'to'): unknown {
  return {
    ...(peers.length > 0 && { [peersField]: peers }),
    ...(ports.length > 0 && { ports }),
  };
}
