// What no run of the counted build can visit, each with its reason. It may only shrink: a report
// fails when an entry is visited, or is about nothing any more.

import type { Point } from './instrument.ts';

export interface Unreachable {
  readonly path: string;
  /** How what stands there begins. */
  readonly text: string;
  readonly why: string;
}

const never = 'nothing opens with an answer, nor with what RFC 9260, 8.4, calls out of the blue';

export const unreachable: readonly Unreachable[] = [
  { path: 'assembly/conntrack/sctp-state.ts', text: 'NV', why: never },
  { path: 'assembly/conntrack/tcp-state.ts', text: 'NV', why: never },
  {
    path: 'assembly/table/arena.ts',
    text: 'memory.fill(at + <usize>bytes, GUARD_MARK',
    why: 'only target guards has bytes between allocations',
  },
];

/** Whether an entry is about a point. */
export function isAbout({ path, text }: Unreachable, point: Point): boolean {
  return point.path === path && point.text.startsWith(text);
}
