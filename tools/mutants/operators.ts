// What may be written wrong, operator by operator: for a node of a program the texts that could
// stand in its place. AssemblyScript and TypeScript are read alike. Knows no switch, no test.

import { childrenOf, textOf, type SyntaxNode } from './syntax.ts';

/** What could stand in the place of a node. */
export interface Replacement {
  /** Empty for a statement that is taken out. */
  readonly text: string;
  /** Two expressions that differ when the replacement makes a difference; null if none is known. */
  readonly compared: readonly [wrong: string, right: string] | null;
}

const binaryOperators: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['+'],
  '/': ['*'],
  '%': ['*'],
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
};

/** Functions and methods that are easily taken for one another. */
const calls: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

/** Methods whose result resembles what they are called of. */
const passing = new Set(['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed', 'trim']);

const comparisons = new Set(['<', '<=', '>', '>=', '==', '!=', '===', '!==']);

/** What an expression could be instead; `source` is the text that the node is of. */
export function replaceExpression(node: SyntaxNode, source: string): Replacement[] {
  const right = textOf(node, source);
  const replace = (text: string): Replacement => {
    return { text, compared: isPure(node) ? [text, right] : null };
  };
  return textsInstead(node, source).map(replace);
}

function textsInstead(node: SyntaxNode, source: string): string[] {
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return replaceOperator(node, source);
    case 'Literal':
      return replaceLiteral(node);
    case 'UnaryExpression':
      return node.operator === '!' ? [textOf(node.argument!, source)] : [];
    case 'ConditionalExpression':
      return [textOf(node.consequent!, source), textOf(node.alternate!, source)];
    case 'CallExpression':
      return replaceCall(node, source);
    case 'UpdateExpression':
      return [textOf(node, source).replace(/\+\+|--/, (sign) => (sign === '++' ? '--' : '++'))];
    default:
      return [];
  }
}

function replaceOperator(node: SyntaxNode, source: string): string[] {
  const [left, right] = [textOf(node.left!, source), textOf(node.right!, source)];
  const others = binaryOperators[node.operator!] ?? [];
  // A text is put together with +, and cannot be with -.
  const isText = node.operator === '+' && [node.left!, node.right!].some(isTextual);
  return isText ? [] : others.map((operator) => `(${left}) ${operator} (${right})`);
}

function isTextual(node: SyntaxNode): boolean {
  return node.type === 'TemplateLiteral' || typeof node.value === 'string';
}

function replaceLiteral({ value, raw }: SyntaxNode): string[] {
  if (typeof value === 'boolean') return [`${!value}`];
  if (typeof value === 'string') return [value === '' ? "'mutant'" : "''"];
  if (typeof value !== 'number' || !Number.isInteger(value)) return [];
  const exact = BigInt(raw!.replaceAll('_', ''));
  return exact === 0n ? ['1'] : [`${exact + 1n}`, `${exact - 1n}`];
}

function replaceCall(node: SyntaxNode, source: string): string[] {
  const callee = node.callee!;
  const named = callee.type === 'MemberExpression' ? callee.property! : callee;
  if (named.type !== 'Identifier') return [];
  const other = calls[named.name!];
  if (other !== undefined) {
    return [source.slice(node.start, named.start) + other + source.slice(named.end, node.end)];
  }
  const isPassing = callee.type === 'MemberExpression' && passing.has(named.name!);
  return isPassing ? [textOf(callee.object!, source)] : [];
}

const conditional = new Set(['IfStatement', 'ForStatement', 'WhileStatement', 'DoWhileStatement']);

/** What the condition of an `if` or a loop could be instead. */
export function replaceCondition(node: SyntaxNode, source: string): Replacement[] {
  const { test, consequent, alternate, type } = node;
  if (!test || !conditional.has(type)) return [];
  const right = textOf(test, source);
  const isReplacedAnyway =
    (test.type === 'BinaryExpression' && comparisons.has(test.operator!)) ||
    (test.type === 'UnaryExpression' && test.operator === '!');
  const negated = isReplacedAnyway ? [] : [`!(${right})`];
  const isEarlyEnd = type === 'IfStatement' && !alternate && endsEarly(consequent!);
  const skipped = isEarlyEnd ? ['false'] : [];
  return [
    ...negated.map((text) => ({ text, compared: null })),
    ...skipped.map((text) => {
      return { text, compared: isPure(test) ? ([`!(${right})`, 'true'] as const) : null };
    }),
  ];
}

/** Whether what follows is not reached through this statement. */
function endsEarly(statement: SyntaxNode): boolean {
  const last = statement.type === 'BlockStatement' ? statement.body : statement;
  const final = Array.isArray(last) ? last.at(-1) : last;
  return ['ReturnStatement', 'ContinueStatement', 'BreakStatement'].includes(final?.type ?? '');
}

const removable = new Set(['BreakStatement', 'ContinueStatement', 'ThrowStatement']);

/** What a statement could be instead. */
export function replaceStatement(node: SyntaxNode, source: string): Replacement[] {
  const { type, expression, argument } = node;
  const isRemovable = removable.has(type) || (type === 'ReturnStatement' && !argument);
  if (isRemovable) return [{ text: '', compared: null }];
  if (type !== 'ExpressionStatement' || node.directive) return [];
  if (expression!.type === 'AssignmentExpression') return replaceAssignment(expression!, source);
  return isSuper(expression!) ? [] : [{ text: '', compared: null }];
}

function isSuper({ callee }: SyntaxNode): boolean {
  return callee?.type === 'Super';
}

function replaceAssignment(node: SyntaxNode, source: string): Replacement[] {
  const [left, right] = [textOf(node.left!, source), textOf(node.right!, source)];
  const areKnown = isPure(node.left!) && isPure(node.right!);
  const operator = node.operator!.slice(0, -1);
  const result = operator === '' ? right : `(${left}) ${operator} (${right})`;
  const others = operator === '' ? [] : (binaryOperators[operator] ?? []);
  return [
    { text: '', compared: areKnown ? [left, result] : null },
    ...others.map((other): Replacement => {
      const wrong = `(${left}) ${other} (${right})`;
      const text = `${left} = ${wrong};`;
      return { text, compared: areKnown ? [wrong, result] : null };
    }),
  ];
}

/** Calls of these read memory, or nothing. */
const pureCalls = new Set(['load', 'changetype', 'offsetof', 'min', 'max', 'ctz', 'clz', 'bswap']);

/** Whether evaluating an expression once more changes nothing. */
function isPure(node: SyntaxNode): boolean {
  const { type, callee } = node;
  if (/^(Assignment|Update|Await|Yield|New|Function|ArrowFunction|Class)/.test(type)) return false;
  if (type === 'CallExpression') {
    if (callee!.type !== 'Identifier' || !pureCalls.has(callee!.name!)) return false;
  }
  return childrenOf(node).every(isPure);
}
