// Faults of one line each in the code of policy, as somebody might write them: what
// `mutate-policy` plants, one at a time, to see whether the tests notice. Where the text of a line
// changes, its fault changes with it: a test finds each text exactly once.

import type { Fault } from './fault.js';

type Slip = readonly [right: string, wrong: string];

const slips: Readonly<Record<string, readonly Slip[]>> = {
  'assembly/policy/policy.ts': [
    ['!= PolicyExemption.None && !decision.isDestinationChosen)', '!= PolicyExemption.None)'],
    ['targetLocality & LocalityFlag.Node) {', 'sourceLocality & LocalityFlag.Node) {'],
    ['return Reason.PolicyDeniedEgress;', 'return Reason.PolicyDeniedIngress;'],
    ['sourceLocality & LocalityFlag.Node ? PolicyExemption.OwnNode : self', 'self'],
    ['isNode ? null : source)', 'source)'],
    ['packet.sourceLow == decision.destinationLow', 'true'],
    ['if (subject.local == 0) return isExempt(PolicyExemption.OtherNode);', ''],
    ['isOwnNode && !isSet(ConfigFlag.OwnNodeAfterAdmin)', 'isOwnNode'],
    [
      'Direction.Ingress ? subject.ingress : subject.egress',
      'Direction.Ingress ? subject.egress : subject.ingress',
    ],
    [
      'admin == TierAction.Accept) return settle(true',
      'admin != TierAction.None) return settle(true',
    ],
    ['if (isOwnNode) return isExempt(end.exemption);', ''],
    ['if (ruleset.flags & RulesetFlag.Isolated) {', 'if (ruleset.flags & RulesetFlag.Present) {'],
    ['if (end.exemption != PolicyExemption.None) return isExempt(end.exemption);', ''],
    [
      'baseline != TierAction.Deny, PolicyTier.Baseline',
      'baseline == TierAction.Accept, PolicyTier.Baseline',
    ],
    ['consult(ruleset.anySet, ruleset.anyShape);', ''],
    [
      'if (told == null) consult(ruleset.podsSet, ruleset.podsShape);',
      'if (told == null) openRuling();',
    ],
    ['if (end.neighbour != 0) {', 'if (end.neighbour == 0) {'],
    [
      'if (block != null) consult(block.portSet, block.shape);',
      'if (block != null && end.peer == 0) consult(block.portSet, block.shape);',
    ],
  ],
  'assembly/policy/ruling.ts': [
    ['asked.port = swap16(port);', 'asked.port = port;'],
    ['const length = 31 - clz(lengths);', 'const length = ctz(lengths);'],
    ['const shift = PORT_BITS - length;', 'const shift = length;'],
    ['findRuling(portSet, PortProtocol.Any, 0, 0) : null', 'null : null'],
    ['position < 255; position++', 'position < 1; position++'],
    [
      'const found = findRuling(portSet, asked.protocol, name, NAME);',
      'const found = findRuling(portSet, 6, name, NAME);',
    ],
    ['ruling.isAllowed |= found.isAllowed;', 'ruling.isAllowed = found.isAllowed;'],
    [
      'otherAction == TierAction.None || rank < otherRank',
      'otherAction == TierAction.None || rank > otherRank',
    ],
  ],
  'assembly/pipeline/revalidate.ts': [
    ['!= config.policyRevision;', '== config.policyRevision;'],
    ['load<u16>(reply + addressBytes(packet.family))', 'packet.destinationPort'],
    ['if (half & 1 || !isSet', 'if (!isSet'],
  ],
  'host/compile/subjects.ts': [
    ['labelsOf)) ?? true;', 'labelsOf)) ?? false;'],
    [' || isolating.length === 0', ''],
    ["policyTypes.includes(isIngress ? 'Ingress' : 'Egress')", "policyTypes.includes('Ingress')"],
    ['if (before.namespaces !== after.namespaces) return null;', ''],
    ['...listChanges<Policy>(before.tierPolicies, after.tierPolicies),', ''],
  ],
  'host/compile/policy-rule.ts': [
    ['isAny: rule.peers.length === 0,', 'isAny: selecting.length === 0,'],
    ['namespaceSelector ?? namespace, podSelector', 'namespaceSelector ?? {}, podSelector'],
    ["const isAny = rule.action !== 'Accept';", "const isAny = rule.action === 'Deny';"],
    ['name.endsWith(pattern.slice(1)) : name', 'name.endsWith(pattern.slice(2)) : name'],
    [
      '.filter(({ metadata }) => nodeSelector && matches',
      '.filter(({ metadata }) => !nodeSelector || matches',
    ],
  ],
  'host/compile/pod-kinds.ts': [
    ["restartPolicy === 'Always'", "restartPolicy !== 'Always'"],
    ['Number(a.isLeaving) - Number(b.isLeaving)', 'Number(b.isLeaving) - Number(a.isLeaving)'],
    ['if (before !== undefined) changesOf(before.kind).left.add(address);', ''],
  ],
  'host/compile/peer-scope.ts': [
    [
      'isInNamespace && matchesSelector(podSelector, pod.labels)',
      'matchesSelector(podSelector, pod.labels)',
    ],
    ["'kubernetes.io/metadata.name': name,", "'kubernetes.io/metadata.name': '',"],
  ],
  'host/compile/peer-classes.ts': [
    ['if (isRelabelled) return', 'if (false) return'],
    ['left.users === 1 ? undefined', 'left.users >= 1 ? undefined'],
  ],
  'host/compile/peer-rows.ts': [
    ['for (const { number } of went) changed.delete(number);', ''],
    ['return shared.length === 0 ? null : rulePods(ruleset, shared);', 'return null;'],
    ['shared.length === nameless.size && shared.every', 'shared.every'],
    ['ports.text === pods.text ? null : ports', 'null'],
  ],
  'host/compile/ruleset.ts': [
    ['ranks[at]! + place', 'ranks[at]!'],
    ["some(({ kind }) => kind === 'NetworkPolicy')", 'some(() => true)'],
    ['policy === ruleset.selection.policies[at] &&', ''],
  ],
  'host/compile/ruling.ts': [
    ['range.first <= first && last <= range.last', 'range.first <= first && last < range.last'],
    ['[first, last + 1]', '[first, last]'],
    ['port % (2 * size) === 0 && ', ''],
    ['grant.rank < first.rank ? grant', 'grant.rank > first.rank ? grant'],
  ],
  'host/compile/port-spec.ts': [
    ['last: endPort ?? port }', 'last: port }'],
    [
      'if (ports === undefined) return allPorts;',
      'if (ports === undefined) return makeSpec([], []);',
    ],
  ],
  'host/compile/tier-ranks.ts': [['priority * policiesPerPriority + place', 'priority + place']],
  'host/compile/policy-maps.ts': [['positions.set(port, position + 1);', '']],
  'host/compile/ip-block.ts': [
    [
      'some((inner) => prefixContains(inner, address))',
      'every((inner) => prefixContains(inner, address))',
    ],
  ],
  'host/kubernetes/network-policy.ts': [['egress.length > 0),', 'true),']],
};

export const policyFaults: readonly Fault[] = Object.entries(slips).flatMap(([file, list]) =>
  list.map(([right, wrong]) => ({ file, right, wrong })),
);
