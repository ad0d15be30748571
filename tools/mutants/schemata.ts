// Puts every mutant of a source into its text, each behind a switch, and a limit into every loop.
// Only functions are changed: what runs once, when a module is loaded, cannot be switched later.

import {
  replaceCondition,
  replaceExpression,
  replaceStatement,
  type Replacement,
} from './operators.ts';
import { childrenOf, readSyntax, textOf, type SyntaxNode } from './syntax.ts';

/** One change of one place. */
export interface Mutant {
  readonly path: string;
  /** 1 = the first. */
  readonly line: number;
  /** In characters, 1 = the first. */
  readonly column: number;
  /** What stands there, and what instead, each in one line. */
  readonly change: string;
  /** How the text goes on from there for a few lines, in one line. */
  readonly context: string;
}

/** Enough to tell lines apart that are alike. */
const contextLines = 4;

/**
 * How a place is written that has mutants. Switched: one of them runs, if it is its turn. Noted:
 * the source runs as it is, and says which mutants would have made a difference.
 */
export interface Writing {
  readonly expression: (mutants: readonly Numbered[], right: string) => string;
  readonly statement: (mutants: readonly Numbered[], right: string) => string;
  /** Reads the element at an index of a table; `first` is the mutant of the first element. */
  readonly element: (first: number, index: string, right: string) => string;
  /** Whether texts are values, and may be others. */
  readonly hasTexts: boolean;
  /** What begins every round of a loop. */
  readonly round: string;
  /** What the first line of a changed source begins with, given the path to the root. */
  readonly head: (root: string) => string;
}

export interface Numbered extends Replacement {
  readonly number: number;
}

/** The source with all its mutants, which are added to `mutants`; their numbers are from 1. */
export function writeMutants(
  { path, text }: { path: string; text: string },
  mutants: Mutant[],
  writing: Writing,
): string {
  const before = mutants.length;
  const written = new MutatedSource({ path, text }, mutants, writing).write();
  const depth = path.split('/').length - 1;
  return mutants.length === before ? text : writing.head('../'.repeat(depth)) + written;
}

const loops = new Set([
  'ForStatement',
  'WhileStatement',
  'DoWhileStatement',
  'ForInStatement',
  'ForOfStatement',
]);
const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

class MutatedSource {
  readonly #path: string;
  readonly #text: string;
  readonly #mutants: Mutant[];
  readonly #writing: Writing;
  readonly #lineStarts: readonly number[];
  /** Of each table of constants the number of its first element's mutant. */
  readonly #tables = new Map<string, number>();

  constructor(source: { path: string; text: string }, mutants: Mutant[], writing: Writing) {
    this.#path = source.path;
    this.#text = source.text;
    this.#mutants = mutants;
    this.#writing = writing;
    this.#lineStarts = [0, ...[...source.text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  }

  write(): string {
    const program = readSyntax(this.#path, this.#text);
    return this.#text.slice(0, program.start) + this.#inside(program, false);
  }

  /** The text of a node with the mutants of everything below. */
  #inside(node: SyntaxNode, isRunning: boolean): string {
    const offset = offsetArgument(node);
    let written = '';
    let at = node.start;
    for (const child of childrenOf(node)) {
      if (child.start < at || child === offset) continue;
      const runs = isRunning || (functions.has(node.type) && node.body === child);
      written += this.#text.slice(at, child.start) + this.#node(child, node, runs);
      at = child.end;
    }
    return written + this.#text.slice(at, node.end);
  }

  /** The text of a node with its own mutants and those of everything below. */
  #node(node: SyntaxNode, parent: SyntaxNode, isRunning: boolean): string {
    if (!isRunning) this.#enterElements(node);
    const numbered = isRunning ? this.#number(node, parent) : [];
    const inside = this.#inside(node, isRunning);
    const read = isRunning ? this.#element(node, inside) : inside;
    const right = isRunning && isLoopBody(node, parent) ? this.#limited(node, read) : read;
    if (numbered.length === 0) return right;
    const isStatement = node.type.endsWith('Statement');
    return this.#writing[isStatement ? 'statement' : 'expression'](numbered, right);
  }

  /** A table of constants: each of its elements is a mutant. */
  #enterElements({ type, id, init }: SyntaxNode): void {
    if (type !== 'VariableDeclarator' || !init) return;
    const { callee, arguments: given } = init;
    const elements = given?.[0]?.elements;
    if (callee?.type !== 'MemberExpression' || elements === undefined) return;
    this.#tables.set(id!.name!, this.#mutants.length + 1);
    for (const element of elements) {
      this.#enter(element, { text: 'another element', compared: null });
    }
  }

  /** Where an element of such a table is read, it may be another one. */
  #element(node: SyntaxNode, inside: string): string {
    const { type, callee, arguments: given } = node;
    if (type !== 'CallExpression' || callee!.name !== 'load') return inside;
    let [first] = given!;
    while (first?.type === 'BinaryExpression') first = first.left;
    const table = first?.name ?? '';
    const number = this.#tables.get(table);
    if (number === undefined) return inside;
    return this.#writing.element(number, `${textOf(given![0]!, this.#text)} - ${table}`, inside);
  }

  #limited(body: SyntaxNode, inside: string): string {
    const { round } = this.#writing;
    return body.type === 'BlockStatement'
      ? `{ ${round}${inside.slice(1)}`
      : `{ ${round}${inside} }`;
  }

  #number(node: SyntaxNode, parent: SyntaxNode): Numbered[] {
    if (typeof node.value === 'string' && !this.#writing.hasTexts) return [];
    const own = node.type.endsWith('Statement')
      ? replaceStatement(node, this.#text)
      : replaceExpression(node, this.#text);
    const asCondition = parent.test === node ? replaceCondition(parent, this.#text) : [];
    const numbered = [...own, ...asCondition].map((one) => this.#enter(node, one));
    const offset = parent.arguments?.[0] === node ? offsetArgument(parent) : undefined;
    if (offset === undefined) return numbered;
    const moved = { text: `(${textOf(node, this.#text)}) + 1`, compared: null };
    return [...numbered, this.#enter(offset, moved, `${textOf(offset, this.#text)} + 1`)];
  }

  #enter(node: SyntaxNode, replacement: Replacement, instead = replacement.text): Numbered {
    const line = this.#lineStarts.findLastIndex((start) => start <= node.start);
    const context = this.#text.slice(node.start, this.#lineStarts[line + contextLines]);
    this.#mutants.push({
      path: this.#path,
      line: line + 1,
      column: node.start - this.#lineStarts[line]! + 1,
      change: `${inLine(textOf(node, this.#text))} -> ${inLine(instead) || 'nothing'}`,
      context: inLine(context),
    });
    return { ...replacement, number: this.#mutants.length };
  }
}

/** The offset of AssemblyScript's `load` and `store`, where no expression may stand. */
function offsetArgument({ type, callee, arguments: given }: SyntaxNode): SyntaxNode | undefined {
  if (type !== 'CallExpression' || callee!.type !== 'Identifier') return undefined;
  if (callee!.name === 'load') return given![1];
  return callee!.name === 'store' ? given![2] : undefined;
}

function isLoopBody(node: SyntaxNode, parent: SyntaxNode): boolean {
  return loops.has(parent.type) && parent.body === node;
}

function inLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
