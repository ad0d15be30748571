// Puts the release module into a source file as text, so that the package's entry carries it
// everywhere.

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const wasm = await readFile(join(root, 'build/release.wasm'));
await writeFile(
  join(root, 'host/dataplane/module.gen.ts'),
  '// Generated from build/release.wasm by tools/embed.ts.\n\n' +
    '/** The dataplane as a WebAssembly module, in base64. */\n' +
    `export const moduleBase64 =\n  '${wasm.toString('base64')}';\n`,
);
