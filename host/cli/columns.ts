// Tables as kubectl prints them: upper-case heads, three blanks between columns, no boxes.

/** Lines of a table; every row has as many cells as there are heads. */
export function formatColumns(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const all = heads.length === 0 ? rows : [heads, ...rows];
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(...all.map((row) => row[column]!.length)),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
