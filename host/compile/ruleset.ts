// What the policies of one selection say, before any pod is looked at: of everybody, of addresses
// in blocks, of a pod that no selector names, and which rules mean which pods.

import type { Prefix } from '../net/prefix.ts';
import type { IpBlock } from './ip-block.ts';
import { nestSpans } from './nesting.ts';
import { meansNameless, type PeerScope } from './peer-scope.ts';
import {
  readRules,
  speaksOfNodes,
  type PeerAddresses,
  type Policy,
  type PolicyRule,
} from './policy-rule.ts';
import { uniteGrants, type PortGrant, type PortSetView } from './ruling.ts';
import type { Selection } from './subjects.ts';

/** A rule with its place among the rules of its tier. */
export interface RankedRule extends PolicyRule, PortGrant {
  /** Place in the ruleset. */
  readonly index: number;
}

/** What a block of addresses is granted. */
export interface RuledBlock {
  readonly prefix: Prefix;
  readonly ports: PortSetView;
}

export interface Ruleset {
  readonly selection: Selection;
  /** Rank of each policy's first rule, as it was when this was made. */
  readonly ranks: readonly number[];
  /** A NetworkPolicy is among the policies. */
  readonly isIsolated: boolean;
  readonly rules: readonly RankedRule[];
  readonly any: PortSetView;
  /** Of a pod that matches what a pod without labels matches. */
  readonly pods: PortSetView;
  readonly blocks: readonly RuledBlock[];
  readonly scopes: ReadonlyMap<string, PeerScope>;
  /** Rules that mean the pods of a scope, by its text. */
  readonly rulesByScope: ReadonlyMap<string, readonly RankedRule[]>;
  /** Texts of the scopes that mean a pod without labels. */
  readonly nameless: ReadonlySet<string>;
  /** Unions made so far, by the places of their rules. */
  readonly unions: Map<string, PortSetView>;
}

/** The ruleset of a selection. `rankOf`: of the first rule of a policy of the admin tiers. */
export function compileRuleset(
  selection: Selection,
  addresses: PeerAddresses,
  rankOf: (policy: Policy) => number,
): Ruleset {
  const ranks = selection.policies.map(rankOf);
  const rules = selection.policies
    .flatMap((policy, at) =>
      readRules(policy, selection.direction, addresses).map((rule, place) => ({
        ...rule,
        rank: rule.tier === 'NetworkPolicy' ? 0 : ranks[at]! + place,
      })),
    )
    .map((rule, index) => ({ ...rule, index }));
  const scopes = new Map(rules.flatMap((rule) => rule.scopes.map((scope) => [scope.text, scope])));
  const rulesByScope = new Map<string, RankedRule[]>([...scopes.keys()].map((text) => [text, []]));
  for (const rule of rules) {
    for (const { text } of rule.scopes) rulesByScope.get(text)!.push(rule);
  }
  const nameless = [...scopes.values()].filter(meansNameless).map(({ text }) => text);
  const unions = new Map<string, PortSetView>();
  return {
    selection,
    ranks,
    isIsolated: selection.policies.some(({ kind }) => kind === 'NetworkPolicy'),
    rules,
    any: uniteGrants(rules.filter(({ isAny }) => isAny)),
    pods: uniteRules(
      nameless.flatMap((text) => rulesByScope.get(text)!),
      unions,
    ),
    blocks: ruleBlocks(rules, unions),
    scopes,
    rulesByScope,
    nameless: new Set(nameless),
    unions,
  };
}

/** Whether a ruleset of the same text still says what it said. */
export function isStillTrue(
  ruleset: Ruleset,
  { policies }: Selection,
  rankOf: (policy: Policy) => number,
): boolean {
  return policies.every(
    (policy, at) =>
      policy === ruleset.selection.policies[at] && rankOf(policy) === ruleset.ranks[at],
  );
}

/** Whether what a ruleset says depends on the Nodes. */
export function dependsOnNodes({ selection }: Ruleset): boolean {
  return selection.policies.some(speaksOfNodes);
}

/** What a ruleset says of pods that are in these of its scopes, besides what it says of anybody. */
export function rulePods(ruleset: Ruleset, scopes: readonly string[]): PortSetView {
  const rules = scopes.flatMap((text) => ruleset.rulesByScope.get(text) ?? []);
  return uniteRules(rules, ruleset.unions);
}

/** The prefixes that its blocks cut, with all that holds there. */
function ruleBlocks(rules: readonly RankedRule[], unions: Map<string, PortSetView>): RuledBlock[] {
  const blocks = new Map<string, IpBlock>();
  const rulesByBlock = new Map<string, RankedRule[]>();
  for (const rule of rules) {
    for (const block of rule.blocks) {
      blocks.set(block.text, block);
      rulesByBlock.set(block.text, [...(rulesByBlock.get(block.text) ?? []), rule]);
    }
  }
  const spans = [...blocks.values()].map((block) => ({ ...block, item: block }));
  return nestSpans(spans).map(({ prefix, items }) => {
    const holding = items.flatMap(({ text }) => rulesByBlock.get(text)!);
    return { prefix, ports: uniteRules(holding, unions) };
  });
}

function uniteRules(rules: readonly RankedRule[], unions: Map<string, PortSetView>): PortSetView {
  const distinct = [...new Set(rules)].sort((a, b) => a.index - b.index);
  const key = distinct.map(({ index }) => index).join();
  const union = unions.get(key) ?? uniteGrants(distinct);
  unions.set(key, union);
  return union;
}
