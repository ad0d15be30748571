// Source files of this repository as the tidy test sees them: lines, functions, declared names,
// imports. Read with Vite's parser; AssemblyScript is TypeScript to it once the decorators are
// blanked out.

import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'vite';

/** One function, method or arrow function. */
export interface FunctionShape {
  readonly name: string;
  readonly line: number;
  readonly lengthLines: number;
  readonly parameters: number;
}

/** An import, an export from, or a URL relative to the file. */
export interface Import {
  readonly specifier: string;
  /** Path from the root of the repository, null for a package. */
  readonly target: string | null;
}

export interface SourceFile {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly functions: readonly FunctionShape[];
  /** Names of functions, classes, types, variables, parameters and members. */
  readonly names: readonly string[];
  readonly imports: readonly Import[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface Found {
  readonly functions: FunctionShape[];
  readonly names: string[];
  readonly specifiers: string[];
}

/** Every TypeScript and JavaScript file under the folders. */
export function readSourceFiles(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => listFiles(root, folder)).map((path) => readFile(root, path));
}

function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listFiles(root, path);
    return /\.(ts|mjs|js)$/.test(entry.name) ? [path] : [];
  });
}

function readFile(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, lines: text.split('\n'), ...analyse(path, text) };
}

/** What is in a source text; throws where it cannot be parsed. */
export function analyse(
  path: string,
  text: string,
): Pick<SourceFile, 'functions' | 'names' | 'imports'> {
  const source = path.startsWith('assembly/') ? blankDecorators(text) : text;
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found: Found = { functions: [], names: [], specifiers: [] };
  visit(program as unknown as Node, null, (node, parent) => inspect(node, parent, source, found));
  const imports = found.specifiers.map((specifier) => ({
    specifier,
    target: resolveImport(path, specifier),
  }));
  return { functions: found.functions, names: found.names, imports };
}

/** `@inline` and its like, which TypeScript does not allow on functions, become spaces. */
function blankDecorators(text: string): string {
  return text.replace(/@[a-z]\w*(\.\w+)*(\([^)]*\))?(?=\s)/g, (decorator) =>
    ' '.repeat(decorator.length),
  );
}

function visit(
  node: Node,
  parent: Node | null,
  inspector: (node: Node, parent: Node | null) => void,
): void {
  inspector(node, parent);
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) {
      if (isNode(item)) visit(item, node, inspector);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function inspect(node: Node, parent: Node | null, text: string, found: Found): void {
  const specifier = specifierOf(node);
  if (specifier !== null) found.specifiers.push(specifier);
  found.names.push(...declaredNames(node));
  if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return;
  if (isDescribeBlock(node, parent)) return;
  const whole = parent?.type === 'MethodDefinition' ? parent : node;
  const body = text.slice(whole.start, whole.end);
  found.functions.push({
    name: [node, parent].flatMap((owner) => (owner ? declaredNames(owner) : []))[0] ?? 'function',
    line: text.slice(0, whole.start).split('\n').length,
    lengthLines: body.split('\n').length,
    parameters: (node.params as Node[]).length,
  });
}

/** A `describe` block is a heading over tests, each of which is a function of its own. */
function isDescribeBlock(node: Node, parent: Node | null): boolean {
  if (parent?.type !== 'CallExpression') return false;
  let callee = parent.callee as Node;
  while (callee.type === 'CallExpression' || callee.type === 'MemberExpression') {
    callee = (callee.callee ?? callee.object) as Node;
  }
  return callee.name === 'describe' && (parent.arguments as Node[]).includes(node);
}

function declaredNames(node: Node): string[] {
  if (/^(FunctionExpression|ArrowFunctionExpression|FunctionDeclaration)$/.test(node.type)) {
    return [node.id, ...(node.params as Node[])].flatMap(identifierName);
  }
  if (/^(Class|VariableDeclarator|TS(Interface|TypeAlias|Enum))/.test(node.type)) {
    return identifierName(node.id);
  }
  const isMember = /^(MethodDefinition|PropertyDefinition|TS(Property|Method)Signature)$/;
  return isMember.test(node.type) ? identifierName(node.key) : [];
}

function identifierName(node: unknown): string[] {
  return isNode(node) && typeof node.name === 'string' ? [node.name] : [];
}

/** Where an import, an export or `new URL(…, import.meta.url)` points. */
function specifierOf(node: Node): string | null {
  if (/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type)) {
    return literalText(node.source);
  }
  if (node.type !== 'NewExpression') return null;
  const [first] = node.arguments as Node[];
  const isUrl = identifierName(node.callee)[0] === 'URL';
  const text = isUrl ? literalText(first) : null;
  return text?.startsWith('.') && /\.(ts|js)$/.test(text) ? text : null;
}

function literalText(node: unknown): string | null {
  return isNode(node) && typeof node.value === 'string' ? node.value : null;
}

function resolveImport(path: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  const target = posix.join(posix.dirname(path), specifier);
  if (path.startsWith('assembly/')) return `${target}.ts`;
  return target.replace(/\.js$/, '.ts');
}
