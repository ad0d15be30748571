// ipBlocks of all rules -> classes of addresses that are in the same blocks. Knows no rules.
// Longest-prefix matching finds one prefix, but an address is allowed by every block that contains
// it: so a class stands for all of them.

import { formatPrefix } from '../net/prefix.ts';
import type { Entry } from './entries.ts';
import type { IpBlock } from './ip-block.ts';
import { nestSpans, type Nest } from './nesting.ts';
import type { NumberingDraft } from './numbering.ts';
import { prefixKey } from './prefix-key.ts';

export interface BlockClasses {
  /** Entries of map `blocks`. */
  readonly entries: readonly Entry<'blocks'>[];
  /** Class -> the blocks that contain its addresses; class 0, of addresses in none, is left out. */
  readonly blocks: ReadonlyMap<number, readonly IpBlock[]>;
}

/** Classes of the blocks given; equal blocks may be given more than once. */
export function classifyBlocks(given: readonly IpBlock[], numbers: NumberingDraft): BlockClasses {
  const distinct = new Map(given.map((block) => [block.text, block]));
  const sorted = [...distinct.values()].toSorted((a, b) => (a.text < b.text ? -1 : 1));
  const nests = nestSpans(sorted.map((block) => ({ ...block, item: block })));
  const blocks = new Map<number, readonly IpBlock[]>();
  const entries = nests.map((nest): Entry<'blocks'> => {
    const number = numberOf(nest, numbers);
    if (number !== 0) blocks.set(number, nest.items);
    return [prefixKey(nest.prefix), { block: number }];
  });
  return { entries, blocks };
}

/** What the blocks of a class are called: each CIDR once. */
export function nameBlocks({ blocks }: BlockClasses): Map<number, readonly string[]> {
  return new Map(
    [...blocks].map(([number, items]) => [
      number,
      [...new Set(items.map(({ prefix }) => formatPrefix(prefix)))],
    ]),
  );
}

function numberOf({ items }: Nest<IpBlock>, numbers: NumberingDraft): number {
  if (items.length === 0) return 0;
  return numbers.numberOf('blocks', items.map((block) => block.text).join(' '));
}
