// Live connections, and what else packets left behind, as one file: a header in names, and raw
// regions. Restored into a dataplane of the same node, whatever numbers its objects have there.
// Knows no packets and no file system.

import { Packr, Unpackr } from 'msgpackr';
import { ABI_HASH } from '../abi/abi.gen.ts';
import type { Names } from '../compile/desired.ts';
import type { Instance } from '../dataplane/instance.ts';
import {
  entriesOf,
  entryShape,
  isPristine,
  layoutOf,
  readRegion,
  rememberedMaps,
  type Region,
  type RememberedMap,
} from '../dataplane/regions.ts';
import { InputError } from '../problem.ts';
import { nameNumbers, numberNames, renumber, type NumberNames } from './renumber.ts';

/** The file: a map of MessagePack. */
interface SnapshotFile {
  readonly kind: 'podplane.io/snapshot';
  readonly version: 1;
  /** Hash of the whole boundary of the version that wrote it: for people. */
  readonly abi: number;
  readonly node: string;
  /** How the entries of each map that has some are laid out. */
  readonly layouts: Readonly<Partial<Record<RememberedMap, string>>>;
  readonly names: NumberNames;
  readonly regions: Readonly<Partial<Record<RememberedMap, Region>>>;
}

/** What was restored: entries by map. */
export interface RestoreReport {
  readonly restored: Readonly<Record<RememberedMap, number>>;
  /** Entries about a Service or a port that this node does not have. */
  readonly forgotten: number;
}

/** What a snapshot is taken of, and restored into. */
export interface SnapshotSubject {
  readonly node: string;
  readonly instance: Instance;
  readonly names: Names;
}

/** Records would need `new Function`, which a page may forbid. */
const packing = { useRecords: false, mapsAsObjects: true } as const;

/** Everything that later packets depend on, as bytes. */
export function takeSnapshot({ node, instance, names }: SnapshotSubject): Uint8Array {
  const regions: Partial<Record<RememberedMap, Region>> = {};
  const layouts: Partial<Record<RememberedMap, string>> = {};
  for (const name of rememberedMaps) {
    const region = readRegion(instance, name);
    if (region.length === 0) continue;
    regions[name] = region;
    layouts[name] = layoutOf(name);
  }
  const file: SnapshotFile = {
    kind: 'podplane.io/snapshot',
    version: 1,
    abi: ABI_HASH,
    node,
    layouts,
    names: nameNumbers(regions, names),
    regions,
  };
  return new Packr(packing).pack(file);
}

/**
 * Enters what a snapshot holds into a dataplane that no packet has left anything behind in: all of
 * it or nothing. Throws InputError for a file that is no snapshot, of another layout or node, or
 * larger than the dataplane, with the cure.
 */
export function restoreSnapshot(
  subject: SnapshotSubject,
  bytes: Uint8Array,
  name = 'snapshot',
): RestoreReport {
  const file = readFile(bytes, name);
  const problem = findObstacle(subject, file);
  if (problem !== null) throw new InputError([{ file: name, ...problem }]);
  const restored = Object.fromEntries(rememberedMaps.map((map) => [map, 0]));
  let forgotten = 0;
  const numbers = numberNames(file.names, subject.names);
  for (const map of rememberedMaps) {
    // A copy, for its numbers are changed.
    const region = file.regions[map]?.slice() ?? new Uint8Array();
    for (const entry of entriesOf(map, region)) {
      if (renumber(map, entry, numbers)) {
        subject.instance.map(map).restoreBytes(entry.key, entry.value);
        restored[map]! += 1;
      } else {
        forgotten += 1;
      }
    }
  }
  return { restored: restored as Record<RememberedMap, number>, forgotten };
}

function readFile(bytes: Uint8Array, name: string): SnapshotFile {
  let content: unknown;
  try {
    content = new Unpackr(packing).unpack(bytes);
  } catch {
    content = null;
  }
  const file = content as Partial<SnapshotFile> | null;
  if (file?.kind === 'podplane.io/snapshot' && file.version === 1) return file as SnapshotFile;
  const expected = 'what `snapshot` of a dataplane, or `podplane replay --snapshot`, has written';
  throw new InputError([{ file: name, message: 'this is no snapshot of version 1', expected }]);
}

interface Obstacle {
  readonly message: string;
  readonly expected: string;
}

/** Why a snapshot cannot be restored, in the order in which it is asked; null if it can. */
function findObstacle({ node, instance }: SnapshotSubject, file: SnapshotFile): Obstacle | null {
  if (file.node !== node) {
    const expected = `the dataplane of node ${file.node}`;
    return { message: `it was taken of another node than ${node}`, expected };
  }
  if (!isPristine(instance)) {
    const expected = 'restore it first, into a new one';
    return { message: 'this dataplane has connections of its own', expected };
  }
  for (const map of rememberedMaps) {
    if (file.regions[map] === undefined || file.layouts[map] === layoutOf(map)) continue;
    const message = `map ${map} was laid out otherwise by ABI 0x${file.abi.toString(16)}`;
    return { message, expected: 'restore it with the version that wrote it' };
  }
  return findShortage(instance, file);
}

/** What the dataplane has too little room for. */
function findShortage({ capacity }: Instance, { regions }: SnapshotFile): Obstacle | null {
  const needs = { connections4: 0, connections6: 0, affinities: 0, fragments: 0, frontends: 0 };
  const sizedBy = { affinities: 'affinities', fragments: 'fragments', turns: 'frontends' } as const;
  for (const { key } of entriesOf('connections', regions.connections ?? new Uint8Array())) {
    needs[isMapped(key) ? 'connections4' : 'connections6'] += 1;
  }
  for (const map of ['affinities', 'fragments', 'turns'] as const) {
    const { keyBytes, valueBytes } = entryShape(map);
    needs[sizedBy[map]] = (regions[map]?.length ?? 0) / (keyBytes + valueBytes);
  }
  for (const [name, needed] of Object.entries(needs) as [keyof typeof needs, number][]) {
    if (needed <= capacity[name]) continue;
    const message = `it needs capacity ${name} ${needed}, this dataplane has ${capacity[name]}`;
    return { message, expected: 'create it with a larger one' };
  }
  return null;
}

/** Whether an address is an IPv4 one in its 16-byte form. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
}
