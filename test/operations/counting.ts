// The dataplane as a module that counts its operations, made from the compiler's text.

import binaryen from 'assemblyscript/binaryen';
import { counterImport, countOperations } from '../../tools/operations/count-operations.ts';

/** A module, and what its instances ran. */
export interface CountingModule {
  readonly module: WebAssembly.Module;
  /** What the module imports. */
  readonly watcher: Readonly<Record<string, (count: number, place: number) => void>>;
  /** Operations since the last call, by function. */
  take(): Map<string, number>;
}

/** Compiles a text with counters. */
export function openCounting(text: string): CountingModule {
  const counted = countOperations(text);
  const parsed = binaryen.parseText(counted.text);
  parsed.setFeatures(binaryen.Features.All);
  const wasm = parsed.emitBinary() as Uint8Array<ArrayBuffer>;
  parsed.dispose();
  const totals = new Float64Array(counted.functions.length);
  return {
    module: new WebAssembly.Module(wasm),
    watcher: {
      [counterImport.name]: (count, place) => {
        totals[place]! += count;
      },
    },
    take() {
      const taken = [...totals].map((total, place) => [counted.functions[place]!, total] as const);
      totals.fill(0);
      return new Map(taken.filter(([, total]) => total > 0));
    },
  };
}

/** Of all functions together. */
export function sumOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
