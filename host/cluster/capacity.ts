// How large an instance is made for what it has to hold: sized once, never grown. Knows sizes of
// maps, not their meaning.

import { maps, type Capacity, type MapName } from '../abi/abi.gen.ts';
import type { DesiredMap, DesiredState } from '../compile/desired.ts';
import { capacityOfMap, defaultCapacity } from '../dataplane/capacity.ts';

/** Room left for what is applied later: so many times what is there at the start. */
const headroom = 2;

/**
 * The capacities for a desired state: for each map twice its size, and never less than the default.
 * What the caller gives is taken as it is. The seed is that of every hash and every choice.
 */
export function capacityFor(
  desired: DesiredState,
  seed: number,
  given: Partial<Capacity> = {},
): Capacity {
  const capacity: Capacity = { ...defaultCapacity, ...splitSeed(seed) };
  for (const [name, entries] of Object.entries(desired) as [MapName, DesiredMap][]) {
    const sizedBy = capacityOfMap[name];
    if (sizedBy === undefined) continue;
    const size = maps[name].kind === 'array' ? largestKey(entries.keys()) + 1 : entries.size;
    capacity[sizedBy] = Math.max(capacity[sizedBy], headroom * size);
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
