// Rulesets, rows and classes as entries of maps. Entries of what did not change are used again.
// Decides nothing.

import { RulesetFlag } from '../abi/abi.gen.ts';
import { protocolNumber } from '../net/protocol.ts';
import type { DesiredMap } from './desired.ts';
import { encodeEntries, type EncodedEntry, type Entry } from './entries.ts';
import type { NumberingDraft } from './numbering.ts';
import type { ClassPart, PortTable } from './peer-classes.ts';
import { PersistentMap, type MapChange } from './persistent-map.ts';
import type { PolicyRow } from './peer-rows.ts';
import { prefixKey } from './prefix-key.ts';
import { compilePortSet, type PortSetView } from './ruling.ts';

/** Maps that follow from rulesets; `identities` follows from pods. */
type RulesetMap = 'rulesets' | 'policies' | 'policy-blocks' | 'port-rulings' | 'port-names';

/** The entries of one ruleset. */
type RulesetEntries = Readonly<
  Record<'rulesets' | 'policies' | 'policy-blocks', readonly EncodedEntry[]>
>;

export interface PolicyMaps {
  readonly desired: Readonly<Record<RulesetMap, DesiredMap>>;
  /** By the text of the selection, and the row that they were made of. */
  readonly entries: ReadonlyMap<string, readonly [PolicyRow, RulesetEntries]>;
  /** Of every set but the empty one, by its text. */
  readonly sets: ReadonlyMap<string, readonly EncodedEntry[]>;
}

export const emptyPolicyMaps: PolicyMaps = {
  desired: {
    rulesets: PersistentMap.of(),
    policies: PersistentMap.of(),
    'policy-blocks': PersistentMap.of(),
    'port-rulings': PersistentMap.of(),
    'port-names': PersistentMap.of(),
  },
  entries: new Map(),
  sets: new Map(),
};

export interface PolicyMapInputs {
  readonly numbers: NumberingDraft;
  readonly rows: ReadonlyMap<string, PolicyRow>;
  readonly classes: { readonly before: ClassPart; readonly after: ClassPart };
}

/** The maps that follow on `before`. */
export function programPolicies(before: PolicyMaps, inputs: PolicyMapInputs): PolicyMaps {
  const { numbers, rows, classes } = inputs;
  const sets = programSets(before, inputs);
  const entries = new Map(
    [...rows].map(([text, row]) => {
      const known = before.entries.get(text);
      return [text, known?.[0] === row ? known : ([row, programRow(row, numbers)] as const)];
    }),
  );
  const change = (map: keyof RulesetEntries) =>
    before.desired[map].with(changeEntries(map, before.entries, entries));
  return {
    desired: {
      rulesets: change('rulesets'),
      policies: change('policies'),
      'policy-blocks': change('policy-blocks'),
      'port-rulings': before.desired['port-rulings'].with(changeSets(before.sets, sets)),
      'port-names': before.desired['port-names'].with(changeTables(classes, numbers)),
    },
    entries,
    sets,
  };
}

/** Numbers and encodes the port sets in use. */
function programSets(
  before: PolicyMaps,
  { numbers, rows }: PolicyMapInputs,
): Map<string, readonly EncodedEntry[]> {
  numbers.askAgain('port-sets');
  const nameNumber = (name: string) => numbers.numberOf('port-names', name);
  const sets = new Map<string, readonly EncodedEntry[]>();
  for (const { sets: used } of rows.values()) {
    for (const set of used) {
      if (set.text === '' || sets.has(set.text)) continue;
      const number = numbers.numberOf('port-sets', set.text);
      const known = before.sets.get(set.text);
      const made = () => [
        ...encodeEntries('port-rulings', compilePortSet(set, number, nameNumber)),
      ];
      sets.set(set.text, known ?? made());
    }
  }
  return sets;
}

function programRow({ number, ruleset, row }: PolicyRow, numbers: NumberingDraft): RulesetEntries {
  const refer = ({ text, shape }: PortSetView) =>
    text === '' ? {} : { portSet: numbers.numberOf('port-sets', text), shape };
  const { any, pods, isIsolated, blocks } = ruleset;
  const [anyone, pod] = [refer(any), refer(pods)];
  const flags =
    RulesetFlag.Present |
    (isIsolated ? RulesetFlag.Isolated : 0) |
    (blocks.length > 0 ? RulesetFlag.HasBlocks : 0);
  const value = {
    flags,
    anySet: anyone.portSet ?? 0,
    anyShape: anyone.shape ?? 0,
    podsSet: pod.portSet ?? 0,
    podsShape: pod.shape ?? 0,
  };
  const policies = [...row].map(([identity, ports]): Entry<'policies'> => [
    { ruleset: number, identity },
    refer(ports),
  ]);
  const prefixes = blocks.map(({ prefix, ports }): Entry<'policy-blocks'> => [
    prefixKey(prefix, number),
    refer(ports),
  ]);
  return {
    rulesets: [...encodeEntries('rulesets', [[number, value]])],
    policies: [...encodeEntries('policies', policies)],
    'policy-blocks': [...encodeEntries('policy-blocks', prefixes)],
  };
}

/** What goes before what comes: a ruleset that was made anew has the same keys. */
function* changeEntries(
  map: keyof RulesetEntries,
  before: PolicyMaps['entries'],
  after: PolicyMaps['entries'],
): Generator<MapChange<string, Uint8Array>, void> {
  for (const [text, known] of before) {
    if (after.get(text) === known) continue;
    for (const [key] of known[1][map]) yield [key, undefined];
  }
  for (const [text, known] of after) {
    if (before.get(text) !== known) yield* known[1][map];
  }
}

function* changeSets(
  before: PolicyMaps['sets'],
  after: PolicyMaps['sets'],
): Generator<MapChange<string, Uint8Array>, void> {
  for (const [text, entries] of before) {
    if (!after.has(text)) for (const [key] of entries) yield [key, undefined];
  }
  for (const [text, entries] of after) if (!before.has(text)) yield* entries;
}

function* changeTables(
  { before, after }: PolicyMapInputs['classes'],
  numbers: NumberingDraft,
): Generator<MapChange<string, Uint8Array>, void> {
  for (const [text, now] of after.tables.changesFrom(before.tables)) {
    const old = before.tables.get(text);
    if (old === undefined && now !== undefined) {
      yield* encodeTable(now, (name) => numbers.numberOf('port-names', name));
    } else if (old !== undefined && now === undefined) {
      for (const [key] of encodeTable(old, () => 0)) yield [key, undefined];
    }
  }
}

/** Ports with several names have them at positions 0, 1 and so on. */
function encodeTable(
  { number, ports }: PortTable,
  nameNumber: (name: string) => number,
): EncodedEntry[] {
  const positions = new Map<string, number>();
  const entries = ports.map(({ name, containerPort, protocol }): Entry<'port-names'> => {
    const port = `${protocol} ${containerPort}`;
    const position = positions.get(port) ?? 0;
    positions.set(port, position + 1);
    return [
      { namedPorts: number, port: containerPort, protocol: protocolNumber(protocol)!, position },
      { name: nameNumber(name) },
    ];
  });
  return [...encodeEntries('port-names', entries)];
}
