// Maglev tables: consistent hashing with an even share for everybody, where few keys move when the
// endpoints change. Pure; knows no maps.
// Source: Eisenbud et al., "Maglev: A Fast and Reliable Software Network Load Balancer", section 3.4.

/** Primes that Linux's `mh` offers as table sizes (net/netfilter/ipvs/ip_vs_mh.c). */
const primes = [251, 509, 1021, 2039, 4093, 8191, 16_381, 32_749, 65_521, 131_071];

/** With so many slots for each endpoint the shares differ by about a hundredth. */
const slotsPerEndpoint = 100;

/** Slots of the table of so many endpoints: a prime; 0 where there is nothing to choose. */
export function tableSize(endpoints: number): number {
  if (endpoints < 2) return 0;
  return primes.find((prime) => prime >= endpoints * slotsPerEndpoint) ?? primes.at(-1)!;
}

/**
 * For each slot the position of an endpoint in `names`, which are told apart by their texts. Each
 * endpoint has an order of its own in which it wants the slots; they take turns.
 */
export function fillTable(names: readonly string[], size: number): Uint32Array {
  const free = names.length;
  const table = new Uint32Array(size).fill(free);
  const wishes = names.map((name) => ({
    next: hashText(name, 0x811c9dc5) % size,
    skip: (hashText(name, 0x01000193) % (size - 1)) + 1,
  }));
  for (let filled = 0; filled < size; filled++) {
    const turn = filled % names.length;
    const wish = wishes[turn]!;
    while (table[wish.next] !== free) wish.next = (wish.next + wish.skip) % size;
    table[wish.next] = turn;
  }
  return table;
}

/** FNV-1a with the finish of MurmurHash3; 32 bits. */
function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
