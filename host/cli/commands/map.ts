// `podplane map`: the compiled maps, typed, as bpftool prints them.

import { maps, type MapName } from '../../abi/abi.gen.ts';
import { nearestName } from '../../scenario/nearest.ts';
import { clusterOptions, outputOption, startDataplane } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { describeEntry, type DescribedEntry } from '../map-entries.ts';
import { serialize } from '../serialize.ts';

export const mapCommand: Command = {
  name: 'map',
  summary: "Show a node's compiled maps",
  arguments: 'list | dump <name>',
  argumentCount: { least: 1, most: 2 },
  options: { ...clusterOptions, output: outputOption(['table', 'json', 'yaml']) },
  examples: [
    { command: 'podplane map list -f cluster.yaml', does: 'every map, and how full it is' },
    { command: 'podplane map dump frontends -f cluster.yaml', does: 'what is served where' },
    { command: 'podplane map dump policies -f cluster.yaml -o json', does: 'for programs' },
  ],
  run: runMap,
};

async function runMap(call: Call): Promise<number> {
  const [action, name] = call.arguments;
  if (action === 'list' && name === undefined) return listMaps(call);
  if (action === 'dump' && name !== undefined) return dumpMap(call, name);
  throw new UsageError(`map: unknown call "${call.arguments.join(' ')}"`, 'list, or dump <name>');
}

async function listMaps(call: Call): Promise<number> {
  const dataplane = await startDataplane(call);
  const rows = mapNames().map((name) => {
    const { id, kind, key, value, doc } = maps[name];
    const entries = [...dataplane.map(name).entries()].length;
    return { id, name, kind, key, value, entries, doc };
  });
  print(call, { version: 1, maps: rows }, () =>
    formatColumns(
      ['ID', 'NAME', 'KIND', 'KEY', 'VALUE', 'ENTRIES', 'WHAT IT HOLDS'],
      rows.map(({ id, name, kind, key, value, entries, doc }) =>
        [id, name, kind, key, value, entries, doc].map(String),
      ),
    ),
  );
  return 0;
}

async function dumpMap(call: Call, asked: string): Promise<number> {
  const name = mapNames().find((candidate) => candidate === asked);
  if (name === undefined) {
    const nearest = nearestName(asked, mapNames());
    const cure =
      nearest === null ? `one of ${mapNames().join(', ')}` : `did you mean "${nearest}"?`;
    throw new UsageError(`there is no map "${asked}"`, cure);
  }
  const dataplane = await startDataplane(call);
  const entries = [...dataplane.map(name).entries()].map(([key, value]) =>
    describeEntry(name, { key, value }, dataplane.names),
  );
  print(call, { version: 1, map: name, entries }, () => formatEntries(entries));
  return 0;
}

function mapNames(): MapName[] {
  return Object.keys(maps) as MapName[];
}

function print({ options, terminal }: Call, value: unknown, table: () => string): void {
  const output = options.text('output');
  terminal.print(output === 'json' || output === 'yaml' ? serialize(value, output) : table());
}

/** One entry a line, JSON all in all. */
function formatEntries(entries: readonly DescribedEntry[]): string {
  if (entries.length === 0) return '[]';
  return `[\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n]`;
}
