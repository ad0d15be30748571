// Captures as files: read in blocks, written whole or not at all.

import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { Dataplane } from '../cluster/cluster.ts';
import { gunzipSync } from 'node:zlib';
import { sourceOf, type ByteSource } from '../pcap/block-reader.ts';
import type { ByteSink } from '../pcap/writer.ts';
import { InputError } from '../problem.ts';
import { parseCaptureArgument, type CaptureInput } from '../replay/place.ts';
import { explainFileError } from './cluster-options.ts';
import { UsageError } from './command.ts';

/**
 * Captures named on the command line, `[PORT=]file`. Throws InputError for files that cannot be
 * opened.
 */
export function openCaptures(texts: readonly string[]): {
  captures: CaptureInput[];
  close(): void;
} {
  const descriptors: number[] = [];
  const close = () => descriptors.forEach((descriptor) => closeSync(descriptor));
  const captures = texts.map((text) => {
    const { place, file } = parseCaptureArgument(text);
    const open = refuseFileErrors(file, () => openSource(file, descriptors));
    return { file, open, ...(place !== undefined && { place }) };
  });
  return { captures, close };
}

/**
 * How to begin to read a file. One that cannot be read twice, such as a pipe, and one that is
 * compressed is read into memory.
 */
function openSource(file: string, descriptors: number[]): () => ByteSource {
  if (file === '-' || !statSync(file).isFile()) {
    const bytes = expand(readFileSync(file === '-' ? 0 : file));
    return () => sourceOf(bytes);
  }
  const descriptor = openSync(file, 'r');
  descriptors.push(descriptor);
  const start = new Uint8Array(gzipMagic.length);
  readSync(descriptor, start, 0, start.length, 0);
  if (isCompressed(start)) {
    const bytes = expand(readFileSync(file));
    return () => sourceOf(bytes);
  }
  return () => fileSource(descriptor);
}

const gzipMagic = [0x1f, 0x8b] as const;

function isCompressed(start: Uint8Array): boolean {
  return gzipMagic.every((byte, index) => byte === start[index]);
}

function expand(bytes: Uint8Array): Uint8Array {
  return isCompressed(bytes) ? gunzipSync(bytes) : bytes;
}

/** Throws InputError for what the file system refuses. */
export function refuseFileErrors<Result>(file: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw new InputError([{ file, ...explainFileError(error as NodeJS.ErrnoException) }]);
  }
}

/** Reads from the start, whoever else reads the same descriptor. */
function fileSource(descriptor: number): ByteSource {
  let position = 0;
  return {
    read(into) {
      const count = readSync(descriptor, into, 0, into.length, position);
      position += count;
      return count;
    },
  };
}

/**
 * A file that appears under its name only when it is complete. Throws InputError when it cannot be
 * made.
 */
export function createCapture(file: string): { sink: ByteSink; finish(): void; abandon(): void } {
  const partial = `${file}.part`;
  const descriptor = refuseFileErrors(file, () => openSync(partial, 'w'));
  return {
    sink(bytes) {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(descriptor, bytes, done, bytes.length - done);
      }
    },
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
