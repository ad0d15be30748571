// Brings a plan to an instance, all of it or nothing: no packet is processed between its steps, and
// a step that is refused takes back those before it.

import type { MapOperation } from './plan.ts';
import type { MapName } from '../abi/abi.gen.ts';

/** The part of an instance that a plan needs. */
export interface MapStore {
  map(name: MapName): {
    updateBytes(key: Uint8Array, value: Uint8Array): void;
    deleteBytes(key: Uint8Array): boolean;
  };
}

/** Applies all operations; throws what the instance threw, with its maps as they were before. */
export function applyPlan(store: MapStore, operations: readonly MapOperation[]): void {
  let done = 0;
  try {
    for (const operation of operations) {
      applyOperation(store, operation);
      done += 1;
    }
  } catch (error) {
    for (const operation of operations.slice(0, done).toReversed()) undo(store, operation);
    throw error;
  }
}

function applyOperation(store: MapStore, operation: MapOperation): void {
  const map = store.map(operation.map);
  if (operation.kind === 'update') map.updateBytes(operation.key, operation.value);
  else map.deleteBytes(operation.key);
}

function undo(store: MapStore, { map, key, previous }: MapOperation): void {
  if (previous === undefined) store.map(map).deleteBytes(key);
  else store.map(map).updateBytes(key, previous);
}
