// Ports that no rule tells apart -> port classes. A class is known by the ranges that contain its
// ports, so a new range renumbers only the ports inside it. Knows no policies. Exact for ranges and
// whole protocols.

import { PortClassNumber } from '../abi/abi.gen.ts';
import { encode } from '../abi/struct.ts';
import type { Protocol } from '../kubernetes/types.ts';
import type { DesiredMap } from './desired.ts';
import { arrayKey, type EncodedEntry } from './entries.ts';
import type { NumberingDraft } from './numbering.ts';
import { PersistentMap } from './persistent-map.ts';
import {
  formatRange,
  isWholeProtocol,
  lastPort,
  protocols,
  specContains,
  type PortRange,
  type PortSpec,
} from './port-spec.ts';

/** One class; it has the ports of `runs` and is in a set if the first of them is. */
export interface PortClassView {
  readonly number: number;
  readonly protocol: Protocol;
  readonly runs: readonly Run[];
}

/** Ports first to last. */
interface Run {
  readonly first: number;
  readonly last: number;
}

/**
 * Cuts the ports of each protocol at the ranges of these sets. Ports in no range, or only in the
 * whole protocol, are the protocol's rest, which has a number of its own and no entries.
 */
export function classifyPorts(
  specs: readonly PortSpec[],
  numbers: NumberingDraft,
): PortClassView[] {
  const ranges = specs.flatMap((spec) => spec.ranges).filter((range) => !isWholeProtocol(range));
  const distinct = [...new Map(ranges.map((range) => [formatRange(range), range])).values()];
  return protocols.flatMap((protocol) =>
    cutProtocol(distinct.filter((range) => range.protocol === protocol)).map(({ name, runs }) => ({
      number: numbers.numberOf('port-classes', `${protocol} ${name}`),
      protocol,
      runs,
    })),
  );
}

/** Map `port-classes`; the rest of each protocol has no entries. */
export function compilePortClasses(classes: readonly PortClassView[]): DesiredMap {
  return PersistentMap.of(listPortClasses(classes));
}

function* listPortClasses(classes: readonly PortClassView[]): Generator<EncodedEntry, void> {
  for (const { number, protocol, runs } of classes) {
    const value = encode('PortClass', { portClass: number });
    const base = protocols.indexOf(protocol) * (lastPort + 1);
    for (const { first, last } of runs) {
      for (let port = first; port <= last; port++) yield [arrayKey(base + port), value];
    }
  }
}

/** Numbers of the classes in a set, those that are always there first. */
export function classesIn(spec: PortSpec, classes: readonly PortClassView[]): number[] {
  const chosen = classes.filter(({ protocol, runs }) =>
    specContains(spec, protocol, runs[0]!.first),
  );
  const whole = protocols.filter((protocol) => hasWhole(spec, protocol)).map(restOf);
  const noPort = spec.isAll ? [PortClassNumber.NoPort] : [];
  return [...noPort, ...whole, ...chosen.map(({ number }) => number)];
}

function hasWhole({ isAll, ranges }: PortSpec, protocol: Protocol): boolean {
  return isAll || ranges.some((range) => range.protocol === protocol && isWholeProtocol(range));
}

function restOf(protocol: Protocol): number {
  return PortClassNumber.RestOfTcp + protocols.indexOf(protocol);
}

/** Runs of ports by the ranges that contain them; ports in none are left out. */
function cutProtocol(ranges: readonly PortRange[]): { name: string; runs: Run[] }[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first || a.last - b.last);
  const cuts = sorted.flatMap((range) => [range.first, range.last + 1]);
  const starts = [...new Set([0, ...cuts])]
    .filter((port) => port <= lastPort)
    .toSorted((a, b) => a - b);
  const byName = new Map<string, Run[]>();
  for (const [index, first] of starts.entries()) {
    const around = sorted.filter((range) => range.first <= first && first <= range.last);
    if (around.length === 0) continue;
    const name = around.map((range) => `${range.first}-${range.last}`).join(' ');
    const run = { first, last: (starts[index + 1] ?? lastPort + 1) - 1 };
    byName.set(name, [...(byName.get(name) ?? []), run]);
  }
  return [...byName].map(([name, runs]) => ({ name, runs }));
}
