// What a coverage run says to people: the share of each file, every place that nothing visited, and
// what could not be.

import type { Point } from './instrument.ts';
import { isAbout, type Unreachable } from './unreachable.ts';

export interface Summary {
  readonly lines: readonly string[];
  /** Of the points that can be visited, from 0 to 100. */
  readonly percent: number;
  /** What is wrong with the list of what cannot be visited. */
  readonly problems: readonly string[];
}

/** `visited` has a byte for each point, 0 where nothing was. */
export function summarise(
  points: readonly Point[],
  visited: Uint8Array,
  unreachable: readonly Unreachable[],
): Summary {
  const isExcused = (point: Point): boolean => unreachable.some((entry) => isAbout(entry, point));
  const wanted = points.filter((point) => !isExcused(point));
  const missed = new Set(points.filter((_, number) => visited[number] === 0));
  const paths = [...new Set(wanted.map(({ path }) => path))].toSorted();
  const lines = paths.flatMap((path) => {
    const here = wanted.filter((point) => point.path === path);
    const places = here.filter((point) => missed.has(point)).map(placeOf);
    return [lineOf(path, here.length, places.length), ...places.map((place) => `  ${place}`)];
  });
  const missedCount = wanted.filter((point) => missed.has(point)).length;
  const total = 'all statements, conditional operands and elements of tables';
  return {
    lines: [
      ...lines,
      lineOf(total, wanted.length, missedCount),
      ...unreachable.map((entry) => excuse(entry, points)),
    ],
    percent: percentOf(wanted.length, missedCount),
    problems: unreachable.flatMap((entry) => findWrong(entry, points, missed)),
  };
}

function excuse(entry: Unreachable, points: readonly Point[]): string {
  const count = points.filter((point) => isAbout(entry, point)).length;
  return `cannot be reached: ${entry.path}: ${entry.text} (${count}): ${entry.why}`;
}

function findWrong(
  entry: Unreachable,
  points: readonly Point[],
  missed: ReadonlySet<Point>,
): string[] {
  const about = points.filter((point) => isAbout(entry, point));
  const name = `${entry.path}: ${entry.text}`;
  if (about.length === 0) return [`${name} is there no more: take it off the list`];
  const visited = about.filter((point) => !missed.has(point)).map(placeOf);
  return visited.map((place) => `${name} can be reached, at ${place}`);
}

/** `file:line:column`, and of an element what stands there. */
export function placeOf({ path, line, column, text, isElement }: Point): string {
  return `${path}:${line}:${column}${isElement ? ` (${text})` : ''}`;
}

function lineOf(what: string, total: number, missed: number): string {
  const percent = percentOf(total, missed).toFixed(1).padStart(5);
  return `${percent} %  ${what}: ${total - missed} of ${total}`;
}

function percentOf(total: number, missed: number): number {
  return total === 0 ? 100 : (100 * (total - missed)) / total;
}
