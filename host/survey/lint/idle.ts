// Policies and peers that do nothing: nobody is selected, nobody is meant.

import type { NetworkPolicyPeer } from '../../kubernetes/types.ts';
import { parsePrefix, prefixContains } from '../../net/prefix.ts';
import { findingOf, type LintFinding } from './finding.ts';
import { listRules, type PlacedRule, type Selection } from './selection.ts';

export function findIdle(selection: Selection): LintFinding[] {
  const { policies } = selection.state;
  const selects = policies.filter((policy) => selection.subjectsOf(policy).length > 0);
  const idle = policies.filter((policy) => !selects.includes(policy));
  return [
    ...idle.map((policy) => {
      const message = `selects no pod of namespace ${policy.metadata.namespace}`;
      const cure = 'compare its labels with those of the pods, or delete it';
      return findingOf('selects-nothing', policy, { path: 'spec.podSelector', message, cure });
    }),
    ...listRules(selects).flatMap((rule) => idlePeers(selection, rule)),
  ];
}

function idlePeers(selection: Selection, { policy, rule, ...placed }: PlacedRule): LintFinding[] {
  return rule.peers.flatMap((peer, index) => {
    const path = `${placed.peersPath}[${index}]`;
    if (peer.ipBlock !== undefined) {
      if (!isOfServices(peer.ipBlock.cidr, selection.state.serviceCIDRs)) return [];
      const message = `${peer.ipBlock.cidr} is in the range of Service addresses`;
      const cure = 'policies see the pod behind a Service: select the pods';
      return [findingOf('service-address-block', policy, { path, message, cure })];
    }
    if (selection.peersOf(policy, peer).length > 0) return [];
    const said = explainIdle(selection, peer, policy.metadata.namespace);
    return [findingOf('matches-nobody', policy, { path, ...said })];
  });
}

/** The most likely slip: a namespace without the label, or pods of another namespace. */
function explainIdle(
  selection: Selection,
  peer: NetworkPolicyPeer,
  namespace: string,
): Pick<LintFinding, 'message' | 'cure'> {
  if (!selection.hasNamespace(peer)) {
    const cure = 'kubernetes.io/metadata.name is the label that names a namespace';
    return { message: 'no namespace has the labels of its namespaceSelector', cure };
  }
  if (peer.namespaceSelector !== undefined) {
    return { message: 'matches no pod', cure: 'compare the labels with those of the pods' };
  }
  const elsewhere = selection.anywhere(peer.podSelector ?? {});
  const message = `matches no pod of namespace ${namespace}`;
  if (elsewhere.length === 0) return { message, cure: 'compare the labels with those of the pods' };
  const names = [...new Set(elsewhere.map((each) => each.namespace))].join(', ');
  const cure = `such pods are in ${names}: a namespaceSelector belongs in the same list entry`;
  return { message, cure };
}

/** Whether a CIDR lies in a range of Service addresses. */
export function isOfServices(cidr: string, serviceCIDRs: readonly string[]): boolean {
  const block = parsePrefix(cidr);
  const ranges = serviceCIDRs.map(parsePrefix).filter((range) => range !== null);
  return ranges.some((range) => {
    const isInside = block !== null && block.lengthBits >= range.lengthBits;
    return isInside && prefixContains(range, block.bytes);
  });
}
