// Why one connection is let through or not, at either end: what the dataplane says in its trace,
// and the policies and rules that compilation recorded behind those numbers.

import { Direction, Trace, type TraceStep } from '../../abi/abi.gen.ts';
import type { RuleName } from '../../compile/desired.ts';
import type { PortRun } from './port-runs.ts';
import type { Pair, Reach } from './reach.ts';

/** What policies say at one end. */
export interface Judgement {
  /** `open`: no policy selects the end, or none is asked. */
  readonly state: 'open' | 'allowed' | 'denied';
  /** The rules that decide; none where no rule allows it. */
  readonly rules: readonly RuleName[];
  /** The policies that select the end. */
  readonly policies: readonly RuleName[];
}

export interface Judgements {
  readonly egress: Judgement;
  /** Open also where egress denies: it is not asked. */
  readonly ingress: Judgement;
}

const untouched: Judgement = { state: 'open', rules: [], policies: [] };

/** Sends one packet of the run of ports between the two ends, tracing it. */
export function judgePair(reach: Reach, pair: Pair, run: PortRun): Judgements {
  const steps = reach.interview.trace(reach.questionFor(pair, run));
  const find = (direction: Direction) =>
    steps.flatMap((step) => judgementOf(reach, step, direction) ?? []).at(-1) ?? untouched;
  return { egress: find(Direction.Egress), ingress: find(Direction.Ingress) };
}

/** What a step says of a direction; null when it is of something else. */
function judgementOf(
  { dataplane: { names } }: Reach,
  { code, first: subject, second, third: peerKind, fourth: peer, fifth: portClass }: TraceStep,
  direction: Direction,
): Judgement | null {
  if (second !== direction) return null;
  const policies = names.isolatedBy(subject, direction);
  if (code === Trace.PolicyDenied) return { state: 'denied', rules: [], policies };
  if (code !== Trace.PolicyAllowed) return null;
  const rules = names.admittedBy({ subject, direction, peerKind, peer, portClass });
  return { state: 'allowed', rules, policies };
}
