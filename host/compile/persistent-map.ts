// A map that does not change: `with` makes another that shares with it all but what differs, so
// that two versions are told apart without looking at what they have in common. Knows nothing of
// what it holds. A trie of fixed depth over the hash of the key, with small maps as its leaves.

const branching = 64;
const branchBits = 6;

type Leaf<K, V> = Map<K, V>;
type Branch<K, V> = (Leaf<K, V> | undefined)[];
type Root<K, V> = (Branch<K, V> | undefined)[];

/** A key, and the value it has from now on: undefined takes it out. */
export type MapChange<K, V> = readonly [key: K, value: V | undefined];

/** Values are never undefined. The order of the entries means nothing. */
export class PersistentMap<K extends string | number, V> {
  readonly size: number;
  readonly #root: Readonly<Root<K, V>>;

  /** `PersistentMap.of` and `with` are for everybody else. */
  private constructor(root: Readonly<Root<K, V>>, size: number) {
    this.#root = root;
    this.size = size;
  }

  /** Of two entries with one key the later one counts. */
  static of<K extends string | number, V>(
    entries: Iterable<readonly [K, V]> = [],
  ): PersistentMap<K, V> {
    return new PersistentMap<K, V>([], 0).with(entries);
  }

  get(key: K): V | undefined {
    const hash = hashKey(key);
    return this.#root[rootIndex(hash)]?.[branchIndex(hash)]?.get(key);
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  *[Symbol.iterator](): Generator<[K, V], void> {
    for (const branch of this.#root) {
      for (const leaf of branch ?? []) if (leaf !== undefined) yield* leaf;
    }
  }

  *keys(): Generator<K, void> {
    for (const [key] of this) yield key;
  }

  *values(): Generator<V, void> {
    for (const [, value] of this) yield value;
  }

  /** The map after these changes, in their order; itself if they change nothing. */
  with(changes: Iterable<MapChange<K, V>>): PersistentMap<K, V> {
    const root = this.#root.slice();
    /** What this call has made, and may therefore change in place. */
    const own = new Set<Leaf<K, V> | Branch<K, V>>();
    let { size } = this;
    let isChanged = false;
    for (const [key, value] of changes) {
      const hash = hashKey(key);
      const before = root[rootIndex(hash)]?.[branchIndex(hash)]?.get(key);
      if (before === value) continue;
      const leaf = ownLeaf(root, hash, own);
      if (value === undefined) leaf.delete(key);
      else leaf.set(key, value);
      size += (value === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
      isChanged = true;
    }
    return isChanged ? new PersistentMap(root, size) : this;
  }

  /** The changes that `with` would need to make this map of the other, each once. */
  *changesFrom(other: PersistentMap<K, V>): Generator<MapChange<K, V>, void> {
    if (other === this) return;
    for (let at = 0; at < branching; at++) {
      const [before, after] = [other.#root[at], this.#root[at]];
      if (before === after) continue;
      for (let leaf = 0; leaf < branching; leaf++) {
        const [was, is] = [before?.[leaf], after?.[leaf]];
        if (was !== is) yield* leafChanges(was, is);
      }
    }
  }
}

function* leafChanges<K, V>(
  before: Leaf<K, V> | undefined,
  after: Leaf<K, V> | undefined,
): Generator<MapChange<K, V>, void> {
  for (const key of before?.keys() ?? []) if (after?.has(key) !== true) yield [key, undefined];
  for (const [key, value] of after ?? []) if (before?.get(key) !== value) yield [key, value];
}

/** The leaf at a hash, copied unless this call has made it. */
function ownLeaf<K, V>(
  root: Root<K, V>,
  hash: number,
  own: Set<Leaf<K, V> | Branch<K, V>>,
): Leaf<K, V> {
  let branch = root[rootIndex(hash)];
  if (branch === undefined || !own.has(branch)) {
    branch = branch?.slice() ?? [];
    own.add(branch);
    root[rootIndex(hash)] = branch;
  }
  let leaf = branch[branchIndex(hash)];
  if (leaf === undefined || !own.has(leaf)) {
    leaf = new Map(leaf);
    own.add(leaf);
    branch[branchIndex(hash)] = leaf;
  }
  return leaf;
}

function rootIndex(hash: number): number {
  return (hash >>> branchBits) % branching;
}

function branchIndex(hash: number): number {
  return hash % branching;
}

/** FNV-1a, finished with the mixer of MurmurHash3; unsigned. */
function hashKey(key: string | number): number {
  const text = `${key}`;
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
