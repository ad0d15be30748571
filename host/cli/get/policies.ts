// NetworkPolicies as kubectl prints them. Source: kubectl `printNetworkPolicy` in
// pkg/printers/internalversion/printers.go.

import type { NetworkPolicy, NetworkPolicyRule } from '../../kubernetes/types.ts';
import { metadataOf, unknownAge, type Resource, type Row } from './resource.ts';
import { selectorText } from './selector-text.ts';

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
