// Instantiates the module. The only file that knows @assemblyscript/loader, which reads the strings
// of a trap; calls go to the instance's own exports.

import { instantiateSync } from '@assemblyscript/loader';
import { ModuleError } from './errors.ts';
import { ABI_HASH } from '../abi/abi.gen.ts';

/** Everything that the module exports; addresses and numbers only. */
export interface ModuleExports {
  readonly memory: WebAssembly.Memory;
  abiHash(): number;
  /** Address of a Layout. */
  layout(): number;
  /** An InitialiseStatus. */
  initialise(): number;
  /** Packets processed. */
  process(count: number): number;
  /** Outcomes added. */
  digest(count: number): number;
  /** Connections expired. */
  sweep(limit: number): number;
  /** A MapStatus, as the next three. */
  mapLookUp(map: number): number;
  mapUpdate(map: number): number;
  mapDelete(map: number): number;
  mapRestore(map: number): number;
  /** The next cursor, 0 at the end. */
  mapNext(map: number, cursor: number): number;
}

/** Names of the exports, sorted. */
export const moduleExports: readonly (keyof ModuleExports)[] = [
  'abiHash',
  'digest',
  'initialise',
  'layout',
  'mapDelete',
  'mapLookUp',
  'mapNext',
  'mapRestore',
  'mapUpdate',
  'memory',
  'process',
  'sweep',
];

/** A module that runs and speaks this host's ABI. */
export interface LoadedModule {
  readonly exports: ModuleExports;
  /** The AssemblyScript string at an address; '' for 0. */
  readString(address: number): string;
}

/** What watches each access of a module that was built to be watched (target `guards`). */
export type Watcher = Readonly<Record<string, (...values: never[]) => unknown>>;

/** Instantiates a module after checking what it imports, speaks and exports; throws ModuleError. */
export function loadModule(module: WebAssembly.Module, watcher: Watcher = {}): LoadedModule {
  const imports = WebAssembly.Module.imports(module)
    .filter(({ module: from, name }) => from !== 'env' || !(name in watcher))
    .map(({ module: from, name }) => `${from}.${name}`);
  if (imports.length > 0) {
    throw new ModuleError(`module imports ${imports.join(', ')}; a dataplane imports nothing`);
  }
  const { instance, exports: loader } = instantiateSync(module, { env: watcher });
  const exports = instance.exports as unknown as ModuleExports;
  requireAbi(exports);
  requireExports(Object.keys(instance.exports));
  return {
    exports,
    readString: (address) => (address === 0 ? '' : loader.__getString(address)),
  };
}

/** Before the exports: of a module built from another ABI this is the reason that helps. */
function requireAbi(exports: Partial<ModuleExports>): void {
  const spoken = exports.abiHash?.();
  if (spoken === undefined || spoken >>> 0 === ABI_HASH) return;
  throw new ModuleError(
    `module speaks ABI ${hex(spoken >>> 0)}, this host ${hex(ABI_HASH)}; ` +
      'rebuild the module and the host from the same sources',
  );
}

function requireExports(names: readonly string[]): void {
  const missing = moduleExports.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !moduleExports.some((known) => known === name));
  if (missing.length === 0 && unknown.length === 0) return;
  const parts = [
    missing.length > 0 ? `lacks ${missing.join(', ')}` : '',
    unknown.length > 0 ? `has unknown ${unknown.join(', ')}` : '',
  ];
  throw new ModuleError(
    `module is no podplane dataplane: it ${parts.filter((part) => part !== '').join(' and ')}`,
  );
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
