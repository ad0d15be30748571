// A third opinion on policy: the flows that are denied, as sets. Rules become sets of flows, and
// policies unions, intersections and differences of them; no flow is ever followed through the
// rules, as the model does, and nothing is compiled, as the dataplane does. For flows without
// Services.

import type { ClusterState } from '../../host/controllers/state.ts';
import type { NetworkPolicy, TierPolicy } from '../../host/kubernetes/types.ts';
import { findNodeAddresses, findResidents, satisfies, type Resident } from './census.ts';
import type { FlowSet, Question, Side } from './question.ts';
import { RuleReader } from './rule-reader.ts';

/** For each flow the reason that refuses it, or null. */
export function findRefusals(question: Question): (string | null)[] {
  const residents = findResidents(question.state);
  const egress = findDenied(question, residents, 'egress');
  const ingress = findDenied(question, residents, 'ingress');
  return question.flows.map((_, index) => {
    const isIn = (set: FlowSet) => ((set >> BigInt(index)) & 1n) === 1n;
    if (isIn(egress)) return 'policy-denied-egress';
    return isIn(ingress) ? 'policy-denied-ingress' : null;
  });
}

function findDenied(question: Question, residents: readonly Resident[], side: Side): FlowSet {
  const reader = new RuleReader(question, residents, side);
  const judged = residents.filter(({ pod }) => pod.spec.nodeName === question.node);
  return judged.reduce((denied, pod) => denied | deniedAt(question, reader, pod), 0n);
}

/** The denied flows of one pod: tier after tier works on what the last one left open. */
function deniedAt(question: Question, reader: RuleReader, resident: Resident): FlowSet {
  const { state, node, openPoints } = question;
  const nodeAddresses = findNodeAddresses(
    { ...state, nodes: state.nodes.filter(({ metadata }) => metadata.name === node) },
    {},
  );
  const withNode = reader.withPeers(nodeAddresses);
  const isEgress = reader.side === 'egress';
  let open = reader.flowsOf(resident.addresses) & ~reader.withPeers(resident.addresses);
  if (openPoints.icmp === 'essential') open &= ~reader.echoes();
  if (openPoints[isEgress ? 'toOwnNode' : 'fromOwnNode'] === 'allow') open &= ~withNode;
  const admin = passTier(tierOf(state, 'Admin', resident), reader, open);
  open = admin.open;
  if (!isEgress) open &= ~withNode;
  const about = state.policies.filter((policy) => isAbout(policy, resident));
  const isolating = about.filter(({ spec }) =>
    spec.policyTypes.includes(isEgress ? 'Egress' : 'Ingress'),
  );
  if (isolating.length > 0) {
    const rules = isolating.flatMap((policy) =>
      policy.spec[reader.side].map((rule) => reader.read(rule, policy.metadata.namespace)),
    );
    return admin.denied | (open & ~rules.reduce((all, rule) => all | rule, 0n));
  }
  if (openPoints.baseline === 'pod' && about.length > 0) return admin.denied;
  return admin.denied | passTier(tierOf(state, 'Baseline', resident), reader, open).denied;
}

/** What a tier denies of the open flows, and what it leaves to the tiers that follow. */
function passTier(
  policies: readonly TierPolicy[],
  reader: RuleReader,
  flows: FlowSet,
): { denied: FlowSet; open: FlowSet } {
  let [open, denied, passed] = [flows, 0n, 0n];
  for (const rule of policies.flatMap(({ spec }) => spec[reader.side])) {
    const isUnknown = rule.peers.some((peer) => Object.values(peer).length === 0);
    const action = isUnknown ? 'Deny' : rule.action;
    const unknown = rule.action === 'Accept' ? 0n : open;
    const met = isUnknown ? unknown : open & reader.readTier(rule);
    if (action === 'Deny') denied |= met;
    if (action === 'Pass') passed |= met;
    open &= ~met;
  }
  return { denied, open: open | passed };
}

/** In the order in which they count; of equal priorities the first by name, then by kind. */
function tierOf(state: ClusterState, tier: 'Admin' | 'Baseline', resident: Resident): TierPolicy[] {
  const keyOf = ({ kind, metadata, spec }: TierPolicy) =>
    `${String(spec.priority).padStart(4, '0')} ${metadata.name} ${kind}`;
  const found = state.tierPolicies.filter(({ spec }) => {
    const { namespaceSelector, podSelector = {} } = spec.subject;
    const isIn = satisfies(resident.namespaceLabels, namespaceSelector);
    return spec.tier === tier && isIn && satisfies(resident.labels, podSelector);
  });
  const byKey = new Map(found.map((policy) => [keyOf(policy), policy]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

function isAbout({ metadata, spec }: NetworkPolicy, { namespace, labels }: Resident): boolean {
  return metadata.namespace === namespace && satisfies(labels, spec.podSelector ?? {});
}
