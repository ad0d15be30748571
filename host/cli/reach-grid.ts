// Who reaches whom as a grid: one row for each source, one column for each destination, numbered as
// its row is.

import type { MatrixReport } from '../survey/matrix.ts';

const marks = { all: '#', some: '+', none: '.' } as const;

/** `#` every port, `+` some ports or some members, `.` nothing; with the meaning below. */
export function formatGrid({ from, to, connections }: MatrixReport): string {
  const found = new Map(
    connections.map(({ from: source, to: target, ports, isPartial }) => {
      const isAll = ports.join() === 'any' && !isPartial;
      return [`${source} ${target}`, isAll ? marks.all : marks.some];
    }),
  );
  const names = [...new Set([...to, ...from].map(({ name }) => name))];
  const numbers = new Map(names.map((name, index) => [name, String(index + 1)]));
  const cellColumns = String(to.length).length;
  const nameColumns = Math.max(...names.map((name) => name.length));
  const line = (number: string, name: string, cells: readonly string[]) => {
    const padded = cells.map((cell) => cell.padStart(cellColumns));
    return [number.padStart(3), name.padEnd(nameColumns), ...padded].join(' ').trimEnd();
  };
  const sources = new Set(from.map(({ name }) => name));
  return [
    line(
      '',
      'FROM \\ TO',
      to.map(({ name }) => numbers.get(name)!),
    ),
    ...from.map(({ name }) => {
      const cells = to.map((target) => found.get(`${name} ${target.name}`) ?? marks.none);
      return line(numbers.get(name)!, name, cells);
    }),
    ...to
      .filter(({ name }) => !sources.has(name))
      .map(({ name }) => line(numbers.get(name)!, name, [])),
    '',
    `${marks.all} every port   ${marks.some} some ports or some members   ${marks.none} nothing`,
  ].join('\n');
}
