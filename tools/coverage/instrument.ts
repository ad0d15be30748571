// Puts a counter before every statement of an AssemblyScript source, and before every operand that
// is not always evaluated, without moving a line. Knows the language, not what the source is for.

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
import type { Statement } from 'assemblyscript';

/** A statement, or an operand of `&&`, `||` or `?:`, that is counted. */
export interface Point {
  readonly path: string;
  /** 1 = the first. */
  readonly line: number;
  /** In characters, 1 = the first. */
  readonly column: number;
}

/** What a counted source imports; `visit(n)` counts point n. */
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
  const insertions: Insertion[] = [];
  const count = (node: Node, open: string, separator: string): void => {
    const before = text.slice(0, node.range.start).split('\n');
    const visit = `${open}visit(${points.length})${separator} `;
    insertions.push({ at: node.range.start, text: visit });
    points.push({ path, line: before.length, column: before.at(-1)!.length + 1 });
  };
  const walk = (statement: Statement): void => {
    for (const operand of listOperands(statement, text)) {
      count(operand, '(', ',');
      insertions.push({ at: operand.range.end, text: ')' });
    }
    for (const child of listChildren(statement)) {
      if (!child.isBranch) count(child.statement, '', ';');
      else if (!isOpen(child.statement)) {
        count(child.statement, '{ ', ';');
        insertions.push({ at: endOf(child.statement, text), text: ' }' });
      }
      walk(child.statement);
    }
  };
  for (const body of listBodies(path, text)) walk(body);
  if (insertions.length === 0) return text;
  const depth = path.split('/').length - 2;
  const from = `${depth === 0 ? './' : '../'.repeat(depth)}visited`;
  return `import { visit } from "${from}"; ${insert(text, insertions)}`;
}

/** The counters themselves: behind the mark a byte for each point, which stops at 255. */
export function counterSource(count: number): string {
  const bytes = [...new TextEncoder().encode(counterMark), ...new Uint8Array(count)];
  return `const first: usize = memory.data<u8>([${bytes.join()}]) + ${counterMark.length};
export function visit(point: u32): void {
  const visits = load<u8>(first + point);
  store<u8>(first + point, visits + u8(visits != 255));
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

/** Operands in the statement's own expressions that run only if others say so. */
function listOperands(statement: Statement, text: string): Expression[] {
  const children = new Set<Node>(listChildren(statement).map((child) => child.statement));
  return listNodes(statement, children).flatMap((node) => {
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

function listBodies(path: string, text: string): Statement[] {
  const parser = new Parser();
  parser.parseFile(text, path, true);
  const declared = parser.sources[0]!.statements.flatMap((statement): Statement[] =>
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
