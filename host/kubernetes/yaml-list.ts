// Finds the items of a List in block style, as kubectl prints it, without parsing them, so that one
// of any size is parsed item by item. Knows how lines begin only: the parser judges the pieces.

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const AMPERSAND = 0x26;
const DASH = 0x2d;
const itemsKey = new TextEncoder().encode('items:');

/** Offsets of bytes, the end exclusive, and the line of the first, 0 = the first of all. */
export interface LineSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

export interface YAMLList {
  /** What stands before the key `items` and behind the last item. */
  readonly rest: readonly LineSpan[];
  /** Each from its dash on. */
  readonly items: readonly LineSpan[];
}

/** A line that is not indented. */
interface OuterLine {
  readonly start: number;
  readonly line: number;
  readonly kind: 'key' | 'items' | 'dash' | 'other';
}

/** Null for everything else: no List, another style, or anchors, which bind items together. */
export function findYAMLItems(bytes: Uint8Array): YAMLList | null {
  const outer = listOuterLines(bytes);
  const itemsAt = outer.findIndex(({ kind }) => kind === 'items');
  const isItem = ({ kind }: OuterLine): boolean => kind === 'dash';
  const itemCount = outer.slice(itemsAt + 1).findIndex((line) => !isItem(line));
  const end = itemCount < 0 ? outer.length : itemsAt + 1 + itemCount;
  const others = [...outer.slice(0, Math.max(itemsAt, 0)), ...outer.slice(end)];
  const isList = itemsAt >= 0 && end > itemsAt + 1 && others.every(({ kind }) => kind === 'key');
  if (!isList || hasAnchor(bytes)) return null;
  const endOf = (index: number): number => outer[index + 1]?.start ?? bytes.length;
  const spanOf = ({ start, line }: OuterLine, last: number): LineSpan => ({
    ...{ start, line, end: endOf(last) },
  });
  const rest = [
    ...(itemsAt > 0 ? [spanOf(outer[0]!, itemsAt - 1)] : []),
    ...(end < outer.length ? [spanOf(outer[end]!, outer.length - 1)] : []),
  ];
  const items = outer.slice(itemsAt + 1, end);
  return { rest, items: items.map((item, index) => spanOf(item, itemsAt + 1 + index)) };
}

function listOuterLines(bytes: Uint8Array): OuterLine[] {
  const lines: OuterLine[] = [];
  for (let start = 0, line = 0; start < bytes.length; line++) {
    const kind = kindOf(bytes, start);
    if (kind !== null) lines.push({ start, line, kind });
    const newline = bytes.indexOf(NEWLINE, start);
    start = newline < 0 ? bytes.length : newline + 1;
  }
  return lines;
}

/** Null for a line that is indented or empty. */
function kindOf(bytes: Uint8Array, start: number): OuterLine['kind'] | null {
  const first = bytes[start]!;
  if (isEnd(first)) return null;
  if (first === BLANK) return bytes[start + 1] === BLANK ? null : 'other';
  if (first === DASH) return bytes[start + 1] === BLANK ? 'dash' : 'other';
  const isItems = itemsKey.every((byte, index) => bytes[start + index] === byte);
  if (isItems) return isEnd(bytes[start + itemsKey.length]) ? 'items' : 'other';
  return isLetter(first) ? 'key' : 'other';
}

function isEnd(byte: number | undefined): boolean {
  return byte === undefined || byte === NEWLINE || byte === RETURN;
}

function isLetter(byte: number): boolean {
  const lower = byte | BLANK;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Whether something might be an anchor: `&` behind a blank. */
function hasAnchor(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(AMPERSAND); at >= 0; at = bytes.indexOf(AMPERSAND, at + 1)) {
    const isApart = bytes[at + 1] === BLANK || isEnd(bytes[at + 1]);
    if (bytes[at - 1] === BLANK && !isApart) return true;
  }
  return false;
}
