// The options by which commands are given a cluster and a node, and what they become.

import { readFile } from 'node:fs/promises';
import { Cluster, type Dataplane } from '../cluster/cluster.ts';
import type { NodeConfig } from '../compile/desired.ts';
import { readManifestFiles } from '../files/manifests.ts';
import type { ReadResult, SkippedObject } from '../kubernetes/read.ts';
import { objectKey, type KubernetesObject } from '../kubernetes/types.ts';
import { InputError, formatProblem } from '../problem.ts';
import { modes } from '../scenario/read-config.ts';
import { readConfigFile } from '../scenario/read.ts';
import type { ScenarioConfig } from '../scenario/scenario.ts';
import { UsageError, type Call, type OptionSpec, type Options } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Options of every command that reads manifests. */
export const clusterOptions: Readonly<Record<string, OptionSpec>> = {
  filename: {
    type: 'string',
    short: 'f',
    multiple: true,
    value: 'path',
    help: 'manifests: a file, a folder, or - for standard input',
  },
  recursive: { type: 'boolean', short: 'R', help: 'also the folders inside a folder' },
  node: { type: 'string', value: 'name', help: 'the node; default: the only Node, else the first' },
  mode: { type: 'string', choices: modes, help: 'whose Service semantics; default nftables' },
  config: { type: 'string', value: 'file', help: "settings: the fields of a scenario's config" },
  seed: { type: 'string', value: 'n', help: 'what every random choice derives from; default 1' },
  'no-controllers': { type: 'boolean', help: 'only what is written counts: fill nothing in' },
};

/** Options of commands that look at the whole cluster: no node is chosen. */
export const manifestOptions: Readonly<Record<string, OptionSpec>> = Object.fromEntries(
  Object.entries(clusterOptions).filter(([name]) => name !== 'node'),
);

/** Formats of `-o`. */
export function outputOption(choices: readonly string[]): OptionSpec {
  return { type: 'string', short: 'o', choices, help: `default ${choices[0]!}` };
}

/** A cluster from the manifests of a call, and the node's settings. */
export interface GivenCluster {
  readonly cluster: Cluster;
  readonly settings: Partial<NodeConfig>;
}

/** Reads `-f` and the settings. Throws UsageError, InputError. */
export async function readCluster({ options, terminal }: Call): Promise<GivenCluster> {
  const config = await readSettings(options);
  const paths = options.list('filename');
  if (paths.length === 0) throw new UsageError('no manifests', 'name them with -f <path>');
  const read = await readManifestFiles(paths, { recursive: options.flag('recursive') });
  noteReading(read, terminal);
  const { controllers, ...settings } = config;
  const { serviceCIDRs } = settings;
  const cluster = Cluster.from(read.objects, {
    controllers,
    ...(serviceCIDRs && { serviceCIDRs }),
  });
  return { cluster, settings };
}

/** Two sets of manifests, the old one first, and the settings of both. */
export interface GivenClusters {
  readonly before: Cluster;
  readonly after: Cluster;
  readonly settings: Partial<NodeConfig>;
}

/** Option of commands that compare two sets of manifests. */
export const applyOption: OptionSpec = {
  type: 'string',
  multiple: true,
  value: 'path',
  help: 'the new manifests are those of -f with these applied',
};

/**
 * Reads `-f old -f new`, or `-f … --apply …`. What the controllers assigned in the old cluster
 * stays in the new one. Throws UsageError, InputError.
 */
export async function readTwoClusters({ options, terminal }: Call): Promise<GivenClusters> {
  const { controllers, ...settings } = await readSettings(options);
  const paths = options.list('filename');
  const applied = options.list('apply');
  if (applied.length === 0 && paths.length !== 2) {
    const expected = '-f old -f new, each a file or a folder; or -f … --apply …';
    throw new UsageError(`${paths.length} times -f is not two sets of manifests`, expected);
  }
  if (paths.length === 0) throw new UsageError('no manifests', 'name them with -f <path>');
  const recursive = options.flag('recursive');
  const oldPaths = applied.length === 0 ? paths.slice(0, 1) : paths;
  const old = await readManifestFiles(oldPaths, { recursive });
  const now = await readManifestFiles(applied.length === 0 ? paths.slice(1) : applied, {
    recursive,
  });
  for (const read of [old, now]) noteReading(read, terminal);
  const { serviceCIDRs } = settings;
  const setting = { controllers, ...(serviceCIDRs && { serviceCIDRs }) };
  const before = Cluster.from(old.objects, setting);
  const after = Cluster.from(old.objects, setting);
  const kept = new Set(now.objects.map(keyOfObject));
  const gone =
    applied.length > 0 ? [] : after.objects.filter((each) => !kept.has(keyOfObject(each)));
  after.delete(gone);
  after.apply(now.objects);
  return { before, after, settings };
}

function keyOfObject({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return objectKey({ kind, namespace, name });
}

/** The dataplane of the node of a call. Throws UsageError, InputError. */
export async function startDataplane(call: Call): Promise<Dataplane> {
  const { cluster, settings } = await readCluster(call);
  return cluster.dataplane({ ...nodeOption(cluster, call.options), config: settings });
}

/** `--node`, if it was given. Throws UsageError for a node that is not there. */
export function nodeOption(cluster: Cluster, options: Options): { readonly node?: string } {
  const node = readNode(cluster, options, 'node');
  return node === undefined ? {} : { node };
}

/** The name of a node that an option gives. Throws UsageError for a node that is not there. */
export function readNode({ state }: Cluster, options: Options, option: string): string | undefined {
  const node = options.text(option);
  const names = state.nodes.map(({ metadata }) => metadata.name);
  if (node !== undefined && !names.includes(node)) {
    throw new UsageError(`--${option}: there is no node "${node}"`, `one of ${names.join(', ')}`);
  }
  return node;
}

/** `--config`, overruled by the options that say the same. */
export async function readSettings(options: Options): Promise<ScenarioConfig> {
  const file = options.text('config');
  const written =
    file === undefined ? { controllers: true } : readConfigFile(await readInput(file), file);
  const mode = modes.find((candidate) => candidate === options.text('mode'));
  const seed = options.number('seed', 0);
  return {
    ...written,
    ...(mode !== undefined && { mode }),
    ...(seed !== undefined && { seed }),
    ...(options.flag('no-controllers') && { controllers: false }),
  };
}

/** Bytes of a file that the user named. Throws InputError. */
export async function readInput(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new InputError([{ file, ...explainFileError(error as NodeJS.ErrnoException) }]);
  }
}

/** What is wrong with a file that cannot be opened, in words. */
export function explainFileError({ code, message }: NodeJS.ErrnoException): {
  message: string;
  expected?: string;
} {
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { message: 'no such file', expected: 'check the path' };
  }
  if (code === 'EISDIR') return { message: 'is a folder', expected: 'name a file' };
  if (code?.startsWith('Z_')) {
    return {
      message: `the file is not whole gzip (${message})`,
      expected: '`gunzip -t` is silent',
    };
  }
  if (code === 'EACCES') return { message: 'permission denied', expected: 'a readable file' };
  return { message };
}

/** Says what of the manifests was doubtful, and what was left aside. */
function noteReading({ skipped, warnings }: ReadResult, terminal: Terminal): void {
  for (const warning of warnings) terminal.note(`warning: ${formatProblem(warning)}`);
  if (skipped.length === 0) return;
  const objects = skipped.map(nameSkipped).join(', ');
  terminal.note(`skipped (no effect on packets here): ${objects}`);
}

function nameSkipped({ kind, namespace, name, source }: SkippedObject): string {
  const place = source === undefined ? '' : ` (${source.file}:${source.line})`;
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}${place}`;
}
