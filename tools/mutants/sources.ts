// The two halves that have mutants, each with its sources changed in two ways: switched, so that
// one mutant runs, and noted, so that it is known who would notice which.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.js';
import { compileMutants, compileUnchanged } from './compile.js';
import { writeMutants, type Mutant, type Writing } from './schemata.js';
import { hostSwitchSource } from './switch-sources.js';
import { hostModule, hostNoted, hostSwitched } from './writings.js';

export const kinds = ['assembly', 'host'] as const;
export type Kind = (typeof kinds)[number];

/** Texts by path. */
type Sources = Readonly<Record<string, string>>;

export interface Mutated {
  /** In the order of their numbers, which are from 1. */
  readonly mutants: readonly Mutant[];
  /** Numbers of those that do not compile. */
  readonly leftOut: readonly number[];
  readonly noted: Sources;
  readonly switched: Sources;
}

export function mutate(kind: Kind): Promise<Mutated> {
  return kind === 'assembly' ? mutateAssembly() : mutateHost();
}

async function mutateAssembly(): Promise<Mutated> {
  const { mutants, leftOut, noted, switched } = await compileMutants(root);
  return {
    mutants,
    leftOut: [...leftOut],
    noted: embed(noted),
    switched: embed(switched),
  };
}

function embed(wasm: Uint8Array): Sources {
  const base64 = Buffer.from(wasm).toString('base64');
  return { 'host/dataplane/module.gen.ts': `export const moduleBase64 = '${base64}';\n` };
}

async function mutateHost(): Promise<Mutated> {
  const { mutants, sources: noted } = writeHost(hostNoted);
  const { sources: switched } = writeHost(hostSwitched);
  const module = embed(await compileUnchanged(root));
  const withModule = (sources: Sources): Sources => ({ ...sources, ...module });
  return { mutants, leftOut: [], noted: withModule(noted), switched: withModule(switched) };
}

function writeHost(writing: Writing): { mutants: Mutant[]; sources: Sources } {
  const mutants: Mutant[] = [];
  const paths = ['host/compile', 'host/controllers'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .toSorted()
      .map((name) => `${folder}/${name}`),
  );
  const sources = paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return [path, writeMutants({ path, text }, mutants, writing)] as const;
  });
  return { mutants, sources: Object.fromEntries([[hostModule, hostSwitchSource], ...sources]) };
}
