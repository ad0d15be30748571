// Choosing free numbers and addresses. A choice starts at a hash of the object's name and takes the
// next free place, so that it depends on the object's own name wherever nobody else stands there.
// Knows no kinds of objects.

import { addressAt, prefixSize, type Prefix } from '../net/prefix.ts';
import { hashText } from './hash.ts';

/**
 * Both ends are included. New numbers start at `preferred` or above; below it is used when all else
 * is taken.
 */
export interface NumberRange {
  readonly first: number;
  readonly preferred: number;
  readonly last: number;
}

/** Address -> key of the object that has it. */
export type AddressClaims = Map<string, string>;

export interface AddressPool {
  readonly blocks: readonly { readonly prefix: Prefix; readonly range: NumberRange }[];
  readonly claims: AddressClaims;
  /** Set when an allocation has failed: addresses are never given back within one completion. */
  isExhausted: boolean;
}

/** Positions looked at in a large block: enough for any cluster, and exact as a number. */
const MAX_BLOCK_SIZE = 2 ** 20;

/** Where the search for `key` begins. */
export function startFor(range: NumberRange, key: string): number {
  return range.preferred + (hashText(key) % (range.last - range.preferred + 1));
}

/**
 * The first free number from `start` upwards, then from the preferred part's first, then of those
 * below it; null when none is left.
 */
export function findFree(
  { first, preferred, last }: NumberRange,
  start: number,
  isTaken: (candidate: number) => boolean,
): number | null {
  const parts = [
    [start, last],
    [preferred, start - 1],
    [first, preferred - 1],
  ] as const;
  for (const [from, to] of parts) {
    for (let candidate = from; candidate <= to; candidate++) {
      if (!isTaken(candidate)) return candidate;
    }
  }
  return null;
}

/**
 * The addresses of a block that can be given out, without `reserved` at its start (network address,
 * gateway) and without IPv4's broadcast address. Blocks too small for that are used whole.
 */
export function usableRange(prefix: Prefix, reserved: number): NumberRange {
  const size = Math.min(prefixSize(prefix), MAX_BLOCK_SIZE);
  if (size <= reserved + 1) return { first: 0, preferred: 0, last: size - 1 };
  const last = prefix.family === 4 ? size - 2 : size - 1;
  return { first: reserved, preferred: reserved, last };
}

/** Blocks of one family, in the order in which they are filled. */
export function createPool(
  prefixes: readonly Prefix[],
  claims: AddressClaims,
  rangeOf: (prefix: Prefix) => NumberRange,
): AddressPool {
  const blocks = prefixes.map((prefix) => ({ prefix, range: rangeOf(prefix) }));
  return { blocks, claims, isExhausted: false };
}

/** A free address for `owner`, claimed; null when the pool has none left. */
export function allocateAddress(
  pool: AddressPool,
  owner: string,
  startOf: (range: NumberRange) => number = (range) => startFor(range, owner),
): string | null {
  if (pool.isExhausted) return null;
  for (const { prefix, range } of pool.blocks) {
    const isTaken = (index: number) => pool.claims.has(addressAt(prefix, index));
    const index = findFree(range, startOf(range), isTaken);
    if (index === null) continue;
    const address = addressAt(prefix, index);
    pool.claims.set(address, owner);
    return address;
  }
  pool.isExhausted = true;
  return null;
}

/** Whether the address was free, or the owner's already; claims it if so. */
export function claimAddress(claims: AddressClaims, address: string, owner: string): boolean {
  const holder = claims.get(address);
  if (holder === undefined) claims.set(address, owner);
  return holder === undefined || holder === owner;
}
