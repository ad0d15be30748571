// The drawings in assembly/abi are those of the structs: a field that moves without its drawing
// fails here.

import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { structs } from '../../host/abi/abi.gen.ts';
import { drawLayout } from './layout-drawing.ts';

const folder = new URL('../../assembly/abi/', import.meta.url);
const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));

test.each(Object.keys(structs))('%s is drawn as it lies in memory', (name) => {
  const source = sources.find((text) => text.includes(`export class ${name} {`))!;
  const before = source.slice(0, source.indexOf(`export class ${name} {`));
  const block = before.slice(before.lastIndexOf('\n\n'));
  const drawn = block.split('\n').filter((line) => /^\/\/ {3}[┌│└]/.test(line));
  expect(drawn).toEqual(drawLayout(structs[name as keyof typeof structs]));
});
