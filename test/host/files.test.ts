// Files, folders and standard input.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readManifestFiles } from '../../host/files/manifests.ts';
import { InputError } from '../../host/problem.ts';

let root: string;
const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'podplane-files-'));
  await mkdir(join(root, 'deep', 'deeper'), { recursive: true });
  await mkdir(join(root, 'empty'));
  const files: Record<string, string> = {
    'b.yaml': pod('b'),
    'a.json': '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}',
    'c.yml': pod('c'),
    'notes.txt': 'not: [a manifest',
    'deep/d.yaml': pod('d'),
    'deep/deeper/e.yaml': pod('e'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  await writeFile(join(root, 'bad.txt'), 'kind: Pod\napiVersion: v1\n');
});

afterAll(() => rm(root, { recursive: true }));

const namesIn = async (...args: Parameters<typeof readManifestFiles>) =>
  (await readManifestFiles(...args)).objects.map((object) => object.metadata.name);

it('reads the manifests of a folder by name, and of folders in it only when asked', async () => {
  expect(await namesIn([root])).toEqual(['a', 'b', 'c']);
  expect(await namesIn([root], { recursive: true })).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('reads files in the given order, whatever they are called', async () => {
  const [first, second] = ['c.yml', 'b.yaml'].map((name) => join(root, name));
  const { objects } = await readManifestFiles([first!, second!]);
  expect(objects.map(({ source }) => source?.file)).toEqual([first, second]);
});

it('reads standard input', async () => {
  const stdin = Readable.from([Buffer.from(pod('p').slice(0, 9)), Buffer.from(pod('p').slice(9))]);
  const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(stdin as typeof process.stdin);
  expect(await namesIn(['-'])).toEqual(['p']);
  spy.mockRestore();
});

it('tells the problems of all files at once', async () => {
  const paths = ['missing.yaml', 'bad.txt', 'b.yaml', 'empty', 'notes.txt', 'b.yaml/x'];
  const error: unknown = await readManifestFiles(paths.map((path) => join(root, path))).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message.replaceAll(`${root}/`, '').split('\n')).toEqual([
    'missing.yaml: no such file',
    'bad.txt:1:1: metadata.name: Required value: name or generateName is required',
    'empty: no manifests in this folder; files that end in .yaml, .yml or .json',
    'notes.txt:1:17: unexpected end of the stream within a flow collection',
    'b.yaml/x: no such file',
  ]);
});
