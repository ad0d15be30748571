// A fault of one place in the sources, as somebody might write it.

/** In `file`, the one place that reads `right` comes to read `wrong`. */
export interface Fault {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
}

/** The text with the fault in it; throws unless there is exactly one place for it. */
export function plant({ file, right, wrong }: Fault, text: string): string {
  const places = text.split(right).length - 1;
  if (places === 1 && right !== wrong) return text.replace(right, () => wrong);
  throw new Error(`${file} has ${places} places that read: ${right}`);
}
