// Manifests from files, folders and standard input. Knows where bytes come from, not what they
// mean.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readManifests, type ReadResult } from '../kubernetes/read.ts';
import { InputError, type Problem } from '../problem.ts';

const STANDARD_INPUT = '-';
const MANIFEST_NAME = /\.(?:ya?ml|json)$/;

export interface ManifestFileOptions {
  /** Also the folders in a folder. */
  readonly recursive?: boolean;
}

/**
 * The objects of all files, in the order of the paths; of a folder its `*.yaml`, `*.yml` and
 * `*.json` sorted by name, `-` is standard input. Throws InputError with the problems of all files.
 */
export async function readManifestFiles(
  paths: readonly string[],
  options: ManifestFileOptions = {},
): Promise<ReadResult> {
  const results: ReadResult[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    await collectProblems(problems, async () => {
      for (const file of await listFiles(path, options)) {
        await collectProblems(problems, async () => {
          results.push(readManifests(await readBytes(file), file));
        });
      }
    });
  }
  if (problems.length > 0) throw new InputError(problems);
  return {
    objects: results.flatMap((result) => result.objects),
    skipped: results.flatMap((result) => result.skipped),
    warnings: results.flatMap((result) => result.warnings),
  };
}

async function listFiles(path: string, options: ManifestFileOptions): Promise<string[]> {
  if (path === STANDARD_INPUT || !(await isFolder(path))) return [path];
  const { recursive = false } = options;
  const names = (await readdir(path, { recursive })).filter((name) => MANIFEST_NAME.test(name));
  if (names.length === 0) {
    const expected = 'files that end in .yaml, .yml or .json';
    throw new InputError([{ file: path, message: 'no manifests in this folder', expected }]);
  }
  return names.sort().map((name) => join(path, name));
}

async function isFolder(path: string): Promise<boolean> {
  return (await refuse(path, stat(path))).isDirectory();
}

function readBytes(file: string): Promise<Uint8Array> {
  return file === STANDARD_INPUT ? buffer(process.stdin) : refuse(file, readFile(file));
}

/** Failures of the file system as bad input. */
async function refuse<Result>(file: string, action: Promise<Result>): Promise<Result> {
  try {
    return await action;
  } catch (error) {
    throw new InputError([{ file, message: describeFileError(error) }]);
  }
}

async function collectProblems(problems: Problem[], read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.push(...error.problems);
  }
}

function describeFileError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
  return code === 'EACCES' ? 'permission denied' : message;
}
