// Starts the processes that record and that kill, and starts another one where one hangs or breaks.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.js';
import type { Fate } from './kill.js';
import type { Mutant } from './schemata.js';
import { mutate, type Kind } from './sources.js';
import { hashFolders } from './stamp.js';
import { makeTree } from './tree.js';
import type { Message, Order } from './worker.js';

/** Whoever says nothing for so long hangs outside of the sources that have mutants. */
const silenceMs = 60_000;
/** What mutants and checks are made of. */
const inputs = ['assembly', 'host', 'fuzz', 'test'];
const worker = join(root, 'build/tools/mutants/worker.js');
const flags = ['--expose-gc'];

/** What is asked. */
export interface Prepared {
  readonly kind: Kind;
  readonly folder: string;
  /** In the order of their numbers, which are from 1. */
  readonly mutants: readonly Mutant[];
  readonly leftOut: readonly number[];
  /** Of the files that it was prepared of. */
  readonly stamp: string;
}

/** Builds the two trees and records, unless that was done with the very same files. */
export async function prepare(kind: Kind): Promise<Prepared> {
  const known = readPrepared(kind);
  const stamp = hashFolders(inputs);
  if (known?.stamp === stamp) return known;
  const { mutants, leftOut, noted, switched } = await mutate(kind);
  const folder = folderOf(kind);
  makeTree(join(folder, 'noted'), noted);
  makeTree(join(folder, 'switched'), switched);
  const recorder = spawnSync(process.execPath, [...flags, worker, kind, 'record'], {
    cwd: join(folder, 'noted'),
    stdio: 'inherit',
  });
  if (recorder.status !== 0) throw new Error(`recording ended with ${recorder.status}`);
  const prepared = { kind, folder, mutants, leftOut, stamp };
  writeFileSync(preparedFile(kind), JSON.stringify(prepared));
  return prepared;
}

/** What was prepared last, of these files or of others; null if nothing was. */
export function readPrepared(kind: Kind): Prepared | null {
  const file = preparedFile(kind);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Prepared) : null;
}

function preparedFile(kind: Kind): string {
  return join(folderOf(kind), 'prepared.json');
}

function folderOf(kind: Kind): string {
  return join(root, 'build/mutants', kind);
}

/** Which mutants are asked, in this order, and how long each at most, as recorded. */
export interface Questions {
  readonly numbers: readonly number[];
  readonly patienceSeconds: number;
}

/** Asks mutants, and tells of each. */
export async function killAll(
  prepared: Prepared,
  { numbers, patienceSeconds }: Questions,
  tell: (fate: Fate) => void,
): Promise<void> {
  const left = [...numbers];
  while (left.length > 0) {
    const isReady = await askInProcess(
      prepared,
      { numbers: [...left], patienceSeconds },
      (fate) => {
        left.shift();
        tell(fate);
      },
    );
    if (!isReady) throw new Error('no mutant could be asked');
    if (left.length > 0) tell({ number: left.shift()!, killer: 'the process ends, or hangs' });
  }
}

/** Asks in one process, until all were asked or it ends; false if it did not even begin. */
async function askInProcess(
  { kind, folder, mutants }: Prepared,
  { numbers, patienceSeconds }: Questions,
  tell: (fate: Fate) => void,
): Promise<boolean> {
  const child = fork(worker, [kind, 'kill', `${patienceSeconds}`], {
    cwd: join(folder, 'switched'),
    execArgv: flags,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let isReady = false;
  let timer: NodeJS.Timeout | undefined;
  child.on('message', (message: Message) => {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), silenceMs);
    if (message === 'ready') {
      isReady = true;
      const order: Order = numbers.map((number) => ({ number, path: mutants[number - 1]!.path }));
      child.send(order);
    } else if (message !== 'alive') {
      tell(message);
    }
  });
  await once(child, 'exit');
  clearTimeout(timer);
  return isReady;
}
