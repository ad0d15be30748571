// What scenarios came to: the shapes that `podplane test -o json` prints, version 1, and how
// observations become one.

import type { Observation } from './connection.ts';
import { formatEndpoint, receiverOf } from './connection.ts';
import type { ReplyResult } from './scenario.ts';
import type { SubjectHop, SubjectOutcome } from './subject.ts';

export interface FlowReport {
  readonly name: string;
  readonly pass: boolean;
  /** The first connection's; `outcomes` tells all. */
  readonly verdict: SubjectOutcome['verdict'];
  readonly reason: string | null;
  /** `address:port` reached over all connections, sorted. */
  readonly endpoints: readonly string[];
  /** Whether every packet that got through had its source rewritten. */
  readonly masquerade: boolean;
  readonly masqueradeByEndpoint: Readonly<Record<string, boolean>>;
  /** Source addresses as the endpoints see them, sorted. */
  readonly sources: readonly string[];
  /** Ports that packets left by, sorted. */
  readonly egress: readonly string[];
  /** The worst of the answers; null when none was asked for. */
  readonly reply: ReplyResult | null;
  readonly outcomes: readonly CountedOutcome[];
  /** In a whole cluster: what each node on the first connection's way decided. */
  readonly path?: readonly PathStep[];
  /** One sentence for each expectation that was not met. */
  readonly failures: readonly string[];
}

export interface CountedOutcome {
  readonly verdict: string;
  readonly reason: string | null;
  /** In a whole cluster: the node that refused. */
  readonly node?: string;
  readonly count: number;
}

export interface PathStep {
  readonly node: string;
  readonly verdict: SubjectOutcome['verdict'];
  readonly reason: string | null;
}

export interface ScenarioReport {
  readonly name: string;
  readonly file: string;
  readonly flows: readonly FlowReport[];
}

export interface TestReport {
  readonly version: 1;
  readonly scenarios: readonly ScenarioReport[];
  /** Flows. */
  readonly passed: number;
  readonly failed: number;
}

/** What a set of connections came to, before it is graded. */
export type Summary = Omit<FlowReport, 'name' | 'pass' | 'failures'>;

/** Puts scenario reports into one. */
export function summarizeTest(scenarios: readonly ScenarioReport[]): TestReport {
  const flows = scenarios.flatMap((scenario) => scenario.flows);
  const passed = flows.filter((flow) => flow.pass).length;
  return { version: 1, scenarios, passed, failed: flows.length - passed };
}

/** Sums up the connections of one flow, of which there is at least one. */
export function summarizeFlow(observations: readonly Observation[]): Summary {
  const { verdict, reason, path } = observations[0]!.outcome;
  const arrived = observations.filter(({ outcome }) => receiverOf(outcome) !== null);
  const masqueradeByEndpoint: Record<string, boolean> = {};
  for (const observation of arrived) {
    const endpoint = endpointOf(observation);
    masqueradeByEndpoint[endpoint] =
      (masqueradeByEndpoint[endpoint] ?? true) && isMasqueraded(observation);
  }
  return {
    verdict,
    reason,
    endpoints: sortedSet(arrived.map(endpointOf)),
    masquerade: arrived.length > 0 && arrived.every(isMasqueraded),
    masqueradeByEndpoint,
    sources: sortedSet(arrived.map(({ outcome }) => outcome.packet!.source)),
    egress: sortedSet(
      observations.flatMap(({ outcome }) => (outcome.port === null ? [] : [outcome.port])),
    ),
    reply: worstReply(observations),
    outcomes: countOutcomes(observations),
    ...(path && { path: path.map(stepOf) }),
  };
}

/**
 * Whether the source was rewritten on the way there. A packet of the node itself keeps its address:
 * there only the port tells.
 */
export function isMasqueraded({ sent, at, isAnswer, outcome }: Observation): boolean {
  const received = receiverOf(outcome)?.packet;
  if (received === undefined || isAnswer) return false;
  if (received.source !== sent.source) return true;
  return at.port === 'host' && received.sourcePort !== sent.sourcePort;
}

/** Whether the packet got through with both ends as they were sent. */
export function isUntouched({ sent, outcome }: Observation): boolean {
  const received = receiverOf(outcome)?.packet;
  return (
    received !== undefined &&
    received.source === sent.source &&
    received.destination === sent.destination &&
    received.sourcePort === sent.sourcePort &&
    received.destinationPort === sent.destinationPort
  );
}

function endpointOf({ outcome }: Observation): string {
  const { destination, destinationPort } = outcome.packet!;
  return formatEndpoint(destination, destinationPort);
}

function sortedSet(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function worstReply(observations: readonly Observation[]): ReplyResult | null {
  const results = observations.flatMap(({ reply }) => (reply === null ? [] : [reply.result]));
  const order = ['lost', 'mistranslated', 'ok'] as const;
  return order.find((result) => results.includes(result)) ?? null;
}

function stepOf({ node, outcome: { verdict, reason } }: SubjectHop): PathStep {
  return { node, verdict, reason };
}

function countOutcomes(observations: readonly Observation[]): CountedOutcome[] {
  const counts = new Map<string, CountedOutcome>();
  for (const { outcome } of observations) {
    const { verdict, reason, path } = outcome;
    const node = receiverOf(outcome) === null ? path?.at(-1)?.node : undefined;
    const key = `${verdict} ${reason} ${node}`;
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { verdict, reason, ...(node !== undefined && { node }), count });
  }
  return [...counts.values()];
}
