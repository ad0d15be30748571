// Where the bytes of a capture come from: a file that can be read again and again, or a stream that
// goes by once. What is compressed, or is wanted again from a stream, goes to a temporary file
// first: memory stays bounded, whatever the size. Source: RFC 1952 for the first bytes of gzip.

import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { writeWhole } from './write-whole.ts';
import type { ByteSource } from '../pcap/block-reader.ts';

/** An open capture. */
export interface CaptureSource {
  /** Begins to read it. */
  open(): ByteSource;
  /** Null of a stream. */
  readonly sizeBytes: number | null;
  close(): void;
}

const standardInput = 0;
const gzipMagic = [0x1f, 0x8b] as const;
const chunkBytes = 1 << 18;
const retryMs = 5;

/**
 * Opens a file, or standard input as `-`. `isReadAgain`: it may be opened several times. Throws
 * what the file system and zlib throw.
 */
export async function openSource(file: string, isReadAgain: boolean): Promise<CaptureSource> {
  const descriptor = file === '-' ? standardInput : openSync(file, 'r');
  let isKept = false;
  try {
    const isFile = fstatSync(descriptor).isFile() && descriptor !== standardInput;
    const start = isFile ? fileSource(descriptor) : streamSource(descriptor);
    const first = readFully(start, gzipMagic.length);
    const isCompressed = gzipMagic.every((byte, index) => byte === first[index]);
    const whole = behind(first, start);
    if (isCompressed || (isReadAgain && !isFile)) return await spool(whole, isCompressed);
    isKept = true;
    if (isFile) return fileCapture(descriptor);
    return { open: () => whole, sizeBytes: null, close: () => closeUnlessStandard(descriptor) };
  } finally {
    if (!isKept) closeUnlessStandard(descriptor);
  }
}

function closeUnlessStandard(descriptor: number): void {
  if (descriptor !== standardInput) closeSync(descriptor);
}

function fileCapture(descriptor: number): CaptureSource {
  return {
    open: () => fileSource(descriptor),
    sizeBytes: fstatSync(descriptor).size,
    close: () => closeSync(descriptor),
  };
}

/** Copies a source to a file without a name, expanded if it is compressed. */
async function spool(source: ByteSource, isCompressed: boolean): Promise<CaptureSource> {
  const folder = mkdtempSync(join(tmpdir(), 'podplane-'));
  const descriptor = openSync(join(folder, 'capture'), 'wx+', 0o600);
  rmSync(folder, { recursive: true });
  try {
    const chunks = chunksOf(source);
    if (!isCompressed) for (const chunk of chunks) writeWhole(descriptor, chunk);
    else {
      await pipeline(chunks, createGunzip(), async (parts: AsyncIterable<Uint8Array>) => {
        for await (const part of parts) writeWhole(descriptor, part);
      });
    }
    return fileCapture(descriptor);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function* chunksOf(source: ByteSource): Generator<Uint8Array> {
  for (;;) {
    const chunk = new Uint8Array(chunkBytes);
    const count = source.read(chunk);
    if (count === 0) return;
    yield chunk.subarray(0, count);
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

/** Reads on from wherever the descriptor is, and waits for what is still to come. */
function streamSource(descriptor: number): ByteSource {
  const sleeping = new Int32Array(new SharedArrayBuffer(4));
  return {
    read(into) {
      for (;;) {
        try {
          return readSync(descriptor, into, 0, into.length, null);
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code === 'EOF') return 0;
          if (code !== 'EAGAIN') throw error;
          Atomics.wait(sleeping, 0, 0, retryMs);
        }
      }
    },
  };
}

/** The next bytes, fewer only if the source ends. */
function readFully(source: ByteSource, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let done = 0;
  while (done < lengthBytes) {
    const count = source.read(bytes.subarray(done));
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** What was read of a source already, then the source. */
function behind(first: Uint8Array, source: ByteSource): ByteSource {
  let given = 0;
  return {
    read(into) {
      if (given === first.length) return source.read(into);
      const part = first.subarray(given, given + into.length);
      into.set(part);
      given += part.length;
      return part.length;
    },
  };
}
