// How large an instance is made for what it has to hold: sized once, never grown. Knows sizes of
// maps, not their meaning.

import { maps, type Capacity, type MapName } from '../abi/abi.gen.ts';
import type { DesiredMap, DesiredState } from '../compile/desired.ts';
import { restingServiceNumbers } from '../compile/numbering.ts';
import { capacityOfMap, defaultCapacity } from '../dataplane/capacity.ts';

/** Room left for what is applied later: so many times what is there at the start. */
const headroom = 2;

/**
 * What a node of a whole cluster has at least: little, because there may be many. A few packets at
 * a time, and some thousand connections.
 */
export const smallCapacity: Readonly<Capacity> = {
  vectorPackets: 16,
  blockBytes: 16 * 1024,
  traceSteps: 512,
  ports: 64,
  prefixes: 256,
  frontends: 64,
  services: 64,
  endpoints: 256,
  affinities: 256,
  identities: 64,
  policies: 256,
  portSets: 64,
  rulesets: 64,
  connections4: 4096,
  connections6: 1024,
  fragments: 16,
  heldFragments: 16,
  heldBytes: 32 * 1024,
  maglevSlots: 64,
  seedLow: 1,
  seedHigh: 0,
};

export interface CapacityOptions {
  /** That of every hash and every choice. */
  readonly seed: number;
  /** Never less than this, unless it is given; `defaultCapacity` by default. */
  readonly least?: Readonly<Capacity>;
  /** Taken as it is. */
  readonly given?: Partial<Capacity>;
}

/** The capacities for a desired state: for each map twice its size, and what rests of numbers. */
export function capacityFor(
  desired: DesiredState,
  { seed, least = defaultCapacity, given = {} }: CapacityOptions,
): Capacity {
  const capacity: Capacity = { ...least, ...splitSeed(seed) };
  for (const [name, entries] of Object.entries(desired) as [MapName, DesiredMap][]) {
    const sizedBy = capacityOfMap[name];
    if (sizedBy === undefined) continue;
    const size = maps[name].kind === 'array' ? largestKey(entries.keys()) + 1 : entries.size;
    const resting = name === 'services' ? restingServiceNumbers : 0;
    capacity[sizedBy] = Math.max(capacity[sizedBy], headroom * size + resting);
  }
  return { ...capacity, ...given };
}

function splitSeed(seed: number): Pick<Capacity, 'seedLow' | 'seedHigh'> {
  return { seedLow: seed >>> 0, seedHigh: Math.floor(seed / 2 ** 32) >>> 0 };
}

/** Keys of array maps are four bytes, little-endian. */
function largestKey(keys: Iterable<string>): number {
  let largest = 0;
  for (const key of keys) {
    const bytes = [3, 2, 1, 0].map((index) => key.charCodeAt(index));
    largest = Math.max(
      largest,
      bytes.reduce((value, byte) => value * 256 + byte, 0),
    );
  }
  return largest;
}
