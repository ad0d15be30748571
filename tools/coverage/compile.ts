// Compiles the dataplane with counters (`instrument.ts`): the same sources and options as the
// release, with less optimisation.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';
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
  const texts = new Map([[counterModule, counterSource(countersBytes)]]);
  const readSource = (path: string): string | null => {
    const text = texts.get(path) ?? readText(join(root, path));
    if (text === null || texts.has(path)) return text;
    const isCounted = path.startsWith('assembly/') && path !== 'assembly/trap.ts';
    const counted = isCounted ? instrument(path, change(path, text), points) : text;
    texts.set(path, counted);
    return counted;
  };
  let wasm: Uint8Array | undefined;
  const writeFile = (name: string, contents: string | Uint8Array): void => {
    if (name === 'counted.wasm' && typeof contents !== 'string') wasm = contents;
  };
  const flags = [...flagsOf(root), '--outFile', 'counted.wasm'];
  const host = { readFile: readSource, writeFile };
  const { error, stderr } = await asc.main(['assembly/index.ts', ...flags], host);
  if (error !== null || wasm === undefined) throw new Error(stderr.toString());
  if (points.length > countersBytes)
    throw new Error(`${points.length} points; raise countersBytes`);
  return { wasm, points };
}

function flagsOf(root: string): string[] {
  const { options } = JSON.parse(readFileSync(join(root, 'asconfig.json'), 'utf8'));
  return [
    ...options.use.flatMap((use: string) => ['--use', use]),
    ...options.enable.flatMap((feature: string) => ['--enable', feature]),
    ...['--runtime', options.runtime, '--baseDir', root, '--config', 'none', '-O1', '--debug'],
  ];
}

/** The compiler asks for files that there are not, too. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
