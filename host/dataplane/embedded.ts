// The dataplane's own module, carried inside the package so that any bundler and any browser gets
// it with the code.

import { moduleBase64 } from './module.gen.ts';

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module of this package, compiled once however often it is asked for. */
export function embeddedModule(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(embeddedBytes());
  return compiled;
}

/** Bytes of the module of this package, for those who send it elsewhere. */
export function embeddedBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(moduleBase64), (character) => character.charCodeAt(0));
}
