// Which policies select an end in a direction: what the trace of any packet of it says.

import type { RuleName } from '../../compile/desired.ts';
import { judgePair, type Judgements } from './judgements.ts';
import { pickEnds, type EndClass, type Reach } from './reach.ts';

/** The policies that select the ends of a class as destination or source. */
export function findSelecting(
  reach: Reach,
  subject: EndClass,
  direction: keyof Judgements,
): readonly RuleName[] {
  // The world outside is asked: it has no policies of its own.
  for (const other of reach.classes.filter(({ ends }) => ends[0]!.kind !== 'pod')) {
    const pair = direction === 'ingress' ? pickEnds(other, subject) : pickEnds(subject, other);
    if (pair === null) continue;
    return judgePair(reach, pair, (direction === 'ingress' ? subject : other).runs[0]!)[direction]
      .policies;
  }
  return [];
}
