// The door for pages: the public door, and manifests from files that somebody picked or dropped.

import { readManifests, type ReadResult } from './kubernetes/read.ts';
import { InputError, type Problem } from './problem.ts';

export * from './index.ts';

/** The part of a `File` that reading needs. */
export interface PickedFile {
  readonly name: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** The objects of all files, in their order. Throws InputError with the problems of all files. */
export async function readPickedFiles(files: Iterable<PickedFile>): Promise<ReadResult> {
  const all: ReadResult = { objects: [], skipped: [], warnings: [] };
  const problems: Problem[] = [];
  for (const file of files) {
    try {
      const read = readManifests(new Uint8Array(await file.arrayBuffer()), file.name);
      all.objects.push(...read.objects);
      all.skipped.push(...read.skipped);
      all.warnings.push(...read.warnings);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  return all;
}
