// What a coverage run says to people: the share of each file, and every place that nothing visited.

import type { Point } from './instrument.ts';

export interface Summary {
  readonly lines: readonly string[];
  /** Of all points, from 0 to 100. */
  readonly percent: number;
}

/** `visited` has a byte for each point, 0 where nothing was. */
export function summarise(points: readonly Point[], visited: Uint8Array): Summary {
  const missed = points.filter((_, number) => visited[number] === 0);
  const paths = [...new Set(points.map(({ path }) => path))].toSorted();
  const lines = paths.flatMap((path) => {
    const isHere = (point: Point): boolean => point.path === path;
    const places = missed.filter(isHere).map(({ line, column }) => `  ${path}:${line}:${column}`);
    return [lineOf(path, points.filter(isHere).length, places.length), ...places];
  });
  lines.push(lineOf('all statements and conditional operands', points.length, missed.length));
  return { lines, percent: percentOf(points.length, missed.length) };
}

function lineOf(what: string, total: number, missed: number): string {
  const percent = percentOf(total, missed).toFixed(1).padStart(5);
  return `${percent} %  ${what}: ${total - missed} of ${total}`;
}

function percentOf(total: number, missed: number): number {
  return total === 0 ? 100 : (100 * (total - missed)) / total;
}
