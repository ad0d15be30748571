// A copy of the repository in which faults are planted, one at a time: what was there is put back
// afterwards. Knows how to build the module, not who is to find a fault.

import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plant, type Fault } from './fault.js';
import { root } from './root.js';

/** What carries the module into the host. */
export const moduleFile = 'host/dataplane/module.gen.ts';

/** What a source of the host becomes. */
export function builtFile(source: string): string {
  return `dist/${source.replace(/\.ts$/, '.js')}`;
}

export class FaultyCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'podplane-faults-'));

  /** What git knows of, and what was built of it. */
  constructor() {
    const listed = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root });
    const paths = listed.stdout.toString().split('\0').filter(Boolean);
    for (const path of [...paths, 'build', 'dist', moduleFile]) {
      cpSync(join(root, path), join(this.folder, path), { recursive: true });
    }
    symlinkSync(realpathSync(join(root, 'node_modules')), join(this.folder, 'node_modules'));
  }

  /** Calls while the fault is in the sources, and in the module that was built of them. */
  async with<T>(fault: Fault, call: () => T | Promise<T>): Promise<T> {
    const { file } = fault;
    const isAssembly = file.startsWith('assembly/');
    const changed = isAssembly ? moduleFile : file;
    const restore = [file, changed, builtFile(changed)].map((path) => this.#remember(path));
    try {
      writeFileSync(join(this.folder, file), plant(fault, readFileSync(join(root, file), 'utf8')));
      if (isAssembly) this.#buildModule(file);
      return await call();
    } finally {
      for (const putBack of restore) putBack();
    }
  }

  /** Runs a program of Node's in the copy, to its end. */
  run(parameters: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, parameters, {
      cwd: this.folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Not optimised: that is built in a fraction of the time, and hardly slower for tests. */
  #buildModule(file: string): void {
    const compiler = 'node_modules/assemblyscript/bin/asc.js';
    const target = ['--config', 'asconfig.json', '--target', 'debug'];
    const built = this.run([compiler, ...target, '--outFile', 'build/release.wasm']);
    const embedded = this.run(['build/tools/embed.js']);
    if (built.status === 0 && embedded.status === 0) return;
    throw new Error(`with its fault ${file} does not compile: ${built.stderr}`);
  }

  #remember(path: string): () => void {
    const inCopy = join(this.folder, path);
    const sound = readFileSync(inCopy, 'utf8');
    return () => writeFileSync(inCopy, sound);
  }
}
