// NetworkPolicies as kubectl prints them. Source: kubectl `printNetworkPolicy` in
// pkg/printers/internalversion/printers.go.

import type { NetworkPolicy } from '../../kubernetes/types.ts';
import { writeObject } from '../../kubernetes/write.ts';
import { unknownAge, type Resource, type Row } from './resource.ts';
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
    object: writeObject(policy),
  };
}
