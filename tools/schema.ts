// Reads assembly/abi with the AssemblyScript compiler itself: names, types and comments from its
// tree, offsets, sizes and values from a throw-away source that it compiles. There is no second
// layout algorithm here.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ClassDeclaration,
  EnumDeclaration,
  FieldDeclaration,
  NamedTypeNode,
  TypeDeclaration,
} from 'assemblyscript';
import type { DeclarationStatement, Node, Parser, Source, Statement } from 'assemblyscript';
import asc from 'assemblyscript/asc';
import type { APIOptions } from 'assemblyscript/asc';

/** A name for a number type, and what it says beyond the width. */
export interface AliasSchema {
  readonly name: string;
  readonly type: string;
  readonly doc: string;
}

/** One field; `type` is as declared, so it may be an alias. */
export interface FieldSchema {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly doc: string;
}

/** One `@unmanaged` class. */
export interface StructSchema {
  readonly name: string;
  readonly sizeBytes: number;
  readonly doc: string;
  readonly fields: readonly FieldSchema[];
}

/** One member of an enum. */
export interface MemberSchema {
  readonly name: string;
  readonly value: number;
  readonly doc: string;
}

export interface EnumSchema {
  readonly name: string;
  readonly doc: string;
  readonly members: readonly MemberSchema[];
}

/** Everything that crosses the boundary, in the order of the files and of each file. */
export interface Schema {
  readonly aliases: readonly AliasSchema[];
  readonly structs: readonly StructSchema[];
  readonly enums: readonly EnumSchema[];
}

type Transform = NonNullable<APIOptions['transforms']>[number];

/** What the compiler computed: `offset$Struct$field`, `size$Struct`, `value$Enum$Member`. */
type Numbers = (name: string) => number;

interface Declarations {
  aliases: TypeDeclaration[];
  structs: ClassDeclaration[];
  enums: EnumDeclaration[];
}

/**
 * Reads the schema in `root`/assembly/abi; refuses what cannot cross the boundary with file and
 * line.
 */
export async function readSchema(root: string): Promise<Schema> {
  const found: Declarations = { aliases: [], structs: [], enums: [] };
  const wasm = await compile(root, await listSources(root), (parser) => {
    collect(parser.sources, found);
    parser.parseFile(probeSource(parser.sources, found), 'probe.ts', true);
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const numbers: Numbers = (name) => (exports[name] as WebAssembly.Global<'i32'>).value;
  return {
    aliases: found.aliases.map(readAlias),
    structs: found.structs.map((struct) => readStruct(struct, numbers)),
    enums: found.enums.map((declaration) => readEnum(declaration, numbers)),
  };
}

async function listSources(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'assembly/abi'));
  const written = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.gen.ts'));
  return written.toSorted().map((name) => `assembly/abi/${name}`);
}

async function compile(
  root: string,
  sources: readonly string[],
  visit: (parser: Parser) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const written = new Map<string, string | Uint8Array>();
  const options = ['--baseDir', root, '--config', 'none', '--runtime', 'stub'];
  const result = await asc.main([...sources, ...options, '--outFile', 'probe.wasm'], {
    transforms: [{ afterParse: visit } as Transform],
    writeFile: (name: string, contents: string | Uint8Array) => void written.set(name, contents),
  });
  const wasm = written.get('probe.wasm');
  if (result.error !== null || !(wasm instanceof Uint8Array)) {
    throw new Error(`assembly/abi does not compile\n${String(result.error)}\n${result.stderr}`);
  }
  return new Uint8Array(wasm);
}

function collect(sources: readonly Source[], found: Declarations): void {
  for (const source of sources) {
    if (!source.normalizedPath.startsWith('assembly/abi/')) continue;
    for (const statement of source.statements) {
      if (statement instanceof TypeDeclaration) found.aliases.push(statement);
      else if (statement instanceof ClassDeclaration) found.structs.push(requirePlain(statement));
      else if (statement instanceof EnumDeclaration) found.enums.push(statement);
      else refuseUnlessImport(statement);
    }
  }
}

/** A struct without behaviour, whose memory nobody else manages. */
function requirePlain(declaration: ClassDeclaration): ClassDeclaration {
  const name = declaration.name.text;
  const decorators = (declaration.decorators ?? []).map(({ range }) => range.toString());
  if (!decorators.includes('@unmanaged') || declaration.extendsType !== null) {
    throw new Error(`${place(declaration)}: struct ${name} must be @unmanaged and extend nothing`);
  }
  const odd = declaration.members.find((member) => !(member instanceof FieldDeclaration));
  if (odd !== undefined) throw new Error(`${place(odd)}: struct ${name} may have fields only`);
  return declaration;
}

function refuseUnlessImport(statement: Statement): void {
  const text = statement.range.toString();
  if (!text.startsWith('import ')) {
    throw new Error(`${place(statement)}: only structs, enums and aliases cross the boundary`);
  }
}

/** One exported constant for each number that only the compiler knows. */
function probeSource(sources: readonly Source[], found: Declarations): string {
  const lines = sources
    .filter((source) => source.normalizedPath.startsWith('assembly/abi/'))
    .flatMap((source) => {
      const declared = [...found.structs, ...found.enums].filter(
        (declaration) => declaration.range.source === source,
      );
      const names = declared.map((declaration) => declaration.name.text);
      const path = source.normalizedPath.replace(/\.ts$/, '');
      return names.length === 0 ? [] : [`import { ${names.join(', ')} } from "./${path}";`];
    });
  const constant = (name: string, expression: string): void => {
    lines.push(`export const ${name}: i32 = <i32>${expression};`);
  };
  for (const { name, members } of found.structs) {
    constant(`size$${name.text}`, `offsetof<${name.text}>()`);
    for (const { name: field } of members) {
      constant(`offset$${name.text}$${field.text}`, `offsetof<${name.text}>("${field.text}")`);
    }
  }
  for (const { name, values } of found.enums) {
    for (const { name: member } of values) {
      constant(`value$${name.text}$${member.text}`, `${name.text}.${member.text}`);
    }
  }
  return lines.join('\n');
}

function readAlias(declaration: TypeDeclaration): AliasSchema {
  return {
    name: declaration.name.text,
    type: typeName(declaration),
    doc: readDoc(declaration),
  };
}

function readStruct(declaration: ClassDeclaration, numbers: Numbers): StructSchema {
  const name = declaration.name.text;
  const fields = declaration.members.map((member) => ({
    name: member.name.text,
    type: typeName(member),
    offset: numbers(`offset$${name}$${member.name.text}`),
    doc: readDoc(member),
  }));
  return { name, sizeBytes: numbers(`size$${name}`), doc: readDoc(declaration), fields };
}

function readEnum(declaration: EnumDeclaration, numbers: Numbers): EnumSchema {
  const name = declaration.name.text;
  const members = declaration.values.map((member) => ({
    name: member.name.text,
    value: numbers(`value$${name}$${member.name.text}`),
    doc: readDoc(member),
  }));
  return { name, doc: readDoc(declaration), members };
}

function typeName(declaration: DeclarationStatement): string {
  const isTyped = declaration instanceof FieldDeclaration || declaration instanceof TypeDeclaration;
  const type = isTyped ? declaration.type : null;
  if (!(type instanceof NamedTypeNode)) {
    throw new Error(`${place(declaration)}: ${declaration.name.text} has no named type`);
  }
  return type.name.identifier.text;
}

/** The doc comment that ends where the declaration begins, as one line; '' if there is none. */
function readDoc({ range }: Node): string {
  const before = range.source.text.slice(0, range.start).trimEnd();
  if (!before.endsWith('*/')) return '';
  const comment = before.slice(before.lastIndexOf('/*'));
  if (!comment.startsWith('/**')) return '';
  const lines = comment.slice(3, -2).split('\n');
  return lines
    .map((line) => line.replace(/^\s*\*?\s*/, '').trim())
    .join(' ')
    .trim();
}

function place({ range }: Node): string {
  return `${range.source.normalizedPath}:${range.source.lineAt(range.start)}`;
}
