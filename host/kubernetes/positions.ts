// Where in a YAML or JSON text the value at a path stands. The text is read again for this, so it
// is asked only when something is to be said about the value.

import { parseYAML } from './yaml.ts';

/** Keys and indices from the root of a document. */
export type Path = readonly (string | number)[];

/** 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface SyntaxNode {
  /** Offset of the first character. */
  offset: number;
  value: unknown;
  /** Of a mapping: key, value, key, value … */
  children: SyntaxNode[];
}

/** A text with the position of its first character in the file. */
export interface PlacedText extends Position {
  readonly text: string;
}

/**
 * Finds positions in one text; the text is read at the first question and its tree kept for the
 * next ones.
 */
export class PositionFinder {
  readonly #placed: PlacedText;
  #root: SyntaxNode | undefined;
  #lineStarts: number[] | undefined;

  constructor(placed: PlacedText) {
    this.#placed = placed;
  }

  get text(): string {
    return this.#placed.text;
  }

  /**
   * The scalar at the path; of a list or mapping, its key; of what is not there, the nearest thing
   * above it. The start of the text when it cannot be read.
   */
  find(path: Path): Position {
    this.#root ??= parseTree(this.#placed.text);
    let node = this.#root;
    let offset = node.offset;
    for (const step of path) {
      const entry = findChild(node, step);
      if (entry === null) break;
      node = entry.value;
      offset = node.value === null || isCollection(node.value) ? entry.offset : node.offset;
    }
    return this.positionAt(offset);
  }

  /** Every key that stands twice in one mapping, at its last place. */
  duplicatedKeys(): { path: Path; position: Position }[] {
    this.#root ??= parseTree(this.#placed.text);
    return findDuplicates(this.#root, []).map(({ path, offset }) => ({
      path,
      position: this.positionAt(offset),
    }));
  }

  /** Position of a character of the text. */
  positionAt(offset: number): Position {
    this.#lineStarts ??= findLineStarts(this.#placed.text);
    const index = findLine(this.#lineStarts, offset);
    const column = offset - this.#lineStarts[index]! + (index === 0 ? this.#placed.column : 1);
    return { line: this.#placed.line + index, column };
  }
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Index of the last line that starts at or before the offset. */
function findLine(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isCollection(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** The entry of a key or index, with the offset to name when the value itself has none. */
function findChild(
  node: SyntaxNode,
  step: string | number,
): { value: SyntaxNode; offset: number } | null {
  if (Array.isArray(node.value)) {
    const item = node.children[Number(step)];
    return item === undefined ? null : { value: item, offset: item.offset };
  }
  for (let index = node.children.length - (node.children.length % 2) - 2; index >= 0; index -= 2) {
    const key = node.children[index]!;
    if (String(key.value) === step) return { value: node.children[index + 1]!, offset: key.offset };
  }
  return null;
}

function findDuplicates(node: SyntaxNode, path: Path): { path: Path; offset: number }[] {
  if (Array.isArray(node.value)) {
    return node.children.flatMap((child, index) => findDuplicates(child, [...path, index]));
  }
  const seen = new Set<string>();
  const found: { path: Path; offset: number }[] = [];
  for (let index = 0; index + 1 < node.children.length; index += 2) {
    const key = String(node.children[index]!.value);
    const here = [...path, key];
    if (seen.has(key)) found.push({ path: here, offset: node.children[index]!.offset });
    seen.add(key);
    found.push(...findDuplicates(node.children[index + 1]!, here));
  }
  return found;
}

/** The tree of a text; one node without children when js-yaml cannot read it. */
function parseTree(text: string): SyntaxNode {
  const file: SyntaxNode = { offset: 0, value: null, children: [] };
  const open = [file];
  try {
    parseYAML(text, {
      lastKeyWins: true,
      listener(event, state) {
        if (event === 'open') {
          open.push({ offset: state.position, value: undefined, children: [] });
        } else {
          const node = close(open.pop()!, state.result, text);
          open.at(-1)!.children.push(node);
        }
      },
    });
  } catch {
    return { offset: 0, value: null, children: [] };
  }
  return file.children.at(-1) ?? file;
}

/**
 * A finished node. js-yaml tries every value of a block mapping as a mapping of its own first, so a
 * scalar or flow collection is reported twice, once as the only child of itself: the inner report
 * is the right one.
 */
function close(node: SyntaxNode, value: unknown, text: string): SyntaxNode {
  const inner = node.children.at(-1);
  if (inner !== undefined && isCollection(value) && inner.value === value) return inner;
  const offset = skipSeparation(text, node.offset);
  if (Array.isArray(value)) return { offset, value, children: alignItems(value, offset, node) };
  return { offset, value, children: isCollection(value) ? node.children : [] };
}

/**
 * The nodes of a list's items; js-yaml reports none for an item of which only the dash is there.
 */
function alignItems(items: unknown[], offset: number, { children }: SyntaxNode): SyntaxNode[] {
  let next = 0;
  return items.map((item) => {
    const child = children[next];
    if (child === undefined || !Object.is(child.value, item))
      return { offset, value: null, children: [] };
    next++;
    return child;
  });
}

/** js-yaml opens a node before the blanks, line ends and comments that precede it. */
function skipSeparation(text: string, start: number): number {
  const separation = /(?:[ \t\r\n]|(?<![^ \t\r\n])#[^\r\n]*)*/y;
  separation.lastIndex = start;
  return start + separation.exec(text)![0].length;
}
