// A ruleset against the classes of pods there are: which classes it says something special about.
// Every other pod gets what a pod without labels gets, so that a selector that means (nearly) every
// pod costs no entry for each class. Knows no addresses.

import type { PeerClass } from './peer-classes.ts';
import { rulePods, type Ruleset } from './ruleset.ts';
import type { PortSetView } from './ruling.ts';

/** The classes that a ruleset tells apart from a pod without labels, by identity. */
export type PeerRow = ReadonlyMap<number, PortSetView>;

/** A ruleset, its row, and the port sets that the two refer to. */
export interface PolicyRow {
  readonly number: number;
  readonly ruleset: Ruleset;
  readonly row: PeerRow;
  readonly sets: ReadonlySet<PortSetView>;
}

export function rowOf(number: number, ruleset: Ruleset, row: PeerRow): PolicyRow {
  const ofBlocks = ruleset.blocks.map(({ ports }) => ports);
  const sets = new Set([ruleset.any, ruleset.pods, ...ofBlocks, ...row.values()]);
  return { number, ruleset, row, sets };
}

/** Classes by the scopes they are in. */
export class ClassIndex {
  readonly #list: () => Iterable<PeerClass>;
  #classes: readonly PeerClass[] | null = null;
  #byScope: Map<string, PeerClass[]> | null = null;

  /** `list` is asked at most once, and only if some row needs the index. */
  constructor(list: () => Iterable<PeerClass>) {
    this.#list = list;
  }

  /** Every class that the ruleset may tell from a pod without labels. */
  candidates({ scopes, nameless }: Ruleset): Iterable<PeerClass> {
    if (nameless.size > 0) return this.#all();
    const byScope = this.#index();
    return new Set([...scopes.keys()].flatMap((text) => byScope.get(text) ?? []));
  }

  #all(): readonly PeerClass[] {
    this.#classes ??= [...this.#list()];
    return this.#classes;
  }

  #index(): ReadonlyMap<string, PeerClass[]> {
    if (this.#byScope !== null) return this.#byScope;
    this.#byScope = new Map();
    for (const peer of this.#all()) {
      for (const text of peer.scopes) {
        const list = this.#byScope.get(text);
        if (list === undefined) this.#byScope.set(text, [peer]);
        else list.push(peer);
      }
    }
    return this.#byScope;
  }
}

/** The whole row. */
export function compileRow(ruleset: Ruleset, index: ClassIndex): PeerRow {
  const row = new Map<number, PortSetView>();
  for (const peer of index.candidates(ruleset)) {
    const ports = tellApart(ruleset, peer);
    if (ports !== null) row.set(peer.number, ports);
  }
  return row;
}

/** The row after classes came and others went; itself if that changes nothing. */
export function changeRow(
  ruleset: Ruleset,
  row: PeerRow,
  { came, went }: { readonly came: readonly PeerClass[]; readonly went: readonly PeerClass[] },
): PeerRow {
  const changed = new Map(row);
  for (const { number } of went) changed.delete(number);
  let isChanged = changed.size < row.size;
  for (const peer of came) {
    const ports = tellApart(ruleset, peer);
    if (ports === null) continue;
    changed.set(peer.number, ports);
    isChanged = true;
  }
  return isChanged ? changed : row;
}

/** What the ruleset says of the class, or null where that is what it says of any pod. */
function tellApart(ruleset: Ruleset, peer: PeerClass): PortSetView | null {
  const { scopes, nameless, pods } = ruleset;
  const shared = [...scopes.keys()].filter((text) => peer.scopes.has(text));
  if (peer.isNear) return shared.length === 0 ? null : rulePods(ruleset, shared);
  if (shared.length === nameless.size && shared.every((text) => nameless.has(text))) return null;
  const ports = rulePods(ruleset, shared);
  return ports.text === pods.text ? null : ports;
}
