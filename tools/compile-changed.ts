// Compiles the dataplane with changes to the texts of its sources: the same sources and options as
// the release, with less optimisation.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

export interface ChangedSources {
  /** Where the repository is. */
  readonly root: string;
  /** Sources that the repository does not have, by path. */
  readonly added: Readonly<Record<string, string>>;
  /** The text that stands for a source, whose path begins with `assembly/`. */
  readonly change: (path: string, text: string) => string;
  /** For the compiler, beside those of the release. */
  readonly flags?: readonly string[];
}

export interface ChangedBuild {
  /** Null where the compiler refused. */
  readonly wasm: Uint8Array | null;
  /** What the compiler said. */
  readonly messages: string;
  /** What was compiled, by path. */
  readonly texts: ReadonlyMap<string, string>;
}

export async function compileChanged(sources: ChangedSources): Promise<ChangedBuild> {
  const { root, added, change, flags: more = [] } = sources;
  const texts = new Map(Object.entries(added));
  const readSource = (path: string): string | null => {
    const text = texts.get(path) ?? readText(join(root, path));
    if (text === null || texts.has(path)) return text;
    const isOwn = path.startsWith('assembly/') && path !== 'assembly/trap.ts';
    const changed = isOwn ? change(path, text) : text;
    texts.set(path, changed);
    return changed;
  };
  let wasm: Uint8Array | null = null;
  const writeFile = (name: string, contents: string | Uint8Array): void => {
    if (name === 'changed.wasm' && typeof contents !== 'string') wasm = contents;
  };
  const flags = [...flagsOf(root), ...more, '--outFile', 'changed.wasm'];
  const host = { readFile: readSource, writeFile };
  const { error, stderr } = await asc.main(['assembly/index.ts', ...flags], host);
  return { wasm: error === null ? wasm : null, messages: stderr.toString(), texts };
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
