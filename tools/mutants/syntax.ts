// Reads a source, be it AssemblyScript or TypeScript, into nodes as ESTree has them. What is about
// types alone is left out.

import { parseSync } from 'vite';

/** A node; the optional fields are those of the types that mutants are made of. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly operator?: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly raw?: string;
  readonly directive?: string | null;
  readonly kind?: string;
  readonly computed?: boolean;
  readonly left?: SyntaxNode;
  readonly right?: SyntaxNode;
  readonly argument?: SyntaxNode | null;
  readonly arguments?: readonly SyntaxNode[];
  readonly callee?: SyntaxNode;
  readonly object?: SyntaxNode;
  readonly property?: SyntaxNode;
  readonly expression?: SyntaxNode;
  readonly test?: SyntaxNode | null;
  readonly consequent?: SyntaxNode;
  readonly alternate?: SyntaxNode | null;
  readonly id?: SyntaxNode | null;
  readonly init?: SyntaxNode | null;
  readonly elements?: readonly SyntaxNode[];
  readonly body?: SyntaxNode | readonly SyntaxNode[];
}

/** Throws Error for what cannot be read. */
export function readSyntax(path: string, text: string): SyntaxNode {
  const { program, errors } = parseSync(path, text, { lang: 'ts' });
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`);
  return program as unknown as SyntaxNode;
}

export function textOf({ start, end }: SyntaxNode, source: string): string {
  return source.slice(start, end);
}

/** Of a node that speaks of types, what is evaluated all the same. */
const evaluated = /^TS(As|NonNull|Satisfies|Instantiation)Expression$|^TSTypeAssertion$/;
/** Decorators, imports and names of properties are not evaluated where they stand. */
const skipped = /^(Decorator|Import)/;

/** What a node is made of, in the order of the text. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const entries = Object.entries(node).filter(([key]) => key !== 'key' || node.computed === true);
  return entries
    .flatMap(([, value]) => value as unknown)
    .filter(isNode)
    .filter(({ type }) => !skipped.test(type) && (!type.startsWith('TS') || evaluated.test(type)))
    .toSorted((a, b) => a.start - b.start);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
