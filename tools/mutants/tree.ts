// A copy of the repository in which changed sources are built and its tests run without vitest.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../root.js';

const testing = pathToFileURL(join(root, 'build/tools/mutants/testing.js')).href;

/** What `import … from 'vitest'` and its companion mean in the copy. */
const packages = {
  vitest: `export * from '${testing}';\n`,
  '@fast-check/vitest': `export { propertyTest as test, propertyTest as it } from '${testing}';
export * as fc from 'fast-check';\n`,
};

/** Compiled where it stands; types were checked elsewhere, and mutants have none. */
const compilerOptions = {
  noEmit: false,
  noCheck: true,
  rootDir: '.',
  declaration: false,
  sourceMap: false,
};

/** Makes the copy anew; `changed` has the sources that are not as they were, by path. */
export function makeTree(folder: string, changed: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true });
  const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root });
  const paths = listed.stdout.toString().split('\0').filter(Boolean);
  for (const path of [...paths, 'host/dataplane/module.gen.ts', 'dist', 'build/release.wasm']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  for (const [path, text] of Object.entries(changed)) writeInto(folder, path, text);
  linkPackages(folder);
  compile(folder);
}

/** All as they are, but for what tests are written with. */
function linkPackages(folder: string): void {
  symlinkSync(realpathSync(join(root, 'node_modules')), join(folder, 'node_modules'));
  for (const [name, text] of Object.entries(packages)) {
    const place = `test/node_modules/${name}`;
    writeInto(folder, `${place}/package.json`, '{ "type": "module", "exports": "./index.js" }\n');
    writeInto(folder, `${place}/index.js`, text);
  }
}

function compile(folder: string): void {
  const include = ['host', 'fuzz', 'test'];
  const project = JSON.stringify({ extends: './tsconfig.json', compilerOptions, include });
  writeInto(folder, 'tsconfig.mutants.json', project);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const parameters = [compiler, '-p', 'tsconfig.mutants.json'];
  const built = spawnSync(process.execPath, parameters, { cwd: folder, encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`the copy does not compile: ${built.stdout}`);
}

function writeInto(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
