// Why one connection is let through or not, at either end: what the dataplane's trace says, with
// the policies and rules behind it.

import type { RuleName } from '../../compile/desired.ts';
import type { PortRun } from './port-runs.ts';
import type { Pair, Reach } from './reach.ts';

/** What policies say at one end. */
export interface Judgement {
  /** `open`: no policy selects the end, or none is asked. */
  readonly state: 'open' | 'allowed' | 'denied';
  /** The rules that decide; none where isolation alone denies. */
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
  const decisions = reach.interview
    .trace(reach.questionFor(pair, run))
    .flatMap(({ policy }) => policy ?? []);
  const find = (direction: keyof Judgements): Judgement => {
    const decision = decisions.find((each) => each.direction === direction);
    if (decision === undefined) return untouched;
    return {
      state: decision.isAllowed ? 'allowed' : 'denied',
      rules: decision.decidedBy.map(({ rule }) => rule),
      policies: decision.policies.map(({ policy }) => policy),
    };
  };
  return { egress: find('egress'), ingress: find('ingress') };
}
