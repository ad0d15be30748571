// The cells of the state tables of TCP and SCTP: elements of tables of constants, which the counted
// module counts where they are looked up.

import { placeOf } from '../../tools/coverage/summary.ts';
import type { Point } from '../../tools/coverage/instrument.ts';
import { isAbout, unreachable } from '../../tools/coverage/unreachable.ts';
import type { Census } from './census.ts';

/** Every element but those that cannot be looked up. */
export function expectCells(census: Census, points: readonly Point[]): void {
  for (const point of points) {
    if (isCell(point)) census.expect(kindOf(point), [placeOf(point)]);
  }
}

/** `visited` has a byte for each point, 0 where nothing was. */
export function reachCells(census: Census, points: readonly Point[], visited: Uint8Array): void {
  for (const [number, point] of points.entries()) {
    if (visited[number] !== 0 && isCell(point)) census.reach(kindOf(point), placeOf(point));
  }
}

function isCell(point: Point): boolean {
  return point.isElement && !unreachable.some((entry) => isAbout(entry, point));
}

function kindOf({ path }: Point): string {
  return `cells of ${path}`;
}
