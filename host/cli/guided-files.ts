// What guided fuzzing starts from, in a clone: the module with counters, real captures and their
// manifests.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UsageError } from './command.ts';

export interface GuidedFiles {
  readonly counted: {
    readonly module: WebAssembly.Module;
    /** Stands in memory before the counters. */
    readonly mark: string;
    readonly points: readonly { readonly path: string }[];
  };
  readonly captures: readonly Uint8Array[];
  readonly manifests: readonly Uint8Array[];
}

const root = dirname(createRequire(import.meta.url).resolve('podplane/package.json'));
const folder = join(root, 'examples/captures');

/** Throws UsageError in a package, which has no module with counters. */
export function readGuidedFiles(): GuidedFiles {
  const [wasm, points] = ['counted.wasm', 'counted.json'].map((name) => join(root, 'build', name));
  if (!existsSync(wasm!)) {
    throw new UsageError(
      'the dataplane with counters is not in this package',
      'run it from a clone: npm run fuzz -- --guided',
    );
  }
  const written = JSON.parse(readFileSync(points!, 'utf8')) as Omit<
    GuidedFiles['counted'],
    'module'
  >;
  const names = readdirSync(folder).toSorted();
  const read = (name: string): Uint8Array => {
    const bytes = readFileSync(join(folder, name));
    return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  };
  return {
    counted: { ...written, module: new WebAssembly.Module(readFileSync(wasm!)) },
    captures: names.filter((name) => /\.pcap(\.gz)?$/.test(name)).map(read),
    manifests: names.filter((name) => /\.(json|yaml)$/.test(name)).map(read),
  };
}
