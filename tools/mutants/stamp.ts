// Tells whether anything has changed in folders.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A hash of the names and contents of all files below folders of the working directory. */
export function hashFolders(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const name of readdirSync(folder, { recursive: true }).map(String).toSorted()) {
      if (!/\.(ts|yaml|json|pcapng|wasm)$/.test(name)) continue;
      const path = join(folder, name);
      hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex');
}
