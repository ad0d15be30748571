// Snapshots of a dataplane as files of the command line.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Dataplane } from '../cluster/cluster.ts';
import { refuseFileErrors } from './capture-files.ts';

/** Restores a snapshot; throws InputError for a file that cannot be read or does not fit. */
export function restoreFile(dataplane: Dataplane, file: string): void {
  const bytes = refuseFileErrors(file, () => readFileSync(file));
  dataplane.restore(bytes, { file });
}

/** Writes a snapshot; the file appears under its name only when it is complete. */
export function writeSnapshot(dataplane: Dataplane, file: string): void {
  const partial = `${file}.part`;
  refuseFileErrors(file, () => {
    writeFileSync(partial, dataplane.snapshot());
    renameSync(partial, file);
  });
}
