// Why something is reached in one set of manifests and not in the other: which end decides, the
// rules that allow it there, and the policies that isolate the end here.

import type { RuleName } from '../../compile/desired.ts';
import type { ClassedGroup } from './groups.ts';
import { judgePair, type Judgement, type Judgements } from './judgements.ts';
import type { PortRun } from './port-runs.ts';
import { pickEnds, type EndClass, type Pair } from './reach.ts';
import type { Side } from './side.ts';

export interface Cause {
  /** The end whose policies decide; null where an end is missing in the other set. */
  readonly direction: 'egress' | 'ingress' | null;
  /** Rules that allow it where it is open; none where no policy selects the end. */
  readonly allowedBy: readonly RuleName[];
  /** Policies that select the end where it is closed. */
  readonly isolatedBy: readonly RuleName[];
  /** Rules of an admin tier that deny it there; none where isolation alone does. */
  readonly deniedBy: readonly RuleName[];
  /** Set where an end is missing: `payments/api is new`. */
  readonly missing?: string;
}

/** What is asked about: groups by name, and a port of the destination. */
interface Matter {
  readonly from: string;
  readonly to: string;
  readonly run: PortRun;
}

/** Finds why a run of ports is open on one side and closed on the other. */
export function findCause(open: Side, closed: Side, { from, to, run }: Matter): Cause {
  const absent = [to, from].find((name) => !closed.groups.has(name));
  if (absent !== undefined) {
    return { direction: null, allowedBy: [], isolatedBy: [], deniedBy: [], missing: absent };
  }
  const refused = findJudged(closed, { from, to, run }, 'denied');
  const direction = refused?.egress.state === 'denied' ? 'egress' : 'ingress';
  const allowed = findJudged(open, { from, to, run }, 'open');
  return {
    direction,
    allowedBy: allowed?.[direction].rules ?? [],
    isolatedBy: refused?.[direction].policies ?? [],
    deniedBy: refused?.[direction].rules ?? [],
  };
}

/** The judgements about the first pair of members that fares so; null when none does. */
function findJudged(
  { reach, groups }: Side,
  { from, to, run }: Matter,
  wanted: Judgement['state'],
): Judgements | null {
  for (const pair of pairsOf(groups.get(from)!, groups.get(to)!)) {
    const judgements = judgePair(reach, pair, run);
    const isDenied = [judgements.egress, judgements.ingress].some(
      ({ state }) => state === 'denied',
    );
    if (isDenied === (wanted === 'denied')) return judgements;
  }
  return null;
}

function pairsOf(from: ClassedGroup, to: ClassedGroup): Pair[] {
  const pair = (source: EndClass, destination: EndClass) => pickEnds(source, destination) ?? [];
  return [...from.classes.keys()].flatMap((source) =>
    [...to.classes.keys()].flatMap((destination) => pair(source, destination)),
  );
}
