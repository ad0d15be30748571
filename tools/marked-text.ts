// Tables of what tools have measured, and the places in documents, between two marks, that hold
// them.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** A table in Markdown. */
export function tabulate(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Puts each text between the marks of its name in a document of the repository. */
export function writeMarked(path: string, texts: Readonly<Record<string, string>>): void {
  const file = join(root, path);
  const written = Object.entries(texts).reduce(
    (document, [mark, text]) => between(document, mark, text),
    readFileSync(file, 'utf8'),
  );
  writeFileSync(file, written);
}

function between(document: string, mark: string, text: string): string {
  const [first, last] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [before = '', rest = ''] = document.split(first);
  const [, after] = rest.split(last);
  if (after === undefined) throw new Error(`there is no place for ${mark}`);
  return `${before}${first}\n\n${text}\n\n${last}${after}`;
}
