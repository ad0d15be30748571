// Grants -> maps `policies`, `port-sets`, `port-classes` and `blocks`, and for every number which
// rules stand behind it. Knows nothing of Services. Source: Kubernetes NetworkPolicySpec.

import { PeerKind } from '../abi/abi.gen.ts';
import { classifyBlocks, type BlockClasses } from './blocks.ts';
import type { PolicyEntryName, RuleName } from './desired.ts';
import type { Entry } from './entries.ts';
import type { Grant, Isolation } from './grants.ts';
import type { NumberingDraft } from './numbering.ts';
import { classesIn, classifyPorts, type PortClassView } from './port-classes.ts';
import { noPorts, uniteSpecs, type PortSpec } from './port-spec.ts';

/** One entry of map `policies`, with the grants that made it. */
interface GrantedEntry {
  readonly key: Omit<PolicyEntryName, 'portClass'>;
  readonly grants: readonly Grant[];
  /** Everything that the grants allow. */
  readonly ports: PortSpec;
}

export interface CompiledPolicies {
  readonly entries: readonly GrantedEntry[];
  readonly portClasses: readonly PortClassView[];
  readonly blocks: BlockClasses;
}

/** Numbers the blocks and ports of all isolations and lists the entries that they make. */
export function compileIsolations(
  isolations: readonly Isolation[],
  numbers: NumberingDraft,
): CompiledPolicies {
  const written = isolations.flatMap(({ blocks }) => [...blocks.values()]);
  const blocks = classifyBlocks(
    written.filter(({ grants }) => grants.length > 0).map(({ block }) => block),
    numbers,
  );
  const unions = new Map<string, PortSpec>();
  const entries = isolations.flatMap((isolation) => listEntries(isolation, { blocks, unions }));
  const granted = entries.flatMap(({ grants }) => grants.map(({ ports }) => ports));
  const specs = [...new Map(granted.map((ports) => [ports.text, ports])).values()];
  return { entries, portClasses: classifyPorts(specs, numbers), blocks };
}

/** Entries of map `policies`. */
export function compilePolicies(
  { entries }: CompiledPolicies,
  numbers: NumberingDraft,
): Entry<'policies'>[] {
  return entries.map(({ key, ports }) => [key, { portSet: portSetNumber(ports, numbers) }]);
}

/** Entries of map `port-sets`: 64 classes a word; words without a class are left out. */
export function compilePortSets(
  { entries, portClasses }: CompiledPolicies,
  numbers: NumberingDraft,
): Entry<'port-sets'>[] {
  const specs = new Map(entries.map(({ ports }) => [portSetNumber(ports, numbers), ports]));
  specs.delete(0);
  return [...specs].flatMap(([portSet, ports]) =>
    packWords(classesIn(ports, portClasses)).map(([word, bits]): Entry<'port-sets'> => [
      { portSet, word },
      bits,
    ]),
  );
}

/** Which rules put a port class into an entry; none for an entry that does not exist. */
export function explainAdmission(
  compiled: CompiledPolicies,
): (name: PolicyEntryName) => readonly RuleName[] {
  const grantsByKey = new Map(compiled.entries.map(({ key, grants }) => [keyText(key), grants]));
  return (name) => {
    const admits = ({ ports }: Grant) =>
      classesIn(ports, compiled.portClasses).includes(name.portClass);
    const grants = grantsByKey.get(keyText(name)) ?? [];
    return [...new Set(grants.filter(admits).map(({ rule }) => rule))];
  };
}

interface Shared {
  readonly blocks: BlockClasses;
  /** Unions made so far, by the texts of their parts. */
  readonly unions: Map<string, PortSpec>;
}

function listEntries(isolation: Isolation, { blocks, unions }: Shared): GrantedEntry[] {
  const { subject, direction } = isolation;
  const entry = (peerKind: PeerKind, peer: number, grants: readonly Grant[]): GrantedEntry => ({
    key: { subject: subject.number, direction, peerKind, peer },
    grants,
    ports: unitePorts(grants, unions),
  });
  const ofBlocks = [...blocks.blocks].map(([number, items]) =>
    entry(
      PeerKind.Block,
      number,
      items.flatMap(({ text }) => isolation.blocks.get(text)?.grants ?? []),
    ),
  );
  return [
    entry(PeerKind.Any, 0, isolation.any),
    ...[...isolation.identities].map(([peer, grants]) => entry(PeerKind.Identity, peer, grants)),
    ...ofBlocks.filter(({ grants }) => grants.length > 0),
  ];
}

function unitePorts(grants: readonly Grant[], unions: Map<string, PortSpec>): PortSpec {
  const key = [...new Set(grants.map(({ ports }) => ports.text))].toSorted().join(';');
  const union = unions.get(key) ?? uniteSpecs(grants.map(({ ports }) => ports));
  unions.set(key, union);
  return union;
}

/** 0 is the empty set. */
function portSetNumber(ports: PortSpec, numbers: NumberingDraft): number {
  return ports.text === noPorts.text ? 0 : numbers.numberOf('port-sets', ports.text);
}

function packWords(
  classes: readonly number[],
): [word: number, bits: { bitsLow: number; bitsHigh: number }][] {
  const words = new Map<number, { bitsLow: number; bitsHigh: number }>();
  for (const portClass of classes) {
    const word = portClass >>> 6;
    const bits = words.get(word) ?? { bitsLow: 0, bitsHigh: 0 };
    const half = (portClass & 63) < 32 ? 'bitsLow' : 'bitsHigh';
    bits[half] = (bits[half] | (1 << (portClass & 31))) >>> 0;
    words.set(word, bits);
  }
  return [...words];
}

function keyText({ subject, direction, peerKind, peer }: GrantedEntry['key']): string {
  return `${subject} ${direction} ${peerKind} ${peer}`;
}
