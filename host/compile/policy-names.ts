// What the numbers in the maps of policies stand for, and which rules of a ruleset fit a
// connection: for people only. Looks at the rulesets that the maps were made of, never at policies.

import { parseAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { protocolName } from '../net/protocol.ts';
import type { Names, PolicyExplanation, PolicyQuestion, RuleFit, RuleName } from './desired.ts';
import { blockContains } from './ip-block.ts';
import type { ClassPart } from './peer-classes.ts';
import type { PolicyRow } from './peer-rows.ts';
import type { PodPart } from './pod-kinds.ts';
import { namePolicy } from './policy-rule.ts';
import { protocols, specContains, type NamedPort } from './port-spec.ts';
import type { RankedRule, Ruleset } from './ruleset.ts';

/** What the maps were made of. */
interface Part {
  readonly pods: PodPart;
  readonly rows: ReadonlyMap<string, PolicyRow>;
  readonly classes: ClassPart;
}

type PolicyNames = Pick<Names, 'identities' | 'rulesets' | 'explainRuleset'>;

/** Everything is looked up when it is asked for. */
export function policyNames(part: Part): PolicyNames {
  return {
    identities: { get: (number) => podsOf(part, number) },
    rulesets: { get: (number) => findRuleset(part, number)?.selection.policies.map(namePolicy) },
    explainRuleset: (question) => explainRuleset(part, question),
  };
}

function podsOf({ pods, classes }: Part, number: number): readonly string[] | undefined {
  if (number === 0) return undefined;
  const names = new Set<string>();
  for (const [text, { peer, near }] of classes.standings) {
    if (![peer, near].some((name) => classes.classes.get(name)?.number === number)) continue;
    for (const { pod } of pods.kinds.get(text)!.claims) names.add(pod);
  }
  return names.size === 0 ? undefined : [...names].sort();
}

function findRuleset({ rows }: Part, wanted: number): Ruleset | undefined {
  for (const { number, ruleset } of rows.values()) if (number === wanted) return ruleset;
  return undefined;
}

const tierOrder = ['Admin', 'NetworkPolicy', 'Baseline'] as const;

function explainRuleset(part: Part, question: PolicyQuestion): PolicyExplanation {
  const ruleset = findRuleset(part, question.ruleset);
  if (ruleset === undefined) return { policies: [] };
  const fits = ruleset.rules.map((rule) => fitRule(part, rule, question));
  const policies = ruleset.selection.policies.map((policy) => {
    const name = namePolicy(policy);
    const tier = policy.kind === 'NetworkPolicy' ? policy.kind : policy.spec.tier;
    const rules = fits.filter(({ rule }) => isOf(rule, name));
    return { policy: name, rules, order: [tierOrder.indexOf(tier), rules[0]?.rank ?? 0] as const };
  });
  const sorted = policies.toSorted((a, b) => {
    return a.order[0] - b.order[0] || a.order[1] - b.order[1];
  });
  return { policies: sorted.map(({ policy, rules }) => ({ policy, rules })) };
}

function isOf(rule: RuleName, policy: RuleName): boolean {
  return (
    rule.kind === policy.kind &&
    rule.namespace === policy.namespace &&
    rule.policy === policy.policy
  );
}

function fitRule(part: Part, rule: RankedRule, question: PolicyQuestion): RuleFit {
  const { peer, destination, protocol, port } = question;
  const named = namedPortsAt(part, destination);
  const known = protocols.find((name) => name === protocolName(protocol)) ?? null;
  const fitsPort = specContains(rule.ports, { protocol: known, number: port }, named);
  const because = whyPeerFits(part, rule, peer);
  return {
    rule: rule.name,
    rank: rule.rank,
    fitsPort,
    fitsPeer: because !== null,
    because: because?.kind ?? null,
    ...(because?.cidr !== undefined && { cidr: because.cidr }),
  };
}

function whyPeerFits(
  { pods, classes }: Part,
  { isAny, scopes, blocks }: RankedRule,
  peer: string,
): { kind: NonNullable<RuleFit['because']>; cidr?: string } | null {
  if (isAny) return { kind: 'any' };
  const kind = pods.claims.get(peer)?.[0]?.kind;
  const standing = kind && classes.standings.get(kind.text);
  const isIn = (text: string) =>
    [standing?.peer, standing?.near].some(
      (name) => name !== undefined && classes.classes.get(name)?.scopes.has(text),
    );
  if (scopes.some(({ text }) => isIn(text))) return { kind: 'labels' };
  const bytes = parseAddress(peer);
  const block = bytes === null ? undefined : blocks.find((one) => blockContains(one, bytes));
  return block === undefined ? null : { kind: 'address', cidr: formatPrefix(block.prefix) };
}

function namedPortsAt({ pods, classes }: Part, address: string): readonly NamedPort[] {
  const kind = pods.claims.get(address)?.[0]?.kind;
  const standing = kind && classes.standings.get(kind.text);
  return (standing && classes.tables.get(standing.table)?.ports) ?? [];
}
