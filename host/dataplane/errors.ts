// What can be wrong with a module, an instance or a map operation. The fate of a packet is never an
// error.

import type { MapName } from '../abi/abi.gen.ts';
import { codeOf, sentenceOf } from '../abi/enum.ts';

/** The WebAssembly module is not one that this host can run. */
export class ModuleError extends Error {
  override readonly name = 'ModuleError';
}

/** The instance could not be set up with these capacities. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

/** The dataplane met a bug of its own and stopped; the instance cannot be used any more. */
export class PoisonedError extends Error {
  override readonly name = 'PoisonedError';
  /** What it said: `message at file:line:column`. */
  readonly trap: string;

  constructor(trap: string, options?: ErrorOptions) {
    super(`the dataplane trapped and cannot be used any more: ${trap}; create another`, options);
    this.trap = trap;
  }
}

/** A map operation was refused; the map is as it was. */
export class MapError extends Error {
  override readonly name = 'MapError';
  readonly map: MapName;
  /** A MapStatus as code: `full`, `bad-key`, `read-only`. */
  readonly status: string;

  constructor(map: MapName, status: number, detail: string) {
    super(`map ${map}: ${sentenceOf('MapStatus', status)} ${detail}`.trimEnd());
    this.map = map;
    this.status = codeOf('MapStatus', status);
  }
}
