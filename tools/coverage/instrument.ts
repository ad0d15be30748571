// Puts a counter before every statement of an AssemblyScript source, before every operand that is
// not always evaluated, and at every element of a table of constants, without moving a line. Knows
// the language, not what the source is for.

import {
  BinaryExpression,
  BlockStatement,
  ClassDeclaration,
  DoStatement,
  Expression,
  ForStatement,
  FunctionDeclaration,
  IfStatement,
  Node,
  Parser,
  SwitchStatement,
  TernaryExpression,
  WhileStatement,
} from 'assemblyscript';
import type { Range, Statement } from 'assemblyscript';
import { findConstantTables, findTableRead } from './constant-table.ts';

/** A statement, an operand of `&&`, `||` or `?:`, or an element of a table, that is counted. */
export interface Point {
  readonly path: string;
  /** 1 = the first. */
  readonly line: number;
  /** In characters, 1 = the first. */
  readonly column: number;
  /** What stands there, to the end of its line. */
  readonly text: string;
  readonly isElement: boolean;
}

/**
 * What a counted source imports: `visit(n)` counts point n; `visitElement(n, table, address)`
 * counts the element at the address of a table whose first one is point n, and gives the address.
 */
export const counterModule = 'assembly/visited.ts';
/** Stands in memory before the counters, so that they are found without another export. */
export const counterMark = 'counters of points:';

/** Text put in at an offset of the source. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * The source with counters, whose points are added to `points`. Functions only: what runs once at
 * initialisation is not counted.
 */
export function instrument(path: string, text: string, points: Point[]): string {
  const parser = new Parser();
  parser.parseFile(text, path, true);
  const { statements } = parser.sources[0]!;
  const source = new CountedSource({ path, text, points });
  source.countTables(statements);
  for (const body of listBodies(statements)) source.countBelow(body);
  return source.write();
}

/** A source, and what is put into it. */
class CountedSource {
  readonly #path: string;
  readonly #text: string;
  readonly #points: Point[];
  readonly #insertions: Insertion[] = [];
  /** Of each table of constants the number of its first element's point. */
  readonly #tables = new Map<string, number>();

  constructor({ path, text, points }: { path: string; text: string; points: Point[] }) {
    this.#path = path;
    this.#text = text;
    this.#points = points;
  }

  countTables(statements: readonly Statement[]): void {
    for (const { name, elements } of findConstantTables(statements)) {
      this.#tables.set(name, this.#points.length);
      for (const { range } of elements) this.#points.push(this.#pointAt(range, true));
    }
  }

  /** Counts all that is part of a statement, but not the statement itself. */
  countBelow(statement: Statement): void {
    const nodes = listOwnNodes(statement);
    for (const operand of listOperands(nodes, this.#text)) {
      this.#count(operand, '(', ',');
      this.#insert(operand.range.end, ')');
    }
    for (const node of nodes) this.#countElement(node);
    for (const child of listChildren(statement)) {
      if (!child.isBranch) this.#count(child.statement, '', ';');
      else if (!isOpen(child.statement)) {
        this.#count(child.statement, '{ ', ';');
        this.#insert(endOf(child.statement, this.#text), ' }');
      }
      this.countBelow(child.statement);
    }
  }

  write(): string {
    if (this.#insertions.length === 0) return this.#text;
    const depth = this.#path.split('/').length - 2;
    const from = `${depth === 0 ? './' : '../'.repeat(depth)}visited`;
    const head = `import { visit, visitElement } from "${from}"; `;
    return `${head}${insert(this.#text, this.#insertions)}`;
  }

  #countElement(node: Node): void {
    const read = findTableRead(node);
    const first = read === null ? undefined : this.#tables.get(read.table);
    if (first === undefined) return;
    const { table, address } = read!;
    this.#insert(address.range.start, `visitElement(${first}, ${table}, `);
    this.#insert(address.range.end, ')');
  }

  #count({ range }: Node, open: string, separator: string): void {
    this.#insert(range.start, `${open}visit(${this.#points.length})${separator} `);
    this.#points.push(this.#pointAt(range, false));
  }

  #insert(at: number, text: string): void {
    this.#insertions.push({ at, text });
  }

  #pointAt({ start, end }: Range, isElement: boolean): Point {
    const before = this.#text.slice(0, start).split('\n');
    const [text] = this.#text.slice(start, end).split('\n');
    const column = before.at(-1)!.length + 1;
    return { path: this.#path, line: before.length, column, text: text!, isElement };
  }
}

/** The counters themselves: behind the mark a byte for each point, which stops at 255. */
export function counterSource(count: number): string {
  const bytes = [...new TextEncoder().encode(counterMark), ...new Uint8Array(count)];
  return `const first: usize = memory.data<u8>([${bytes.join()}]) + ${counterMark.length};
export function visit(point: u32): void {
  const visits = load<u8>(first + point);
  store<u8>(first + point, visits + u8(visits != 255));
}
export function visitElement(point: u32, table: usize, address: usize): usize {
  visit(point + <u32>(address - table));
  return address;
}
`;
}

interface Child {
  readonly statement: Statement;
  /** What an `if` or a loop governs; else a statement of a list. */
  readonly isBranch: boolean;
}

function listChildren(statement: Statement): Child[] {
  const branch = (one: Statement | null): Child[] =>
    one === null ? [] : [{ statement: one, isBranch: true }];
  const listed = (all: readonly Statement[]): Child[] =>
    all.map((one) => ({ statement: one, isBranch: false }));
  if (statement instanceof BlockStatement) return listed(statement.statements);
  if (statement instanceof IfStatement) {
    return [...branch(statement.ifTrue), ...branch(statement.ifFalse)];
  }
  if (statement instanceof SwitchStatement) {
    return statement.cases.flatMap(({ statements }) => listed(statements));
  }
  const isLoop =
    statement instanceof ForStatement ||
    statement instanceof WhileStatement ||
    statement instanceof DoStatement;
  return isLoop ? branch(statement.body) : [];
}

/** Blocks count what is in them; an `else if` counts its branches. */
function isOpen(statement: Statement): boolean {
  return statement instanceof BlockStatement || statement instanceof IfStatement;
}

/** The statement and its own expressions. */
function listOwnNodes(statement: Statement): Node[] {
  const children = new Set<Node>(listChildren(statement).map((child) => child.statement));
  return listNodes(statement, children);
}

/** Operands that run only if others say so. */
function listOperands(nodes: readonly Node[], text: string): Expression[] {
  return nodes.flatMap((node) => {
    if (node instanceof TernaryExpression) return [node.ifThen, node.ifElse];
    if (!(node instanceof BinaryExpression)) return [];
    const { left, right } = node;
    const operator = text.slice(left.range.end, right.range.start).trim();
    return operator === '&&' || operator === '||' ? [right] : [];
  });
}

/** A node and all below it, outer before inner, without what is below `others`. */
function listNodes(node: Node, others: ReadonlySet<Node>): Node[] {
  const below = Object.values(node)
    .flat()
    .filter((value): value is Node => value instanceof Node && !others.has(value));
  return [node, ...below.flatMap((child) => listNodes(child, others))];
}

function listBodies(statements: readonly Statement[]): Statement[] {
  const declared = statements.flatMap((statement): Statement[] =>
    statement instanceof ClassDeclaration ? [...statement.members] : [statement],
  );
  return declared.flatMap((statement) =>
    statement instanceof FunctionDeclaration && statement.body !== null ? [statement.body] : [],
  );
}

function endOf({ range }: Statement, text: string): number {
  return text[range.end] === ';' ? range.end + 1 : range.end;
}

function insert(text: string, insertions: readonly Insertion[]): string {
  const sorted = insertions.toSorted((a, b) => a.at - b.at);
  const parts = sorted.map(({ at, text: added }, index) => {
    return text.slice(sorted[index - 1]?.at ?? 0, at) + added;
  });
  return parts.join('') + text.slice(sorted.at(-1)?.at ?? 0);
}
