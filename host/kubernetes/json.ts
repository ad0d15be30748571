// Finds the objects of concatenated JSON and the items of a List without parsing them, so that a
// List of any size is parsed item by item. Knows strings and brackets only: JSON.parse judges the
// pieces.

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Offsets of bytes, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An array of objects. */
export interface ListSpan extends Span {
  readonly items: readonly Span[];
}

export interface ObjectSpan extends Span {
  /** The value of the key `items`; null when there is none, or not all of its items are objects. */
  readonly list: ListSpan | null;
}

/** The objects of concatenated JSON; null when something else stands between them. */
export function findJSONObjects(bytes: Uint8Array): ObjectSpan[] | null {
  const objects: ObjectSpan[] = [];
  for (let at = skipBlanks(bytes, 0); at < bytes.length; at = skipBlanks(bytes, at)) {
    if (bytes[at] !== OPEN_BRACE) return null;
    const object = findItems(bytes, at);
    objects.push(object);
    at = object.end;
  }
  return objects;
}

/** Goes over the members of the object that starts here. */
function findItems(bytes: Uint8Array, start: number): ObjectSpan {
  let list: ListSpan | null = null;
  let at = skipBlanks(bytes, start + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = skipString(bytes, at);
    const isItems = isItemsKey(bytes, at, keyEnd);
    const colon = skipBlanks(bytes, keyEnd);
    if (bytes[colon] !== COLON) break;
    const value = skipBlanks(bytes, colon + 1);
    if (isItems) list = findList(bytes, value);
    at = skipBlanks(bytes, isItems && list !== null ? list.end : skipValue(bytes, value));
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
  }
  if (bytes[at] === CLOSE_BRACE) return { start, end: at + 1, list };
  return { start, end: skipNested(bytes, start), list: null };
}

function findList(bytes: Uint8Array, start: number): ListSpan | null {
  if (bytes[start] !== OPEN_BRACKET) return null;
  const items: Span[] = [];
  let at = skipBlanks(bytes, start + 1);
  while (bytes[at] === OPEN_BRACE) {
    const end = skipNested(bytes, at);
    items.push({ start: at, end });
    at = skipBlanks(bytes, end);
    if (bytes[at] === COMMA) at = skipBlanks(bytes, at + 1);
  }
  return bytes[at] === CLOSE_BRACKET ? { start, end: at + 1, items } : null;
}

/** Offset after a value of any type. */
function skipValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return skipString(bytes, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, start);
  let at = start;
  while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) at++;
  return at;
}

/** Offset after the bracket that closes the one at `start`; the end of the bytes without one. */
function skipNested(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = skipString(bytes, at) - 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return at + 1;
  }
  return bytes.length;
}

/** Offset after the closing quote. */
function skipString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return bytes.length;
}

function isItemsKey(bytes: Uint8Array, start: number, end: number): boolean {
  const text = bytes.subarray(start + 1, end - 1);
  return text.length === 5 && String.fromCharCode(...text) === 'items';
}

function skipBlanks(bytes: Uint8Array, start: number): number {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
