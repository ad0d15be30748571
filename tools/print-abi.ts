// Schema to source text: what the host knows of the boundary, and the hash by which both sides know
// that they speak of the same one. Must not know how the schema is found.

import { createHash } from 'node:crypto';
import type { EnumSchema, FieldSchema, MemberSchema, Schema, StructSchema } from './schema.ts';

const banner =
  '// Generated from assembly/abi by tools/generate-abi.ts; `npm run generate` prints it anew.\n';

/** A field as the host sees it: a pair of words is one address, unused bytes are absent. */
interface HostField {
  readonly name: string;
  readonly offset: number;
  readonly kind: string;
  readonly doc: string;
}

/** What a struct's number stands for. */
interface Meaning {
  readonly enum: string;
  readonly bits: boolean;
}

/** Text of host/abi/abi.gen.ts. */
export function printHostAbi(schema: Schema): string {
  const structs = schema.structs.map((struct) => ({
    struct,
    fields: hostFields(struct, schema),
  }));
  return [
    banner,
    printHash('ABI_HASH', schema),
    ...schema.enums.map(printEnum),
    ...structs.map(({ struct, fields }) => printInterface(struct, fields)),
    printStructTable(schema, structs),
    printEnumTable(schema),
    printMapTable(schema),
  ].join('\n');
}

/** Text of assembly/abi/hash.gen.ts. */
export function printAssemblyHash(schema: Schema): string {
  return `${banner}\n${printHash('ABI_HASH: u32', schema)}`;
}

/**
 * First 32 bits of the SHA-256 of the schema without its comments (those of maps are facts, and
 * stay).
 */
export function abiHash(schema: Schema): number {
  const lines = [
    ...schema.aliases.map(({ name, type }) => `type ${name} ${type}`),
    ...schema.structs.flatMap(({ name, sizeBytes, fields }) => [
      `struct ${name} ${sizeBytes}`,
      ...fields.map((field) => `  ${field.offset} ${field.name} ${field.type}`),
    ]),
    ...schema.enums.flatMap(({ name, members }) => [
      `enum ${name}`,
      ...members.map((member) => `  ${member.value} ${member.name}`),
    ]),
    ...readMaps(schema).map(({ id, kind, key, value }) => `map ${id} ${kind} ${key} ${value}`),
  ];
  return createHash('sha256').update(lines.join('\n')).digest().readUInt32BE();
}

/** `PolicyDeniedIngress` to `policy-denied-ingress`. */
export function kebabCase(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

function printHash(name: string, schema: Schema): string {
  const doc =
    '/** Hash of every name, offset, type and value in assembly/abi: both sides must agree. */';
  return `${doc}\nexport const ${name} = ${hex(abiHash(schema))};\n`;
}

function hostFields(struct: StructSchema, schema: Schema): HostField[] {
  const fields: HostField[] = [];
  struct.fields.forEach((field, index) => {
    if (/^zero\d+$/.test(field.name) || field.type === 'AddressLow') return;
    if (field.type === 'AddressHigh') requireLowHalf(struct, field, struct.fields[index + 1]);
    fields.push({
      name: field.type === 'AddressHigh' ? field.name.replace(/High$/, '') : field.name,
      offset: field.offset,
      kind: fieldKind(field, schema),
      doc: field.doc,
    });
  });
  return fields;
}

function requireLowHalf(struct: StructSchema, high: FieldSchema, low?: FieldSchema): void {
  const name = high.name.replace(/High$/, 'Low');
  if (low?.name !== name || low.type !== 'AddressLow' || low.offset !== high.offset + 8) {
    throw new Error(`${struct.name}.${high.name} must be followed by ${name}: AddressLow`);
  }
}

function fieldKind({ name, type }: FieldSchema, schema: Schema): string {
  if (type === 'AddressHigh') return 'address';
  if (type === 'Net16') return 'net16';
  const width = schema.aliases.find((alias) => alias.name === type)?.type ?? type;
  if (!/^u(8|16|32|64)$/.test(width)) throw new Error(`${name}: ${type} cannot cross the boundary`);
  return width;
}

/**
 * A comment that opens with an enum's name (`A Verdict.`, `Out: Effect bits.`) says what a number
 * means.
 */
function fieldMeaning(doc: string, schema: Schema): Meaning | null {
  const match = /^(?:In: |Out: )?(?:(?:an?|its) )?([A-Z]\w+)( bits| on| after|[.])(?!\w)/i.exec(
    doc,
  );
  const found = schema.enums.find(({ name }) => name === match?.[1]);
  return found === undefined ? null : { enum: found.name, bits: match?.[2] === ' bits' };
}

function printDoc(doc: string, indent: string): string {
  return doc === '' ? '' : `${indent}/** ${doc} */\n`;
}

function printEnum({ name, doc, members }: EnumSchema): string {
  const lines = members.map(
    (member) => `${printDoc(member.doc, '  ')}  ${member.name}: ${member.value},\n`,
  );
  return (
    `${printDoc(doc, '')}export const ${name} = {\n${lines.join('')}} as const;\n` +
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];\n`
  );
}

function printInterface({ name, doc }: StructSchema, fields: readonly HostField[]): string {
  const lines = fields.map((field) => {
    const type = field.kind === 'address' ? 'string' : 'number';
    return `${printDoc(field.doc, '  ')}  ${field.name}: ${type};\n`;
  });
  return `${printDoc(doc, '')}export interface ${name} {\n${lines.join('')}}\n`;
}

function printStructTable(
  schema: Schema,
  structs: readonly { struct: StructSchema; fields: readonly HostField[] }[],
): string {
  const printField = (field: HostField): string => {
    const meaning = fieldMeaning(field.doc, schema);
    const tail =
      meaning === null ? '' : `, enum: '${meaning.enum}'${meaning.bits ? ', bits: true' : ''}`;
    const { name, offset, kind } = field;
    return `      { name: '${name}', offset: ${offset}, kind: '${kind}'${tail} },\n`;
  };
  const entries = structs.map(
    ({ struct, fields }) =>
      `  ${struct.name}: {\n    sizeBytes: ${struct.sizeBytes},\n` +
      `    fields: [\n${fields.map(printField).join('')}    ],\n  },\n`,
  );
  const names = structs.map(({ struct }) => `  ${struct.name}: ${struct.name};\n`);
  return `/** Every struct by its name. */
export interface Structs {
${names.join('')}}
export type StructName = keyof Structs;

/**
 * net16 is in network byte order, an address is 16 bytes on the wire, the others are little-endian.
 */
export type FieldKind = 'u8' | 'u16' | 'u32' | 'u64' | 'net16' | 'address';

/** Where a field is; bytes that no field covers are zero. */
export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  readonly kind: FieldKind;
  /** What its numbers mean: members of this enum, or a sum of them if \`bits\`. */
  readonly enum?: EnumName;
  readonly bits?: boolean;
}
export interface StructLayout {
  readonly sizeBytes: number;
  readonly fields: readonly FieldLayout[];
}
export const structs: Readonly<Record<StructName, StructLayout>> = {
${entries.join('')}};
`;
}

function printEnumTable({ enums }: Schema): string {
  const printMember = ({ name, value, doc }: MemberSchema): string =>
    `    { name: '${name}', value: ${value}, code: '${kebabCase(name)}', ` +
    `sentence: ${quote(doc)} },\n`;
  const entries = enums.map(
    ({ name, members }) => `  ${name}: [\n${members.map(printMember).join('')}  ],\n`,
  );
  const names = enums.map(({ name }) => `'${name}'`);
  return `/** A member of an enum: its stable code and its sentence for people. */
export interface EnumMember {
  readonly name: string;
  readonly value: number;
  readonly code: string;
  /** '' where the name says it all. */
  readonly sentence: string;
}
export type EnumName = ${names.join(' | ')};
export const enums: Readonly<Record<EnumName, readonly EnumMember[]>> = {
${entries.join('')}};
`;
}

interface MapSchema {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  readonly doc: string;
}

/** The maps, from the comments of MapId. */
function readMaps({ structs, enums }: Schema): MapSchema[] {
  const members = enums.find(({ name }) => name === 'MapId')?.members ?? [];
  const isStruct = (name: string): boolean => structs.some((struct) => struct.name === name);
  return members
    .filter(({ name }) => name !== 'None')
    .map(({ name, value: id, doc }) => {
      const match = /^(array|hash|prefix) (\w+) -> (\w+): (.+)$/.exec(doc);
      const [, kind = '', key = '', value = '', sentence = ''] = match ?? [];
      if (!isStruct(value) || (kind === 'array' ? key !== 'u32' : !isStruct(key))) {
        throw new Error(
          `MapId.${name}: comment must be "array|hash|prefix Key -> Value: sentence"`,
        );
      }
      return { id, name: kebabCase(name), kind, key, value, doc: sentence };
    });
}

function printMapTable(schema: Schema): string {
  const maps = readMaps(schema);
  const entries = maps.map(
    ({ id, name, kind, key, value, doc }) =>
      `  '${name}': {\n    id: ${id},\n    kind: '${kind}',\n` +
      `    key: '${key}',\n    value: '${value}',\n    doc: ${quote(doc)},\n  },\n`,
  );
  const types = maps.map(
    ({ name, key, value }) =>
      `  '${name}': { key: ${key === 'u32' ? 'number' : key}; value: ${value} };\n`,
  );
  return `/** Type of the keys and values of each map; keys of arrays are numbers. */
export interface Maps {
${types.join('')}}
export type MapName = keyof Maps;
export interface MapInfo {
  readonly id: number;
  readonly kind: 'array' | 'hash' | 'prefix';
  readonly key: StructName | 'u32';
  readonly value: StructName;
  readonly doc: string;
}
export const maps: Readonly<Record<MapName, MapInfo>> = {
${entries.join('')}};
`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
