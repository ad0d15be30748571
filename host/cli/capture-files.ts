// Captures as files: opened together, read in blocks, written whole or not at all.

import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import type { Dataplane } from '../cluster/cluster.ts';
import type { ByteSink } from '../pcap/writer.ts';
import { InputError } from '../problem.ts';
import { parseCaptureArgument, type CaptureInput } from '../replay/place.ts';
import { openSource, type CaptureSource } from './capture-source.ts';
import { explainFileError } from './cluster-options.ts';
import { UsageError } from './command.ts';
import { writeWhole } from './write-whole.ts';

/** Captures that are open. */
export interface OpenCaptures {
  readonly captures: readonly CaptureInput[];
  /** Of all of them; null if one is a stream. */
  readonly sizeBytes: number | null;
  close(): void;
}

/**
 * Captures named on the command line, `[PORT=]file`. `isReadAgain`: they are read more than once.
 * Throws InputError for files that cannot be opened.
 */
export async function openCaptures(
  texts: readonly string[],
  isReadAgain = false,
): Promise<OpenCaptures> {
  const sources: CaptureSource[] = [];
  const close = (): void => sources.forEach((source) => source.close());
  const captures: CaptureInput[] = [];
  try {
    for (const text of texts) {
      const { place, file } = parseCaptureArgument(text);
      const source = await openSource(file, isReadAgain).catch((error: unknown) => {
        throw fileProblem(file, error);
      });
      sources.push(source);
      captures.push({ file, open: source.open, ...(place !== undefined && { place }) });
    }
  } catch (error) {
    close();
    throw error;
  }
  const sizes = sources.map(({ sizeBytes }) => sizeBytes ?? Number.NaN);
  const sum = sizes.reduce((total, size) => total + size, 0);
  return { captures, sizeBytes: Number.isNaN(sum) ? null : sum, close };
}

/** Throws InputError for what the file system refuses. */
export function refuseFileErrors<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fileProblem(file, error);
  }
}

function fileProblem(file: string, error: unknown): InputError {
  return new InputError([{ file, ...explainFileError(error as NodeJS.ErrnoException) }]);
}

/**
 * A file that appears under its name only when it is complete. Throws InputError when it cannot be
 * made.
 */
export function createCapture(file: string): { sink: ByteSink; finish(): void; abandon(): void } {
  const partial = `${file}.part`;
  const descriptor = refuseFileErrors(file, () => openSync(partial, 'w'));
  return {
    sink: (bytes) => writeWhole(descriptor, bytes),
    finish() {
      closeSync(descriptor);
      renameSync(partial, file);
    },
    abandon() {
      closeSync(descriptor);
      rmSync(partial, { force: true });
    },
  };
}

/** Throws UsageError for a capture at a port that the node does not have. */
export function requirePlaces(dataplane: Dataplane, captures: readonly CaptureInput[]): void {
  const ports = [...dataplane.names.ports.values()];
  for (const { place } of captures) {
    if (place === undefined || ports.includes(place)) continue;
    const message = `node ${dataplane.node} has no port "${place}"`;
    throw new UsageError(message, `one of ${ports.join(', ')}`);
  }
}
