// Holds what was seen of a flow against what was expected. Pure; each unmet expectation becomes
// one sentence.

import { nameDecider, type Observation } from './connection.ts';
import { isMasqueraded, isUntouched, type Summary } from './report.ts';
import type { Expectation } from './scenario.ts';
import type { SubjectOutcome } from './subject.ts';

/** What was expected and is not so; empty when the flow passes. */
export function gradeFlow(
  expect: Expectation,
  observations: readonly Observation[],
  summary: Summary,
): string[] {
  return [
    gradeVerdict(expect.verdict, observations),
    gradeReason(expect.reason, observations),
    gradeNode(expect.node, observations),
    gradeEndpoints(expect, summary.endpoints),
    gradeMasquerade(expect.masquerade, observations),
    gradeReply(expect.reply, observations),
  ].flat();
}

function gradeVerdict(
  expected: Expectation['verdict'],
  observations: readonly Observation[],
): string[] {
  if (expected === undefined) return [];
  const wrong = observations.filter((observation) => !hasVerdict(observation, expected));
  return sentence(`verdict: expected ${expected}`, wrong, observations, describeOutcome);
}

function hasVerdict(
  observation: Observation,
  expected: NonNullable<Expectation['verdict']>,
): boolean {
  const { verdict, reason } = observation.outcome;
  if (expected === 'reject') return verdict === 'reply' && (reason ?? '').startsWith('reject-');
  if (expected === 'pass') return isUntouched(observation);
  return verdict === expected;
}

function gradeReason(
  expected: Expectation['reason'],
  observations: readonly Observation[],
): string[] {
  if (expected === undefined) return [];
  const wrong = observations.filter(({ outcome }) => outcome.reason !== expected);
  return sentence(`reason: expected ${expected ?? 'none'}`, wrong, observations, describeOutcome);
}

function gradeNode(expected: string | undefined, observations: readonly Observation[]): string[] {
  if (expected === undefined) return [];
  const wrong = observations.filter(({ outcome }) => outcome.path?.at(-1)?.node !== expected);
  return sentence(`node: expected ${expected}`, wrong, observations, describeOutcome);
}

/** One sentence for all connections that went wrong: how many, and how the first did. */
function sentence(
  expected: string,
  wrong: readonly Observation[],
  all: readonly Observation[],
  describe: (observation: Observation) => string,
): string[] {
  if (wrong.length === 0) return [];
  const count = all.length === 1 ? '' : ` (${wrong.length} of ${all.length} connections)`;
  return [`${expected}, got ${describe(wrong[0]!)}${count}`];
}

function describeOutcome({ outcome, sent }: Observation): string {
  const { verdict } = outcome;
  const where = nameDecider(outcome);
  return `${verdict}${describeReason(outcome)}${where}${describeRewrite(sent, outcome)}`;
}

function describeReason({ reason, service }: SubjectOutcome): string {
  const by = service === null ? '' : ` by service ${service.namespace}/${service.name}`;
  return reason === null ? by : ` (${reason})${by}`;
}

function describeRewrite(sent: Observation['sent'], { verdict, packet }: SubjectOutcome): string {
  if (packet === null || (verdict !== 'forward' && verdict !== 'local')) return '';
  const isSame = packet.source === sent.source && packet.destination === sent.destination;
  return isSame ? '' : `, rewritten to ${packet.source} > ${packet.destination}`;
}

function gradeEndpoints(expect: Expectation, seen: readonly string[]): string[] {
  const anyOf = expect.endpointsAnyOf ?? [];
  const failures: string[] = [];
  for (const allowed of [expect.endpoints, anyOf.length === 0 ? undefined : anyOf]) {
    const foreign = allowed === undefined ? [] : seen.filter((text) => !allowed.includes(text));
    if (foreign.length > 0) failures.push(`endpoints: unexpected ${foreign.join(', ')}`);
  }
  const unseen = (expect.endpoints ?? []).filter((endpoint) => !seen.includes(endpoint));
  if (unseen.length > 0) failures.push(`endpoints: never seen ${unseen.join(', ')}`);
  if (anyOf.length > 0 && seen.length === 0) {
    failures.push(`endpoints: expected any of ${anyOf.join(', ')}, got none`);
  }
  return failures;
}

function gradeMasquerade(
  expected: boolean | undefined,
  observations: readonly Observation[],
): string[] {
  if (expected === undefined) return [];
  const wrong = observations.filter((observation) => isMasqueraded(observation) !== expected);
  return sentence(`masquerade: expected ${expected}`, wrong, observations, ({ sent, outcome }) =>
    outcome.packet === null
      ? `no packet to see it on (${outcome.verdict})`
      : `source ${sent.source} -> ${outcome.packet.source}`,
  );
}

function gradeReply(
  expected: Expectation['reply'],
  observations: readonly Observation[],
): string[] {
  if (expected === undefined) return [];
  const wrong = observations.filter(({ reply }) => reply?.result !== expected);
  return sentence(`reply: expected ${expected}`, wrong, observations, ({ reply, outcome }) =>
    reply === null ? `no answer: the packet met ${outcome.verdict}` : reply.description,
  );
}
