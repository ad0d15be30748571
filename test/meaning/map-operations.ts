// Random operations on the maps of an instance that has room for little, through the module's own
// exports: the host would not ask for a map that there is not.

import { maps } from '../../host/abi/abi.gen.ts';
import { Engine } from '../../host/dataplane/engine.ts';
import type { ModuleExports } from '../../host/dataplane/load.ts';

/** Small enough that full tables, and entries that are there already, come up soon. */
const capacity = {
  connections4: 4,
  connections6: 4,
  endpoints: 4,
  frontends: 4,
  services: 4,
  prefixes: 4,
  affinities: 4,
  fragments: 4,
};
const bytesUsed = 4;

/** Carries out that many operations; `draw` is uniform below a bound. */
export function operateOnMaps(
  module: WebAssembly.Module,
  draw: (bound: number) => number,
  count: number,
): void {
  const engine = Engine.create(module, capacity);
  const { mapLookUp, mapUpdate, mapDelete, mapRestore }: ModuleExports = engine.exports;
  const operations = [mapLookUp, mapUpdate, mapDelete, mapRestore] as const;
  const { layout, bytes } = engine;
  for (let number = 0; number < count; number++) {
    for (const area of [layout.key, layout.value]) bytes.fill(0, area, area + 64);
    for (let byte = 0; byte < bytesUsed; byte++) bytes[layout.key + draw(24)] = draw(3);
    // One more than there are, and 0, which is none.
    engine.call(operations[draw(operations.length)]!, draw(Object.keys(maps).length + 2));
  }
}
