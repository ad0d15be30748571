// Arbitrary campaigns: what happens to a node in bulk. A command is a burst of packets that follow
// from a seed, or a change, so that thousands of packets shrink to a few commands.

import * as fc from 'fast-check';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { cluster, replacement } from './cluster.ts';

export type Command =
  /** New conversations, each opened, answered and, if it is TCP, established. */
  | { readonly kind: 'converse'; readonly seed: number; readonly count: number }
  /** More packets of conversations that were established, from either end. */
  | { readonly kind: 'continue'; readonly seed: number; readonly count: number }
  /** Packets of all kinds that nobody waits for. */
  | { readonly kind: 'stray'; readonly seed: number; readonly count: number }
  /** Openings without an answer, more than the table holds. */
  | { readonly kind: 'fill'; readonly seed: number; readonly family: 4 | 6 }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'sweep'; readonly limit: number }
  /** The node is replaced by one that starts from its snapshot. */
  | { readonly kind: 'reload' }
  | { readonly kind: 'apply'; readonly object: KubernetesObject }
  | { readonly kind: 'delete'; readonly position: number };

export interface Campaign {
  readonly objects: readonly KubernetesObject[];
  readonly commands: readonly Command[];
}

const waits = [1, 2001, 10_001, 30_001, 60_001, 120_001, 86_400_001];

function command(): fc.Arbitrary<Command> {
  const seed = fc.integer({ min: 1 });
  const burst = <K extends 'converse' | 'continue' | 'stray'>(kind: K, most: number) =>
    fc.record({
      kind: fc.constant(kind),
      seed,
      count: fc.integer({ min: 1, max: most }),
    });
  const fill = fc.record({
    kind: fc.constant('fill' as const),
    seed,
    family: fc.constantFrom(4 as const, 6 as const),
  });
  const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(...waits) });
  const sweep = fc.record({
    kind: fc.constant('sweep' as const),
    limit: fc.constantFrom(1, 7, 64, 100_000),
  });
  const apply = fc.record({ kind: fc.constant('apply' as const), object: replacement() });
  const remove = fc.record({ kind: fc.constant('delete' as const), position: fc.nat({ max: 15 }) });
  return fc.oneof(
    { weight: 8, arbitrary: burst('converse', 200) },
    { weight: 6, arbitrary: burst('continue', 400) },
    { weight: 4, arbitrary: burst('stray', 600) },
    { weight: 1, arbitrary: fill },
    { weight: 2, arbitrary: wait },
    { weight: 3, arbitrary: sweep },
    { weight: 1, arbitrary: fc.constant({ kind: 'reload' as const }) },
    { weight: 2, arbitrary: apply },
    { weight: 1, arbitrary: remove },
  );
}

/** A cluster, and what happens to one of its nodes. */
export function campaign(maxLength = 24): fc.Arbitrary<Campaign> {
  return fc.record({
    objects: cluster(),
    commands: fc.array(command(), { minLength: 1, maxLength, size: 'max' }),
  });
}
