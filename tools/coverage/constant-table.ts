// Tables of constants in an AssemblyScript source: `const name: usize = memory.data<u8>([…])` in
// the module, and `load<u8>(name + …)` in a function. An element is as good as a branch.

import {
  ArrayLiteralExpression,
  BinaryExpression,
  CallExpression,
  IdentifierExpression,
  PropertyAccessExpression,
  VariableStatement,
} from 'assemblyscript';
import type { Expression, Node, Statement } from 'assemblyscript';

export interface ConstantTable {
  readonly name: string;
  readonly elements: readonly Expression[];
}

/** The tables that a module's statements declare. */
export function findConstantTables(statements: readonly Statement[]): ConstantTable[] {
  return statements.flatMap((statement) => {
    if (!(statement instanceof VariableStatement)) return [];
    return statement.declarations.flatMap(({ name, initializer }) => {
      const elements = initializer === null ? null : elementsOf(initializer);
      return elements === null ? [] : [{ name: name.text, elements }];
    });
  });
}

/** Which table an expression may read, and the address it reads at; null if it reads none. */
export function findTableRead(node: Node): { table: string; address: Expression } | null {
  if (!(node instanceof CallExpression) || !isNamed(node.expression, 'load')) return null;
  const [address] = node.args;
  let first: Expression | undefined = address;
  while (first instanceof BinaryExpression) first = first.left;
  if (first === address || !(first instanceof IdentifierExpression)) return null;
  return { table: first.text, address: address! };
}

function elementsOf(initializer: Expression): readonly Expression[] | null {
  if (!(initializer instanceof CallExpression)) return null;
  const { expression, args } = initializer;
  const isData =
    expression instanceof PropertyAccessExpression &&
    isNamed(expression.expression, 'memory') &&
    expression.property.text === 'data';
  const [list] = args;
  return isData && list instanceof ArrayLiteralExpression ? list.elementExpressions : null;
}

function isNamed(node: Node, name: string): boolean {
  return node instanceof IdentifierExpression && node.text === name;
}
