// Many connections in few lines: destinations that the same sources reach on the same ports share
// a line, and sources are called by the largest name that fits: a whole namespace, every pod.

import { groupBy } from '../survey/group-by.ts';
import type { MatrixEnd } from '../survey/matrix.ts';

/** A connection and what tells it from another one. */
export interface ReachLine {
  readonly from: string;
  readonly to: string;
  /** Text of the cell for ports; lines are joined only where it is equal. */
  readonly ports: string;
  /** Further cells, equal where lines are joined. */
  readonly more?: readonly string[];
}

/** Names of one cell are broken into lines of about so many columns. */
const cellColumns = 56;

/** Rows of a table with the columns to, ports, from, and the further cells. */
export function joinLines(
  lines: readonly ReachLine[],
  from: readonly MatrixEnd[],
  to: readonly MatrixEnd[],
): string[][] {
  const blocks = groupBy(joinSources(lines), ({ line }) => line.to);
  const alike = groupBy([...blocks.values()], signatureOf);
  return [...alike.values()].flatMap((same) => {
    const targets = wrap(
      shortenNames(
        same.map(([first]) => first!.line.to),
        to,
      ),
    );
    const rows = same[0]!.flatMap(({ line, names }) =>
      rowsOf(line, wrap(shortenNames(names, from))),
    );
    const blank = rows[0]!.slice(1).map(() => '');
    while (rows.length < targets.length) rows.push(['', ...blank]);
    return rows.map(([, ...cells], index) => [targets[index] ?? '', ...cells]);
  });
}

/** One line of cells for each line of names; the first cell is for the destination. */
function rowsOf({ ports, more = [] }: ReachLine, sources: readonly string[]): string[][] {
  return sources.map((source, index) => {
    const cells = [ports, source, ...more];
    return ['', ...cells.map((cell, column) => (index === 0 || column === 1 ? cell : ''))];
  });
}

interface Joined {
  readonly line: ReachLine;
  readonly names: readonly string[];
}

/** Lines that differ in their source only, as one. */
function joinSources(lines: readonly ReachLine[]): Joined[] {
  const keyOf = ({ to, ports, more }: ReachLine) => JSON.stringify([to, ports, more]);
  return [...groupBy(lines, keyOf).values()].map((group) => {
    return { line: group[0]!, names: group.map(({ from }) => from) };
  });
}

/** Equal of targets that may share their lines. */
function signatureOf(block: readonly Joined[]): string {
  return JSON.stringify(block.map(({ line, names }) => [line.ports, line.more, names]));
}

/** `everyone`, `every pod`, `shop/*`, where all of them are meant. */
export function shortenNames(names: readonly string[], all: readonly MatrixEnd[]): string[] {
  const given = new Set(names);
  const isGiven = ({ name }: MatrixEnd) => given.has(name);
  const pods = all.filter(({ namespace }) => namespace !== '');
  const others = all.filter(({ namespace }) => namespace === '');
  if (all.length > 1 && all.every(isGiven)) return ['everyone'];
  const rest = others.filter(isGiven).map(({ name }) => name);
  if (pods.length > 1 && pods.every(isGiven)) return ['every pod', ...rest];
  const spaces = groupBy(pods, ({ namespace }) => namespace);
  const shortened = [...spaces].flatMap(([namespace, members]) => {
    if (members.length > 1 && members.every(isGiven)) return [`${namespace}/*`];
    return members.filter(isGiven).map(({ name }) => name);
  });
  return [...shortened, ...rest];
}

function wrap(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names) {
    const line = lines.at(-1);
    if (line === undefined || line.length + name.length + 2 > cellColumns) lines.push(name);
    else lines[lines.length - 1] = `${line}, ${name}`;
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}
