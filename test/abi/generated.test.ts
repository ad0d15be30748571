// The generated files are what the compiler says about assembly/abi today, and what cannot cross
// the boundary is refused with its place.

import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { maps } from '../../host/abi/abi.gen.ts';
import { sizeOf } from '../../host/abi/struct.ts';
import { generateAbi } from '../../tools/generate-abi.ts';
import { abiHash, printHostAbi } from '../../tools/print-abi.ts';
import { readSchema } from '../../tools/schema.ts';
import type { Schema } from '../../tools/schema.ts';

const root = join(import.meta.dirname, '../..');
const schema = await readSchema(root);

/** Schema of an assembly/abi that consists of one file. */
async function readSource(text: string): Promise<Schema> {
  const folder = await mkdtemp(join(tmpdir(), 'podplane-abi-'));
  await mkdir(join(folder, 'assembly/abi'), { recursive: true });
  await writeFile(join(folder, 'assembly/abi/sample.ts'), text);
  return readSchema(folder);
}

const sample = `
  /** Sample. */ @unmanaged export class Sample { first: u8; zero0: u8; zero1: u16; second: u32; }
  export enum Colour { /** Like blood. */ Red, Green = 4 }
  /** What maps there are. */
  export enum MapId { None, /** array u32 -> Sample: samples. */ Samples }
`;

describe('generated files', () => {
  test('equal what is generated now', async () => {
    for (const [path, text] of await generateAbi(root)) {
      expect(await readFile(join(root, path), 'utf8'), `${path}: run npm run generate`).toBe(text);
    }
  });

  test('keep names, comments, offsets and codes', async () => {
    const text = printHostAbi(await readSource(sample));
    expect(text).toContain('/** Sample. */\nexport interface Sample {\n  first: number;\n');
    expect(text).toContain("{ name: 'second', offset: 4, kind: 'u32' }");
    expect(text).toContain("{ name: 'Green', value: 4, code: 'green', sentence: \"\" }");
    expect(text).toContain('/** Like blood. */\n  Red: 0,');
    expect(text).toContain("'samples': { key: number; value: Sample };");
    expect(text).not.toContain('zero0');
  });
});

describe('hash', () => {
  test('changes with offsets, types, values and maps, not with comments', async () => {
    const hash = abiHash(await readSource(sample));
    const changed = async (from: string, to: string): Promise<number> =>
      abiHash(await readSource(sample.replace(from, to)));
    expect(await changed('Like blood', 'Like roses')).toBe(hash);
    expect(await changed('samples.', 'of something.')).toBe(hash);
    expect(await changed('first: u8; zero0: u8;', 'zero0: u8; first: u8;')).not.toBe(hash);
    expect(await changed('second: u32', 'second: i32').catch(() => 0)).not.toBe(hash);
    expect(await changed('Green = 4', 'Green = 5')).not.toBe(hash);
    expect(await changed('array u32', 'hash Sample')).not.toBe(hash);
  });
});

describe('what cannot cross the boundary is refused', () => {
  test.each([
    ['@final export class A { a: u32; }', 'sample.ts:1: struct A must be @unmanaged'],
    ['@unmanaged export class A { a: u32; f(): u32 { return 1; } }', 'may have fields only'],
    ['\nexport function f(): u32 { return 1; }', 'sample.ts:2: only structs, enums and aliases'],
    ['@unmanaged export class A { a: u32', 'does not compile'],
  ])('%s', async (text, message) => {
    await expect(readSource(text)).rejects.toThrow(message);
  });

  test.each([
    ['export enum MapId { None, /** list A -> A: wrong. */ As }', 'MapId.As: comment must be'],
    ['export enum MapId { None, /** array u32 -> Gone: wrong. */ As }', 'MapId.As: comment'],
    ['@unmanaged export class A { a: f32; }', 'a: f32 cannot cross'],
    [
      'export type AddressHigh = u64; @unmanaged export class A { aHigh: AddressHigh; b: u64; }',
      'A.aHigh must be followed by aLow: AddressLow',
    ],
  ])('%s', async (text, message) => {
    const odd = await readSource(text);
    expect(() => printHostAbi(odd)).toThrow(message);
  });
});

describe('layout', () => {
  test.each(schema.structs.map((struct) => [struct.name, struct] as const))(
    '%s has no hidden padding',
    (_, { sizeBytes, fields }) => {
      const width = new Map(schema.aliases.map(({ name, type }) => [name, type]));
      let end = 0;
      for (const { name, type, offset } of fields) {
        expect(offset, name).toBe(end);
        end = offset + Number((width.get(type) ?? type).slice(1)) / 8;
      }
      expect(sizeBytes).toBe(end);
    },
  );

  test.each(Object.entries(maps))('map %s fits the areas', (_, { key, value }) => {
    const keyBytes = key === 'u32' ? 4 : sizeOf(key);
    expect(keyBytes).toBeLessThanOrEqual(64);
    expect(keyBytes === 4 || keyBytes % 8 === 0).toBe(true);
    expect(sizeOf(value)).toBeLessThanOrEqual(192);
  });
});
