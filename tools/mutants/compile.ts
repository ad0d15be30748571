// Compiles the dataplane with all its mutants. What does not compile behind a switch (a constant
// that must be one, say) is known by what the compiler says, and left out.

import { Flow } from 'assemblyscript';
import { compileChanged, type ChangedBuild } from '../compile-changed.ts';
import { writeMutants, type Mutant, type Writing } from './schemata.ts';
import { assemblySwitch, notedBytes } from './switch-sources.ts';
import { assemblyModule, assemblyNoted, assemblySwitched } from './writings.ts';

/** Folders of the packet path. */
const packetPath =
  /^assembly\/(wire|table|packet|service|policy|conntrack|nat|route|fragment|answer|pipeline)\//;
/** Has the functions that the host calls. */
const entry = 'assembly/index.ts';
/** What a mutant begins with in a changed source, and its number. */
const beginning = /\b(?:isMutant|noteMutant)\((\d+)/g;

const constant = /\bisMutant\((\d+)\) \? \(\d{3,}\)/g;
/** A refusal of the compiler ends with what it marks, and where that is. */
const messageEnd = /ERROR (?:(?!INFO|ERROR)[^])*?(~+)\s+└─ in (assembly\/\S+)\((\d+),(\d+)\)/g;

/**
 * Shared memory is left alone by the garbage collector's account of what is used: else it would run
 * after every other instance that a check makes, and take most of the time. See `instances.ts`.
 */
const sharedMemory = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];

export interface MutatedModule {
  /** In the order of their numbers, which are from 1. */
  readonly mutants: readonly Mutant[];
  /** Numbers of those that do not compile. */
  readonly leftOut: ReadonlySet<number>;
  /** Runs one of the mutants. */
  readonly switched: Uint8Array;
  /** Says which mutants would have made a difference. */
  readonly noted: Uint8Array;
}

/** Throws Error with what the compiler says, if it is not about mutants. */
export async function compileMutants(root: string): Promise<MutatedModule> {
  // A comparison with null proves nothing to the compiler any more once a switch stands before it.
  Flow.prototype.isNonnull = () => true;
  const { wasm: switched, mutants, refused } = await compileWritten(root, assemblySwitched, drop);
  const noted = await compileWritten(root, assemblyNoted, uncompare);
  return { mutants, leftOut: refused, switched, noted: noted.wasm };
}

/** The module as it is, but for its memory. */
export async function compileUnchanged(root: string): Promise<Uint8Array> {
  const change = (_: string, text: string): string => text;
  const build = await compileChanged({ root, added: {}, change, flags: sharedMemory });
  if (build.wasm === null) throw new Error(build.messages);
  return build.wasm;
}

type Refusal = (writing: Writing, refused: ReadonlySet<number>) => Writing;

/** Compiles until nothing is refused any more. */
async function compileWritten(root: string, writing: Writing, refuse: Refusal) {
  const refused = new Set<number>();
  for (;;) {
    const mutants: Mutant[] = [];
    const before = refused.size;
    const build = await compileChanged({
      root,
      added: { [`${assemblyModule}.ts`]: assemblySwitch() },
      flags: sharedMemory,
      change: (path, text) => {
        if (path === entry && writing === assemblySwitched) return limitCalls(text);
        if (!packetPath.test(path)) return text;
        return writeMutants({ path, text }, mutants, refuse(writing, refused));
      },
    });
    if (mutants.length >= notedBytes) throw new Error(`${mutants.length} mutants are too many`);
    if (build.wasm !== null) return { wasm: build.wasm, mutants, refused };
    for (const number of findRefused(build, refused)) refused.add(number);
    if (refused.size === before) throw new Error(build.messages);
  }
}

/** A host that asks for one entry after the other must come to an end, too. */
function limitCalls(text: string): string {
  const limited = text.replaceAll(/^export function [^{]*\{/gm, '$& spendCall();');
  return `import { spendCall } from "../${assemblyModule}"; ${limited}`;
}

/** The mutants that the compiler's messages are about. */
function findRefused({ messages, texts }: ChangedBuild, refused: ReadonlySet<number>): number[] {
  return [...messages.matchAll(messageEnd)].flatMap(([, marked, path, line, column]) => {
    const text = texts.get(path!)!;
    const lines = text.split('\n').slice(0, Number(line) - 1);
    const at = lines.reduce((sum, { length }) => sum + length + 1, 0) + Number(column) - 1;
    return mutantIn(text, { at, length: marked!.length }, refused) ?? [];
  });
}

/**
 * A message is about a mutant that begins in its range, else about the last one before. Of several
 * it is likeliest a constant that its type has no room for.
 */
function mutantIn(
  text: string,
  { at, length }: { at: number; length: number },
  refused: ReadonlySet<number>,
): number | null {
  const range = text.slice(at, at + length);
  const constants = [...range.matchAll(constant)].map(([, number]) => Number(number));
  const inRange = [...constants, ...numbersIn(range)].find((number) => !refused.has(number));
  return inRange ?? numbersIn(text.slice(0, at)).at(-1) ?? null;
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(beginning)].map(([, number]) => Number(number));
}

function drop(writing: Writing, refused: ReadonlySet<number>): Writing {
  const write =
    (kind: 'expression' | 'statement'): Writing['expression'] =>
    (mutants, right) => {
      const left = mutants.filter(({ number }) => !refused.has(number));
      return left.length === 0 ? right : writing[kind](left, right);
    };
  return { ...writing, expression: write('expression'), statement: write('statement') };
}

/** What cannot be compared counts as different wherever it is reached. */
function uncompare(writing: Writing, refused: ReadonlySet<number>): Writing {
  const write =
    (kind: 'expression' | 'statement'): Writing['expression'] =>
    (mutants, right) => {
      const written = mutants.map((one) => {
        return refused.has(one.number) ? { ...one, compared: null } : one;
      });
      return writing[kind](written, right);
    };
  return { ...writing, expression: write('expression'), statement: write('statement') };
}
