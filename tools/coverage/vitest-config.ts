// The tests on the module with counters, in place of the one that is embedded. Left out is what is
// about the sources or about other builds of the module.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { visitedFolder } from './files.ts';

const root = join(import.meta.dirname, '../..');
const countedModule = fileURLToPath(new URL('./counted-module.ts', import.meta.url));
const collector = fileURLToPath(new URL('./collect.ts', import.meta.url));

rmSync(join(root, visitedFolder), { recursive: true, force: true });

export default defineConfig({
  root,
  resolve: { alias: [{ find: /^\.\/module\.gen\.ts$/, replacement: countedModule }] },
  test: {
    include: ['test/{assembly,golden,host,property,scenario}/**/*.test.ts'],
    // They run modules with counters of their own.
    exclude: ['test/property/guided*.test.ts'],
    setupFiles: [collector],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
