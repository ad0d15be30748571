// What guided fuzzing keeps from run to run, in files.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { refuseFileErrors } from './capture-files.ts';

/** Inputs that guided fuzzing keeps, by target. */
export interface Corpora {
  read(target: string): readonly Uint8Array[];
  write(target: string, inputs: readonly Uint8Array[]): void;
}

/**
 * A folder for each target, each input in a file named by its content: several processes may use
 * the same ones at a time, and folders are merged by copying one into the other. What was read and
 * is not kept is taken away. Throws InputError where files cannot be read or written.
 */
export function openCorpora(folder: string): Corpora {
  const read = new Map<string, readonly string[]>();
  return {
    read(target) {
      const own = join(folder, target);
      const names = refuseFileErrors(own, () => listInputs(own));
      read.set(target, names);
      return names.flatMap((name) => readInput(join(own, name)) ?? []);
    },
    write(target, inputs) {
      const own = join(folder, target);
      const kept = refuseFileErrors(own, () => {
        return new Set(inputs.map((input) => writeInput(own, input)));
      });
      // After what stands for them is there.
      for (const name of read.get(target) ?? []) {
        if (!kept.has(name)) rmSync(join(own, name), { force: true });
      }
    },
  };
}

const inputName = /^[0-9a-f]{32}$/;

/** Names of the inputs in a folder, which is made if it is not there. */
function listInputs(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((name) => inputName.test(name))
    .toSorted();
}

/** Null if another process has taken it away. */
function readInput(file: string): Uint8Array | null {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Writes an input unless it is there, whole or not at all; returns its name. */
function writeInput(folder: string, input: Uint8Array): string {
  const name = createHash('sha256').update(input).digest('hex').slice(0, 32);
  const file = join(folder, name);
  if (existsSync(file)) return name;
  const beginning = `${file}.${process.pid}`;
  writeFileSync(beginning, input);
  renameSync(beginning, file);
  return name;
}
