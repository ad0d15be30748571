// Draws the layout of a struct of the boundary, as the comment above its class must show it:
//
//   ┌ 0 ──────┬ 4 ───┬ 5 ────┐
//   │ service │ kind │ flags │
//   └─────────┴──────┴───────┘

import type { StructLayout } from '../../host/abi/abi.gen.ts';

const WIDTH = 88;

interface Cell {
  readonly offset: string;
  readonly name: string;
}

/** The lines of the comment; reserved bytes are not shown, the size is the last offset. */
export function drawLayout({ fields, sizeBytes }: StructLayout): string[] {
  const cells = fields.map(({ name, offset }) => ({ offset: String(offset), name }));
  const rows = breakRows(cells);
  return rows.flatMap((row, index) => drawRow(row, index === rows.length - 1 ? sizeBytes : null));
}

function breakRows(cells: readonly Cell[]): Cell[][] {
  const rows: Cell[][] = [[]];
  let used = 0;
  for (const cell of cells) {
    used += widthOf(cell) + 1;
    if (used > WIDTH) {
      rows.push([]);
      used = widthOf(cell) + 1;
    }
    rows.at(-1)!.push(cell);
  }
  return rows;
}

function drawRow(row: readonly Cell[], sizeBytes: number | null): string[] {
  const line = (left: string, middle: string, right: string, of: (cell: Cell) => string) =>
    `//   ${left}${row.map(of).join(middle)}${right}`;
  const end = sizeBytes === null ? '┐' : `┐ ${sizeBytes}`;
  return [
    line('┌', '┬', end, (cell) => ` ${cell.offset} `.padEnd(widthOf(cell), '─')),
    line('│', '│', '│', (cell) => ` ${cell.name}`.padEnd(widthOf(cell))),
    line('└', '┴', '┘', (cell) => '─'.repeat(widthOf(cell))),
  ];
}

function widthOf({ offset, name }: Cell): number {
  return Math.max(offset.length, name.length) + 2;
}
