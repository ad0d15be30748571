// From the bytes of a file to the objects in it, each with its place: documents, concatenated JSON,
// Lists. Knows `kind` and `items` of an object, nothing else of it.

import { YAMLException } from 'js-yaml';
import type { Problem } from '../problem.ts';
import { findContent, splitDocuments, type Chunk } from './document.ts';
import { findJSONObjects, type ObjectSpan, type Span } from './json.ts';
import { restoreIndentation } from './lost-indentation.ts';
import { PositionFinder, type Path, type Position } from './positions.ts';
import { findYAMLItems, type LineSpan, type YAMLList } from './yaml-list.ts';
import { parseYAML } from './yaml.ts';

/** One object of a file, parsed but not read. */
export interface Manifest {
  readonly value: unknown;
  /** Of the object's first key. */
  readonly position: Position;
  /** Where the value at a path of the object stands. */
  readonly locate: (path: Path) => Position;
}

/** Collects what is wrong with a file. */
export interface ProblemLog {
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

/** A List inside Lists is unusual; an aliased YAML node can contain itself. */
const MAX_LIST_DEPTH = 8;

/** The objects of a file in order. What cannot be parsed is logged, and the rest goes on. */
export function* parseManifests(
  bytes: Uint8Array,
  file: string,
  log: ProblemLog,
): Generator<Manifest> {
  const { chunks, faults } = splitDocuments(bytes);
  for (const { line, junk } of faults) {
    const message = `invalid document separator: ${junk}`;
    log.errors.push({ file, line, column: 4, message, expected: 'only a comment may follow ---' });
  }
  for (const chunk of chunks) {
    const objects = findJSONObjects(chunk.bytes);
    const list = objects === null ? findYAMLItems(chunk.bytes) : null;
    if (list !== null && (yield* parseItems(chunk, list, file, log))) continue;
    if (objects === null) {
      const text = decode(chunk.bytes);
      if (text === null) {
        log.errors.push(notText(file, chunk.line));
        return;
      }
      const restored = restoreIndentation(text);
      if (restored !== null) {
        const message = 'the manifest has lost its indentation';
        log.warnings.push({ file, line: chunk.line, message, expected: 'read as if it had it' });
      }
      yield* parseText(place(restored ?? text, chunk.line), file, log);
    } else {
      yield* parseObjects(chunk, objects, file, log);
    }
  }
}

/** A text that begins a line. */
function place(text: string, line: number): PositionFinder {
  return new PositionFinder({ text, line, column: 1 });
}

function notText(file: string, line: number): Problem {
  return { file, line, message: 'is not UTF-8 text', expected: 'a YAML or JSON manifest' };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Objects of concatenated JSON, and of each that is a List its items. */
function* parseObjects(
  chunk: Chunk,
  objects: readonly ObjectSpan[],
  file: string,
  log: ProblemLog,
): Generator<Manifest> {
  const positionAt = ascendingPositions(chunk);
  const textOf = ({ start, end }: Span) =>
    new TextDecoder().decode(chunk.bytes.subarray(start, end));
  const finderOf = (span: Span) =>
    new PositionFinder({ text: textOf(span), ...positionAt(span.start) });
  for (const object of objects) {
    const { start, end, list } = object;
    const envelope =
      list === null
        ? undefined
        : parseJSON(`${textOf({ start, end: list.start })}[]${textOf({ start: list.end, end })}`);
    if (list === null || !isList(envelope)) {
      yield* parseText(finderOf(object), file, log);
      continue;
    }
    for (const item of list.items) {
      yield* parseText(finderOf(item), file, log, envelope);
    }
  }
}

/** The items of a List in YAML, one by one; false, and nothing, if it is no List of texts. */
function* parseItems(
  { bytes, line: firstLine }: Chunk,
  { rest, items }: YAMLList,
  file: string,
  log: ProblemLog,
): Generator<Manifest, boolean> {
  const textOf = ({ start, end }: LineSpan): string | null => decode(bytes.subarray(start, end));
  const envelope = parseEnvelope(rest.map(textOf).join(''));
  if (!isList(envelope)) return false;
  for (const item of items) {
    const line = firstLine + item.line;
    const text = textOf(item);
    if (text === null) log.errors.push(notText(file, line));
    // In the place of the dash a blank: then it is a text of its own, in its place.
    else yield* parseText(place(` ${text.slice(1)}`, line), file, log, envelope);
  }
  return true;
}

/** The fields of a List beside its items; undefined if they cannot be read. */
function parseEnvelope(text: string): unknown {
  try {
    const fields = parseYAML(text);
    return typeof fields === 'object' && fields !== null ? { ...fields, items: [] } : undefined;
  } catch {
    return undefined;
  }
}

/** One text: JSON where it is that, since JSON.parse is ten times as fast, else YAML. */
function* parseText(
  finder: PositionFinder,
  file: string,
  log: ProblemLog,
  list?: List,
): Generator<Manifest> {
  const { text } = finder;
  const content = findContent(text);
  if (content < 0) return;
  const isJSON = text[content] === '{' || text[content] === '[';
  const value = (isJSON ? parseJSON(text) : undefined) ?? parseYAMLText(finder, file, log);
  if (value === undefined || value === null) return;
  const item = list === undefined ? value : completeItem(value, list);
  const refuse = (path: Path) => {
    log.errors.push({ file, ...finder.find(path), message: 'Lists are nested too deeply' });
  };
  for (const { value: object, path } of expandLists(item, refuse)) {
    yield {
      value: object,
      position: path.length === 0 ? finder.positionAt(content) : finder.find(path),
      locate: (inner) => finder.find([...path, ...inner]),
    };
  }
}

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value of a YAML document; undefined after an error. */
function parseYAMLText(finder: PositionFinder, file: string, log: ProblemLog): unknown {
  try {
    return parseYAML(finder.text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (error.reason === 'duplicated mapping key') return parseDuplicated(finder, file, log);
    log.errors.push(syntaxProblem(error, finder, file));
    return undefined;
  }
}

/** Of duplicated keys the last one counts, as for kubectl. */
function parseDuplicated(finder: PositionFinder, file: string, log: ProblemLog): unknown {
  try {
    const value = parseYAML(finder.text, { lastKeyWins: true });
    for (const { path, position } of finder.duplicatedKeys()) {
      const message = `duplicated key "${path.at(-1)}"`;
      log.warnings.push({ file, ...position, message, expected: 'the last one counts' });
    }
    return value;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    log.errors.push(syntaxProblem(error, finder, file));
    return undefined;
  }
}

function syntaxProblem(error: YAMLException, finder: PositionFinder, file: string): Problem {
  const end = finder.text.trimEnd().length;
  const position = finder.positionAt(Math.min(error.mark?.position ?? 0, end));
  const problem = { file, ...position, message: error.reason };
  if (error.reason.includes('tab')) return { ...problem, expected: 'indent with spaces' };
  if (finder.text.includes('{{')) return { ...problem, expected: 'a template is rendered first' };
  return problem;
}

interface List {
  readonly apiVersion?: unknown;
  readonly kind: string;
  readonly items: readonly unknown[];
}

/** `List`, or a typed one (`PodList`) as the API returns it. */
function isList(value: unknown): value is List {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items);
}

/** Items of a typed list do not repeat their kind. */
function completeItem(item: unknown, { apiVersion, kind }: List): unknown {
  if (kind === 'List' || typeof item !== 'object' || item === null || 'kind' in item) return item;
  return { apiVersion, kind: kind.slice(0, -'List'.length), ...item };
}

/**
 * The value itself with an empty path, or the items of a List or a plain array, and of Lists in it,
 * with theirs. Lists that are nested too deeply are refused.
 */
export function* expandLists(
  value: unknown,
  refuse: (path: Path) => void,
  path: Path = [],
): Generator<{ value: unknown; path: Path }> {
  if (path.length >= 2 * MAX_LIST_DEPTH) {
    refuse(path);
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* expandLists(item, refuse, [...path, index]);
    }
  } else if (isList(value)) {
    for (const [index, item] of value.items.entries()) {
      yield* expandLists(completeItem(item, value), refuse, [...path, 'items', index]);
    }
  } else {
    yield { value, path };
  }
}

/** Positions of ascending offsets of a chunk, in one pass over its bytes. */
function ascendingPositions({ bytes, line: firstLine }: Chunk): (offset: number) => Position {
  let line = firstLine;
  let lineStart = 0;
  /** No line ends from the start of this one up to here. */
  let searched = 0;
  return (offset) => {
    while (searched < offset) {
      const newline = bytes.subarray(searched, offset).indexOf(0x0a);
      if (newline < 0) {
        searched = offset;
      } else {
        line++;
        lineStart = searched += newline + 1;
      }
    }
    return { line, column: offset - lineStart + 1 };
  };
}
