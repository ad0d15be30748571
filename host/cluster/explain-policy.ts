// Sentences about policy: which rule decided, and for a refusal every policy that selects the end
// that refused, with the rule that came closest. Only names what compilation recorded and the trace
// says; judges nothing.

import { Direction, PolicyTier, type TraceStep } from '../abi/abi.gen.ts';
import type { RuleFit, RuleName } from '../compile/desired.ts';
import {
  namePlace,
  namePolicy,
  nameTransport,
  sourceOf,
  type PolicyDecision,
  type Sentence,
  type Story,
} from './story.ts';

/** No policy selects the pod. first = its identity, second = Direction. */
export function explainNotIsolated({ first, second }: TraceStep, story: Story): string {
  return `${nameEnd(story, first, second)}: no policy selects it`;
}

/** The rules that allow it. See Trace.PolicyAllowed. */
export function explainAllowed(step: TraceStep, story: Story): Sentence {
  const policy = decisionOf(step, story, true);
  const what = `${describeEnd(policy)}: ${describeFlow(step, story)} is allowed`;
  const [first] = policy.decidedBy;
  if (first === undefined) {
    const named = policy.policies.map((one) => namePolicyAt(one.policy)).join(' and ');
    return { text: `${what}: no rule of ${named} speaks of it`, policy };
  }
  const named = policy.decidedBy.map(({ rule }) => nameRule(rule));
  const text = `${what} by ${named.join(' and ')}, ${describePeer(first)}`;
  return { text, policy, ...sourceOf(first.rule) };
}

/** What refuses it, and how close the rules came. See Trace.PolicyDenied. */
export function explainDenied(step: TraceStep, story: Story): Sentence {
  const policy = decisionOf(step, story, false);
  const end = describeEnd(policy);
  const what = describeFlow(step, story);
  const details = listFits(policy);
  const [first] = policy.decidedBy;
  if (first !== undefined) {
    const by = `${nameRule(first.rule)}, ${describePeer(first)}`;
    const text = `${end}: ${what} is denied by ${by}`;
    return { text, details, policy, ...sourceOf(first.rule) };
  }
  const isolating = policy.policies.map((one) => one.policy).filter(({ kind }) => !kind);
  const named = isolating.map(namePolicyAt).join(' and ');
  const text = `${end}: isolated by ${named}; no rule allows ${what}`;
  return { text, details, policy, ...sourceOf(isolating[0]) };
}

function decisionOf(step: TraceStep, story: Story, isAllowed: boolean): PolicyDecision {
  const { first: ruleset, second, third: tier, fourth: rank, fifth: protocol, address } = step;
  const isIngress = second === Direction.Ingress;
  const destination = isIngress ? (story.destination ?? address) : address;
  const question = { ruleset, peer: address, destination, protocol, port: step.port };
  const { policies } = story.names.explainRuleset(question);
  const rules = policies.flatMap((one) => one.rules);
  const fitting = rules.filter(({ fitsPeer, fitsPort }) => fitsPeer && fitsPort);
  const isOfTier = ({ rule, rank: own }: RuleFit) =>
    tier === PolicyTier.NetworkPolicy
      ? rule.tier === undefined
      : rule.tier === tierNames[tier] && own === rank;
  const subject = isIngress ? story.destination : story.source;
  return {
    direction: isIngress ? 'ingress' : 'egress',
    end: (subject === null ? undefined : story.names.addresses.get(subject)) ?? 'a pod',
    isAllowed,
    tier: tierCodes[tier] ?? 'default',
    decidedBy: fitting.filter(isOfTier),
    closest: isAllowed || tier !== PolicyTier.NetworkPolicy ? null : findClosest(rules),
    assumed: story.assumed,
    policies,
  };
}

const tierNames: Readonly<Record<number, RuleName['tier']>> = {
  [PolicyTier.Admin]: 'Admin',
  [PolicyTier.Baseline]: 'Baseline',
};

const tierCodes: Readonly<Record<number, PolicyDecision['tier']>> = {
  [PolicyTier.Admin]: 'admin',
  [PolicyTier.NetworkPolicy]: 'network-policy',
  [PolicyTier.Baseline]: 'baseline',
};

/** Of the NetworkPolicy rules half of which fits, those whose peer does come first. */
function findClosest(rules: readonly RuleFit[]): RuleFit | null {
  const ordinary = rules.filter(({ rule }) => rule.tier === undefined);
  const closest =
    ordinary.find(({ fitsPeer }) => fitsPeer) ?? ordinary.find(({ fitsPort }) => fitsPort);
  return closest ?? null;
}

/** A line for each rule of each policy that selects the end. */
function listFits({ policies, direction, ...told }: PolicyDecision): string[] {
  const lines = policies.flatMap(({ policy, rules }) =>
    rules.length === 0
      ? [`${namePolicyAt(policy)}: has no ${direction} rule`]
      : rules.map((fit) => {
          const isDeciding = told.decidedBy.includes(fit);
          const mark = fit === told.closest ? ' (closest)' : isDeciding ? ' (decides)' : '';
          return `${nameRule(fit.rule)}: ${describeFit(fit)}${mark}`;
        }),
  );
  return [...lines, ...told.assumed];
}

function describeFit({ fitsPeer, fitsPort }: RuleFit): string {
  if (fitsPeer && fitsPort) return 'fits';
  if (fitsPeer) return 'the peer fits, the port does not';
  return fitsPort ? 'the port fits, the peer does not' : 'neither peer nor port fits';
}

function describeEnd({ direction, end }: PolicyDecision): string {
  return `${direction} of ${end}`;
}

/** `TCP 80 from pod shop/client`, `TCP 443 to 203.0.113.7`. */
function describeFlow({ second, fifth, port, address }: TraceStep, { names }: Story): string {
  const preposition = second === Direction.Ingress ? 'from' : 'to';
  const other = names.addresses.get(address) ?? address;
  return `${nameTransport(fifth, port)} ${preposition} ${other}`;
}

/** `NetworkPolicy shop/deny spec.ingress[0] (p.yaml:7)`, with what is special about a tier's. */
function nameRule(rule: RuleName): string {
  const called = rule.rule === undefined ? '' : ` “${rule.rule}”`;
  const tier = rule.tier && `, ${rule.tier} tier, priority ${rule.priority}, ${rule.action}`;
  return `${namePolicy(rule)} ${rule.path}${called}${namePlace(rule)}${tier ?? ''}`;
}

function namePolicyAt(policy: RuleName): string {
  return `${namePolicy(policy)}${namePlace(policy)}`;
}

/** `ingress of pod shop/web`: by the address if it is known, else by the pods of the identity. */
function nameEnd(
  { names, source, destination }: Story,
  identity: number,
  direction: number,
): string {
  const isIngress = direction === Direction.Ingress;
  const address = isIngress ? destination : source;
  const pods = names.identities.get(identity) ?? [];
  const name = (address === null ? undefined : names.addresses.get(address)) ?? namePods(pods);
  return `${isIngress ? 'ingress' : 'egress'} of ${name}`;
}

/** Why a rule speaks of the peer. */
function describePeer({ because, cidr }: RuleFit): string {
  if (because === 'labels') return 'by its labels';
  return because === 'address' ? `by its address in ${cidr}` : 'which names no peers';
}

function namePods([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'a pod';
  return others.length === 0 ? `pod ${first}` : `a pod such as ${first}`;
}
