// What surveys found, in the cells of a table.

/** kubectl shows so many endpoints and counts the rest. */
const shownEndpoints = 3;

/** Up to three, and the number of the others: `10.0.0.1:80,10.0.0.2:80 + 4 more...`. */
export function abridged(texts: readonly string[]): string {
  if (texts.length === 0) return '<none>';
  const more = texts.length - shownEndpoints;
  const shown = texts.slice(0, shownEndpoints).join(',');
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

/** `forward`, `drop (source-range)`. */
export function describeFate({
  verdict,
  reason,
}: {
  readonly verdict: string;
  readonly reason: string | null;
}): string {
  return reason === null ? verdict : `${verdict} (${reason})`;
}
