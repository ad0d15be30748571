// Tables of what tools have measured, and the places in documents, between two marks, that hold
// them.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** A table in Markdown. */
export function tabulate(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, heads.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The cells of the table between the marks of a name; none if there is no table yet. */
export function readMarkedRows(path: string, mark: string): string[][] {
  const [, inner] = split(readFileSync(join(root, path), 'utf8'), mark);
  const [, , ...lines] = inner.split('\n').filter((line) => line.startsWith('|'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** Puts each text between the marks of its name in a document of the repository. */
export function writeMarked(path: string, texts: Readonly<Record<string, string>>): void {
  let document = readFileSync(join(root, path), 'utf8');
  for (const [mark, text] of Object.entries(texts)) {
    const [before, , after] = split(document, mark);
    document = `${before}\n\n${text}\n\n${after}`;
  }
  // At once: a tool that runs beside this one must not find half of it.
  writeFileSync(join(root, `${path}.new`), document);
  renameSync(join(root, `${path}.new`), join(root, path));
}

/** Up to and with the first mark, between the marks, and from the last one on. */
function split(document: string, mark: string): readonly [string, string, string] {
  const [first, last] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [document.indexOf(first) + first.length, document.indexOf(last)];
  if (to < from) throw new Error(`there is no place for ${mark}`);
  return [document.slice(0, from), document.slice(from, to), document.slice(to)];
}
