// `podplane matrix`: who reaches whom, and on which ports.

import { UnresolvedError } from '../../scenario/party.ts';
import { surveyMatrix, type MatrixReport } from '../../survey/matrix.ts';
import { groupings } from '../../survey/reach/groups.ts';
import { manifestOptions, outputOption, readCluster } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { formatGrid } from '../reach-grid.ts';
import { joinLines, shortenNames } from '../reach-list.ts';
import { describePorts, legendOf } from '../reach-ports.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

export const matrixCommand: Command = {
  name: 'matrix',
  summary: 'Show who reaches whom, and on which ports',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    ...manifestOptions,
    by: { type: 'string', choices: groupings, help: 'what rows and columns are; default workload' },
    from: {
      type: 'string',
      multiple: true,
      value: 'end',
      help: 'only these sources: a namespace, ns/name, nodes, outside, a CIDR',
    },
    to: { type: 'string', multiple: true, value: 'end', help: 'only these destinations' },
    output: outputOption(['table', 'wide', 'json', 'yaml']),
  },
  examples: [
    { command: 'podplane matrix -f shop/', does: 'each workload, and who reaches it' },
    { command: 'podplane matrix -f shop/ --by namespace -o wide', does: 'as a grid' },
    {
      command: 'podplane matrix -f shop/ --to payments --from outside --from shop',
      does: 'part of it',
    },
  ],
  run: runMatrix,
};

async function runMatrix(call: Call): Promise<number> {
  const { cluster, settings } = await readCluster(call);
  const { options: given, terminal } = call;
  const by = groupings.find((grouping) => grouping === given.text('by')) ?? 'workload';
  const [from, to] = [given.list('from'), given.list('to')];
  const report = await surveyMatrix(cluster, { by, from, to, config: settings }).catch(refuse);
  const output = given.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(report, output));
  else if (output === 'wide') terminal.print(formatGrid(report));
  else printList(report, terminal);
  return 0;
}

function refuse(error: unknown): never {
  if (error instanceof UnresolvedError) throw new UsageError(error.message, error.expected);
  throw error;
}

function printList({ from, to, connections }: MatrixReport, terminal: Terminal): void {
  const lines = connections.map((each) => ({ ...each, ports: describePorts(each) }));
  const reached = new Set(connections.map((each) => each.to));
  const closed = to.filter(({ name }) => !reached.has(name)).map(({ name }) => name);
  const rows = joinLines(lines, from, to);
  terminal.print(formatColumns(['TO', 'PORTS', 'FROM'], rows));
  if (closed.length > 0)
    terminal.print(`\nreached by nobody: ${shortenNames(closed, to).join(', ')}`);
  const legend = legendOf(connections);
  if (legend.length > 0) terminal.print(`\n${legend.join('\n')}`);
}
