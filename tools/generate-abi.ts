// Prints host/abi/abi.gen.ts and assembly/abi/hash.gen.ts from assembly/abi. With --check nothing
// is written: it fails if a committed file differs from what would be printed.

import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { printAssemblyHash, printHostAbi } from './print-abi.ts';
import { readSchema } from './schema.ts';

/** Path from the root of the repository to text, for each generated file. */
export async function generateAbi(root: string): Promise<Map<string, string>> {
  const schema = await readSchema(root);
  return new Map([
    ['host/abi/abi.gen.ts', printHostAbi(schema)],
    ['assembly/abi/hash.gen.ts', printAssemblyHash(schema)],
  ]);
}

/** Paths of the generated files whose committed text differs; unless `check`, they are written. */
async function refresh(root: string, check: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of await generateAbi(root)) {
    const file = join(root, path);
    const committed = await readFile(file, 'utf8').catch(() => null);
    if (committed === text) continue;
    stale.push(path);
    if (!check) await writeFile(file, text);
  }
  return stale;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
  const check = process.argv.includes('--check');
  const stale = await refresh(root, check);
  for (const path of stale) console.log(check ? `${path} is out of date` : `${path} written`);
  if (check && stale.length > 0) {
    console.error('assembly/abi changed; run `npm run generate` and commit what it writes');
    process.exitCode = 1;
  }
}
