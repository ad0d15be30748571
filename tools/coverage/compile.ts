// Compiles the dataplane with counters (`instrument.ts`).

import { compileChanged } from '../compile-changed.ts';
import { counterModule, counterSource, instrument, type Point } from './instrument.ts';

export interface CountedBuild {
  readonly wasm: Uint8Array;
  /** In the order of their counters. */
  readonly points: readonly Point[];
}

/** Enough for every point; compilation fails when it is not. */
const countersBytes = 16_384;

/**
 * The dataplane of the repository at `root` with counters. `change` may plant a fault in the text
 * of a source, whose path begins with `assembly/`. Throws Error with what the compiler says.
 */
export async function compileCounted(
  root: string,
  change: (path: string, text: string) => string = (_, text) => text,
): Promise<CountedBuild> {
  const points: Point[] = [];
  const { wasm, messages } = await compileChanged({
    root,
    added: { [counterModule]: counterSource(countersBytes) },
    change: (path, text) => instrument(path, change(path, text), points),
  });
  if (wasm === null) throw new Error(messages);
  if (points.length > countersBytes)
    throw new Error(`${points.length} points; raise countersBytes`);
  return { wasm, points };
}
