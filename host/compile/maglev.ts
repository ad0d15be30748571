// Maglev tables: consistent hashing with an even share for everybody, where few keys move when the
// endpoints change. Pure; knows no maps.
// Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", 3.4.

import { hashText } from '../controllers/hash.ts';

/**
 * Table sizes, prime, each for up to a hundredth as many endpoints, so that shares differ by a
 * hundredth at most. They are few and far apart, because another size moves nearly every key: a
 * Service pays that when it passes 10 and 163 endpoints, and at no other time.
 */
const sizes = [1021, 16_381, 131_071];
const slotsPerEndpoint = 100;

/** Makes the second hash begin at the prime of FNV-1a instead of its basis. */
const skipSeed = 0x801c9c56;

/** Slots of the table of so many endpoints; 0 where there is nothing to choose. */
export function tableSize(endpoints: number): number {
  if (endpoints < 2) return 0;
  return sizes.find((size) => size >= endpoints * slotsPerEndpoint) ?? sizes.at(-1)!;
}

/**
 * For each slot the position of an endpoint in `names`, which are told apart by their texts. Each
 * endpoint has an order of its own in which it wants the slots; they take turns.
 */
export function fillTable(names: readonly string[], size: number): Uint32Array {
  const free = names.length;
  const table = new Uint32Array(size).fill(free);
  const wishes = names.map((name) => ({
    next: hashText(name) % size,
    skip: (hashText(name, skipSeed) % (size - 1)) + 1,
  }));
  for (let filled = 0; filled < size; filled++) {
    const turn = filled % names.length;
    const wish = wishes[turn]!;
    while (table[wish.next] !== free) wish.next = (wish.next + wish.skip) % size;
    table[wish.next] = turn;
  }
  return table;
}
