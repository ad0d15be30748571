// Pods as peers: classes that no selector of this node's rulesets tells apart, and what the ports
// are called that their rules name. A kind of pods is looked at again only where something that
// selects it came or went. Knows no ports as numbers and no rulings. The notion of an identity is
// Cilium's.

import { compareTexts } from '../controllers/written.ts';
import type { NodeView } from './node-view.ts';
import type { NumberingDraft } from './numbering.ts';
import {
  isInScope,
  isOfOneNamespace,
  namespaceLabels,
  ScopeIndex,
  type NamespaceLabels,
  type PeerScope,
} from './peer-scope.ts';
import { PersistentMap, type MapChange } from './persistent-map.ts';
import { usedPorts, type PodKind, type PodPart } from './pod-kinds.ts';
import type { NamedPort } from './port-spec.ts';

/**
 * A class of pods that are in the same scopes. Scopes of one namespace and those of all are kept
 * apart: so a class is not cut by what other namespaces tell apart among their own pods.
 */
export interface PeerClass {
  /** Number of the identity. */
  readonly number: number;
  /** It is a class under the scopes of one namespace, of which there is at least one. */
  readonly isNear: boolean;
  /** Texts of the scopes. */
  readonly scopes: ReadonlySet<string>;
  /** Kinds of pods in it. */
  readonly users: number;
}

/** The named ports that pods have in common. */
export interface PortTable {
  /** 0 for the empty table. */
  readonly number: number;
  readonly ports: readonly NamedPort[];
  /** Kinds of pods that have it. */
  readonly users: number;
}

/** A kind's classes and table, by their texts. */
interface Standing {
  readonly peer: string;
  /** '' = in no scope of its namespace. */
  readonly near: string;
  readonly table: string;
}

export interface ClassPart {
  /** By the kind's text. */
  readonly standings: PersistentMap<string, Standing>;
  readonly classes: PersistentMap<string, PeerClass>;
  readonly tables: PersistentMap<string, PortTable>;
  /** Kinds that this compilation moved to another class or table, by their texts. */
  readonly moved: ReadonlySet<string>;
}

/** What rulesets ask about pods. */
export interface Asked {
  /** By text. */
  readonly scopes: ReadonlyMap<string, PeerScope>;
  readonly portNames: ReadonlySet<string>;
}

export const emptyClassPart: ClassPart = {
  standings: PersistentMap.of(),
  classes: PersistentMap.of(),
  tables: PersistentMap.of(),
  moved: new Set(),
};

export const nothingAsked: Asked = { scopes: new Map(), portNames: new Set() };

interface Step {
  readonly view: NodeView;
  readonly pods: PodPart;
  readonly before: ClassPart;
  readonly asked: Asked;
  readonly askedBefore: Asked;
  /** Namespaces changed, so that any kind may be in other scopes. */
  readonly isRelabelled: boolean;
}

/** The part that follows on `before`. */
export function classifyPeers(step: Step): ClassPart {
  const { view, pods, before } = step;
  const labelsOf = namespaceLabels(view.state.namespaces);
  const index = new ScopeIndex(step.asked.scopes.values(), labelsOf);
  const standings = new Map<string, Standing | undefined>();
  const classes = new Map<string, Unnumbered<PeerClass> | undefined>();
  const tables = new Map<string, Unnumbered<PortTable> | undefined>();
  for (const text of kindsToSee(step, labelsOf)) {
    const kind = pods.kinds.get(text)?.kind;
    const old = before.standings.get(text);
    const now = kind === undefined ? undefined : standingOf(kind, { step, index });
    if (isSameStanding(old, now?.standing)) continue;
    standings.set(text, now?.standing);
    count(before.classes, classes, [old?.peer, now?.standing.peer], now?.peer);
    count(before.classes, classes, [old?.near, now?.standing.near], now?.near);
    count(before.tables, tables, [old?.table, now?.standing.table], now?.table);
  }
  return {
    standings: before.standings.with(standings),
    classes: before.classes.with(numberChanges(view.numbers, 'identities', classes)),
    tables: before.tables.with(numberChanges(view.numbers, 'named-ports', tables)),
    moved: new Set(standings.keys()),
  };
}

/**
 * What is used has its number, what is not releases it; numbers are given out in the order of the
 * texts, of which the empty one has 0.
 */
function* numberChanges<T>(
  numbers: NumberingDraft,
  space: 'identities' | 'named-ports',
  changes: ReadonlyMap<string, T | undefined>,
): Generator<MapChange<string, T & { readonly number: number }>, void> {
  for (const text of [...changes.keys()].sort(compareTexts)) {
    const used = changes.get(text);
    if (used === undefined) numbers.release(space, text);
    const number = text === '' || used === undefined ? 0 : numbers.numberOf(space, text);
    yield [text, used && { ...used, number }];
  }
}

/** Texts of kinds that came or went, or that may be in other scopes or have other names now. */
function kindsToSee(step: Step, labelsOf: NamespaceLabels): Iterable<string> {
  const { pods, before, asked, askedBefore, isRelabelled } = step;
  if (isRelabelled) return new Set([...pods.kinds.keys(), ...before.standings.keys()]);
  const texts = new Set<string>();
  for (const { before: old, after: now } of pods.changes) {
    if (old !== undefined) texts.add(old.kind.text);
    if (now !== undefined) texts.add(now.kind.text);
  }
  const scopes = differences(asked.scopes, askedBefore.scopes);
  const names = new Set(
    differences(
      new Map([...asked.portNames].map((name) => [name, name])),
      new Map([...askedBefore.portNames].map((name) => [name, name])),
    ),
  );
  if (scopes.length + names.size === 0) return texts;
  for (const [text, { kind }] of pods.kinds) {
    const isConcerned = scopes.some((scope) => isInScope(scope, kind, labelsOf));
    if (isConcerned || usedPorts(kind, names).length > 0) texts.add(text);
  }
  return texts;
}

/** Values of keys that only one of the maps has. */
function differences<V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): V[] {
  const missing = (from: ReadonlyMap<string, V>, other: ReadonlyMap<string, V>) =>
    [...from].filter(([key]) => !other.has(key)).map(([, value]) => value);
  return [...missing(a, b), ...missing(b, a)];
}

/** A class or table that has no number yet. */
type Unnumbered<T> = Omit<T, 'number'>;

/** A standing, and what it refers to where that is new. */
interface Placement {
  readonly standing: Standing;
  readonly peer: () => Unnumbered<PeerClass>;
  readonly near: () => Unnumbered<PeerClass>;
  readonly table: () => Unnumbered<PortTable>;
}

function isSameStanding(a: Standing | undefined, b: Standing | undefined): boolean {
  return a?.peer === b?.peer && a?.near === b?.near && a?.table === b?.table;
}

function standingOf(
  kind: PodKind,
  { step, index }: { readonly step: Step; readonly index: ScopeIndex },
): Placement {
  const { numbers } = step.view;
  const scopes = index.find(kind);
  const numbered = (chosen: readonly PeerScope[]) =>
    chosen
      .map(({ text }) => numbers.numberOf('selectors', text))
      .sort((a, b) => a - b)
      .join(' ');
  const nearScopes = scopes.filter(isOfOneNamespace);
  const wideScopes = scopes.filter((scope) => !isOfOneNamespace(scope));
  const peer = `every ${numbered(wideScopes)}`;
  const near = nearScopes.length === 0 ? '' : `own ${numbered(nearScopes)}`;
  const classOf = (chosen: readonly PeerScope[]) => (): Unnumbered<PeerClass> => ({
    isNear: chosen === nearScopes,
    scopes: new Set(chosen.map(({ text }) => text)),
    users: 0,
  });
  const ports = usedPorts(kind, step.asked.portNames);
  const table = ports
    .map(({ name, containerPort, protocol }) => `${name}:${containerPort}/${protocol}`)
    .sort()
    .join();
  return {
    standing: { peer, near, table },
    peer: classOf(wideScopes),
    near: classOf(nearScopes),
    table: () => ({ ports, users: 0 }),
  };
}

/** One user less of the first text and one more of the second; what nobody uses is gone. */
function count<T extends { readonly users: number }>(
  before: PersistentMap<string, T>,
  changed: Map<string, T | undefined>,
  [from, to]: readonly [string | undefined, string | undefined],
  make: (() => T) | undefined,
): void {
  if (from === to) return;
  const known = (text: string) => (changed.has(text) ? changed.get(text) : before.get(text));
  if (from !== undefined) {
    const left = known(from)!;
    changed.set(from, left.users === 1 ? undefined : { ...left, users: left.users - 1 });
  }
  if (to === undefined || make === undefined) return;
  const joined = known(to) ?? make();
  changed.set(to, { ...joined, users: joined.users + 1 });
}

/** Classes that there were not before, and classes that there are not any more. */
export function classChanges(
  before: ClassPart,
  after: ClassPart,
): { came: PeerClass[]; went: PeerClass[] } {
  const came: PeerClass[] = [];
  const went: PeerClass[] = [];
  for (const [text, now] of after.classes.changesFrom(before.classes)) {
    const old = before.classes.get(text);
    if (now === undefined) went.push(old!);
    else if (old === undefined) came.push(now);
  }
  return { came, went };
}
