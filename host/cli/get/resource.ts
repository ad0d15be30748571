// What `podplane get` knows of one kind of object: kubectl's names for it, its columns, and its
// form in the API.

import type { ClusterState } from '../../controllers/state.ts';

/** One line of a table. */
export interface Row {
  readonly namespace: string;
  readonly name: string;
  /** Cells after the name. */
  readonly cells: readonly string[];
  /** Further cells of `-o wide`. */
  readonly wideCells: readonly string[];
  /** The object as an API server would return it. */
  readonly object: unknown;
}

export interface Resource {
  /** The name in the plural, then other names and kubectl's abbreviations. */
  readonly names: readonly string[];
  /** What `-o name` prints before the slash. */
  readonly nameOutput: string;
  /** Whether it lives in namespaces. */
  readonly isNamespaced: boolean;
  readonly heads: readonly string[];
  readonly wideHeads: readonly string[];
  /** `node` is the node from which the cluster is seen. */
  rowsOf(state: ClusterState, node: string): readonly Row[];
  /** Other columns and rows for `-o wide`, instead of further columns. */
  readonly wide?: Pick<Resource, 'heads' | 'rowsOf'>;
}

/** kubectl's word for nothing. */
export const none = '<none>';
/** Objects of files have no age; kubectl prints this for one without a creation time. */
export const unknownAge = '<unknown>';

/** Texts joined by commas, or kubectl's word for none. */
export function joined(texts: readonly string[]): string {
  return texts.length === 0 ? none : texts.join(',');
}
