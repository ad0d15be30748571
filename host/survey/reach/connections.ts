// What is open between groups of ends, in ports: the sum of what is open between their members.
// Compares and adds up answers; asks for them, and judges nothing.

import type { ClassedGroup, EndGroup } from './groups.ts';
import {
  containsRun,
  formatRun,
  mergeRuns,
  textOfRuns,
  uniteRuns,
  type PortRun,
} from './port-runs.ts';
import type { EndClass, Open, Reach } from './reach.ts';

/** What one group may send to another; a pair without anything open has none. */
export interface Connection {
  readonly from: ClassedGroup;
  readonly to: ClassedGroup;
  /** `any`: every port and ICMP. Else `TCP 8080`, `UDP 1-1023`, `ICMP`: what the pods offer. */
  readonly ports: readonly string[];
  /** Open as well, though no container and no Service speaks of it. */
  readonly unused: readonly string[];
  /** Whether it is open for some of the group's members only. */
  readonly isPartial: boolean;
  /** All of it, as ports. */
  readonly open: readonly PortRun[];
}

/** Adds to groups the classes of their ends. */
export function classGroups(reach: Reach, groups: readonly EndGroup[]): ClassedGroup[] {
  return groups.map((group) => {
    const classes = new Map<EndClass, number>();
    for (const { address } of group.ends) {
      const found = reach.classOf(address)!;
      classes.set(found, (classes.get(found) ?? 0) + 1);
    }
    return { ...group, classes };
  });
}

/** Everything that is open from some of these groups to some of those. */
export function listConnections(
  reach: Reach,
  sources: readonly ClassedGroup[],
  destinations: readonly ClassedGroup[],
): Connection[] {
  const from = distinctClasses(sources);
  const to = distinctClasses(destinations);
  for (const source of from) reach.askAll(to.map((destination) => [source, destination] as const));
  return destinations.flatMap((destination) =>
    sources.flatMap((source) => connect(reach, source, destination) ?? []),
  );
}

function distinctClasses(groups: readonly ClassedGroup[]): EndClass[] {
  return [...new Set(groups.flatMap(({ classes }) => [...classes.keys()]))];
}

/** What is open between two groups, or null. */
function connect(reach: Reach, from: ClassedGroup, to: ClassedGroup): Connection | null {
  const answers: { runs: readonly PortRun[]; open: Open }[] = [];
  for (const [source] of from.classes) {
    for (const [destination, count] of to.classes) {
      // A group's only end of a class does not talk to itself.
      if (source === destination && from.name === to.name && count === 1) continue;
      const open = reach.between(source, destination);
      if (open !== null) answers.push({ runs: destination.runs, open });
    }
  }
  const passed = answers.map(({ runs, open }) => passedRuns(runs, open));
  if (passed.every((runs) => runs.length === 0)) return null;
  const isPartial = new Set(passed.map(textOfRuns)).size > 1;
  const isAny = answers.some(({ open }) => open.every((each) => each));
  return { from, to, isPartial, ...describeOpen(passed.flat(), isAny) };
}

/** The runs that are open; of a destination that offers nothing all of them count as offered. */
function passedRuns(runs: readonly PortRun[], open: Open): PortRun[] {
  const offersNothing = !runs.some(({ isOffered }) => isOffered);
  const passed = runs.filter((_, index) => open[index]);
  return mergeRuns(passed).map((run) => (offersNothing ? { ...run, isOffered: true } : run));
}

function describeOpen(
  passed: readonly PortRun[],
  isAny: boolean,
): Pick<Connection, 'ports' | 'unused' | 'open'> {
  const open = uniteRuns(passed);
  if (isAny) return { ports: ['any'], unused: [], open };
  const shown = uniteRuns(passed.filter(({ isOffered }) => isOffered));
  const rest = uniteRuns(passed.filter(({ isOffered }) => !isOffered));
  const unused = rest.filter((run) => !shown.some((other) => containsRun(other, run)));
  return { ports: shown.map(formatRun), unused: unused.map(formatRun), open };
}
