// What several rules together say about every port: for each port the first rule of either admin
// tier, and whether a NetworkPolicy allows it; as prefixes of port numbers, so that a range costs a
// few entries and a look-up does not depend on the number of rules. Knows no peers.

import { PortShape, TierAction } from '../abi/abi.gen.ts';
import type { Structs } from '../abi/abi.gen.ts';
import { protocolNumber } from '../net/protocol.ts';
import type { Entry } from './entries.ts';
import { isSameLabel, lastPort, protocols, type PortLabel, type PortSpec } from './port-spec.ts';

const portBits = 16;
/** `PortKey.length` of a name. */
const nameLength = portBits + 1;

/** What a rule does to the ports it names. */
export interface PortGrant {
  readonly tier: 'Admin' | 'NetworkPolicy' | 'Baseline';
  readonly action: TierAction;
  /** Place among the rules of its tier; 0 for NetworkPolicy. */
  readonly rank: number;
  readonly ports: PortSpec;
}

type Ruling = Pick<
  Structs['PortRuling'],
  'adminRank' | 'adminAction' | 'baselineRank' | 'baselineAction' | 'isAllowed'
>;

/** One entry of map `port-rulings` without the number of its set. */
interface RuledPort {
  readonly protocol: number;
  readonly length: number;
  /** A port, or a name. */
  readonly port: number | string;
  readonly ruling: Ruling;
}

/** A function from ports to rulings. Equal functions made of equal rules have equal `text`. */
export interface PortSetView {
  /** '' for the empty set. */
  readonly text: string;
  readonly shape: number;
  readonly ports: readonly RuledPort[];
}

const silence: Ruling = {
  adminRank: 0,
  adminAction: TierAction.None,
  baselineRank: 0,
  baselineAction: TierAction.None,
  isAllowed: 0,
};

/** What these rules say together. */
export function uniteGrants(grants: readonly PortGrant[]): PortSetView {
  const base = combine(grants.filter(({ ports }) => ports.isAll));
  const ports = [
    ...(isSilent(base) ? [] : [{ protocol: 0, length: 0, port: 0, ruling: base }]),
    ...protocols.flatMap((protocol) => rulePorts(grants, protocol, base)),
    ...ruleNames(grants),
  ];
  const shape = ports.reduce((bits, port) => bits | shapeOf(port), 0);
  return { text: ports.map(portText).join(), shape, ports };
}

/** Entries of map `port-rulings` for a set. `numberOf`: of a port name. */
export function compilePortSet(
  { ports }: PortSetView,
  portSet: number,
  numberOf: (name: string) => number,
): Entry<'port-rulings'>[] {
  return ports.map(({ protocol, length, port, ruling }) => {
    const number = typeof port === 'string' ? numberOf(port) : port;
    return [{ portSet, protocol, length, number }, ruling];
  });
}

/** Prefixes of the ports of one protocol about which more is said than about every protocol. */
function rulePorts(
  grants: readonly PortGrant[],
  protocol: PortLabel['protocol'],
  base: Ruling,
): RuledPort[] {
  const ranges = grants.flatMap((grant) =>
    grant.ports.ranges
      .filter((range) => range.protocol === protocol)
      .map((range) => ({ ...range, grant })),
  );
  if (ranges.length === 0) return [];
  const number = protocolNumber(protocol)!;
  const everywhere = grants.filter(({ ports }) => ports.isAll);
  const rulingOf = (first: number, last: number) =>
    combine([
      ...everywhere,
      ...ranges
        .filter((range) => range.first <= first && last <= range.last)
        .map(({ grant }) => grant),
    ]);
  const whole = rulingOf(0, lastPort);
  const ruled: RuledPort[] = [];
  if (!isSame(whole, base)) ruled.push({ protocol: number, length: 0, port: 0, ruling: whole });
  for (const run of cutRuns(ranges)) {
    const ruling = rulingOf(run.first, run.last);
    if (isSame(ruling, whole)) continue;
    for (const { port, length } of splitRun(run)) {
      ruled.push({ protocol: number, length, port, ruling });
    }
  }
  return ruled;
}

/** Names are asked besides numbers, so they say only what rules say of them. */
function ruleNames(grants: readonly PortGrant[]): RuledPort[] {
  const labels = grants.flatMap(({ ports }) => ports.labels);
  const distinct = new Map(labels.map((label) => [`${label.protocol} ${label.name}`, label]));
  return [...distinct.values()].map((label) => ({
    protocol: protocolNumber(label.protocol)!,
    length: nameLength,
    port: label.name,
    ruling: combine(
      grants.filter(({ ports }) => ports.labels.some((one) => isSameLabel(one, label))),
    ),
  }));
}

interface Run {
  readonly first: number;
  readonly last: number;
}

/**
 * Ports that are in the same ranges, and next to each other. None is in front of the first range or
 * behind the last.
 */
function cutRuns(ranges: readonly Run[]): Run[] {
  const cuts = ranges.flatMap(({ first, last }) => [first, last + 1]);
  const starts = [...new Set(cuts)].sort((a, b) => a - b);
  return starts.slice(1).map((next, at) => ({ first: starts[at]!, last: next - 1 }));
}

/** The fewest prefixes that make up a run. */
function splitRun({ first, last }: Run): { port: number; length: number }[] {
  const prefixes: { port: number; length: number }[] = [];
  for (let port = first; port <= last;) {
    let size = 1;
    while (port % (2 * size) === 0 && port + 2 * size - 1 <= last) size *= 2;
    prefixes.push({ port, length: portBits - Math.log2(size) });
    port += size;
  }
  return prefixes;
}

/** The first rule of each tier, and whether any NetworkPolicy is among them. */
function combine(grants: readonly PortGrant[]): Ruling {
  const firstOf = (tier: PortGrant['tier']) =>
    grants
      .filter((grant) => grant.tier === tier)
      .reduce<PortGrant | null>((first, grant) => {
        return first === null || grant.rank < first.rank ? grant : first;
      }, null);
  const admin = firstOf('Admin');
  const baseline = firstOf('Baseline');
  return {
    adminRank: admin?.rank ?? 0,
    adminAction: admin?.action ?? TierAction.None,
    baselineRank: baseline?.rank ?? 0,
    baselineAction: baseline?.action ?? TierAction.None,
    isAllowed: firstOf('NetworkPolicy') === null ? 0 : 1,
  };
}

function isSilent(ruling: Ruling): boolean {
  return isSame(ruling, silence);
}

function isSame(a: Ruling, b: Ruling): boolean {
  return rulingText(a) === rulingText(b);
}

function shapeOf({ protocol, length }: RuledPort): number {
  if (length === nameLength) return PortShape.Names;
  return protocol === 0 ? PortShape.AnyProtocol : 1 << length;
}

function portText({ protocol, length, port, ruling }: RuledPort): string {
  return `${protocol}/${port}/${length}:${rulingText(ruling)}`;
}

function rulingText(ruling: Ruling): string {
  const { adminRank, adminAction, baselineRank, baselineAction, isAllowed } = ruling;
  return `${adminAction}.${adminRank}.${isAllowed}.${baselineAction}.${baselineRank}`;
}
