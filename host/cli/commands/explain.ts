// `podplane explain`: what each front-end of a Service does with each class of source, and which
// field decided.

import type { Service } from '../../kubernetes/types.ts';
import { formatEndpoint } from '../../scenario/connection.ts';
import { nearestName } from '../../scenario/nearest.ts';
import type { Decision } from '../../survey/decisions.ts';
import {
  explainService,
  type DoorReport,
  type ServiceReport,
  type SourceReport,
} from '../../survey/service.ts';
import { sourceClasses } from '../../survey/sources.ts';
import { clusterOptions, nodeOption, outputOption, readCluster } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { abridged, describeFate } from '../findings.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

const serviceKinds = ['service', 'services', 'svc'];

export const explainCommand: Command = {
  name: 'explain',
  summary: 'Show what a Service does with each class of source, and which field decides',
  arguments: 'service <namespace/name>',
  argumentCount: { least: 2, most: 2 },
  options: { ...clusterOptions, output: outputOption(['table', 'wide', 'json', 'yaml']) },
  examples: [
    {
      command: 'podplane explain service shop/backend -f shop.yaml',
      does: 'every front-end, from pods, nodes and outside, as one node sees it',
    },
    {
      command: 'podplane explain svc shop/backend -f shop.yaml --node node-2 --mode iptables',
      does: 'as another node sees it, in another mode',
    },
    {
      command: 'podplane explain svc shop/backend -f shop.yaml -o wide',
      does: 'with every field that had a part in it, and its place',
    },
  ],
  run: runExplain,
};

async function runExplain(call: Call): Promise<number> {
  const [kind, name] = call.arguments as [string, string];
  if (!serviceKinds.includes(kind.toLowerCase())) {
    throw new UsageError(`explain: unknown kind "${kind}"`, 'service <namespace/name>');
  }
  const { cluster, settings } = await readCluster(call);
  const service = findService(cluster.state.services, name);
  const report = await explainService(cluster, service, {
    ...nodeOption(cluster, call.options),
    config: settings,
  });
  const output = call.options.text('output');
  if (output === 'json' || output === 'yaml') call.terminal.print(serialize(report, output));
  else printReport(report, output === 'wide', call.terminal);
  return 0;
}

function findService(services: readonly Service[], asked: string): Service {
  const wanted = asked.includes('/') ? asked : `default/${asked}`;
  const keyOf = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`;
  const found = services.find((service) => keyOf(service) === wanted);
  if (found !== undefined) return found;
  const known = services.map(keyOf);
  const nearest = nearestName(wanted, known);
  const cure =
    nearest === null ? `there is ${known.join(', ') || 'none'}` : `did you mean "${nearest}"?`;
  throw new UsageError(`service "${wanted}" not found`, cure);
}

function printReport(report: ServiceReport, isWide: boolean, terminal: Terminal): void {
  const { service, node, mode, frontends } = report;
  const title = `Service ${service.namespace}/${service.name}${describePlace(service)}`;
  terminal.print(terminal.style('bold', `${title}, on ${node} in ${mode} mode`));
  if (frontends.length === 0) {
    terminal.print('It programs nothing: it is headless, ExternalName or served by another proxy.');
    return;
  }
  for (const door of frontends) {
    terminal.print(`\n${terminal.style('bold', nameDoor(door))}`);
    terminal.print(
      formatColumns(
        heads,
        door.sources.flatMap((source) => rowsOf(source, isWide)),
      ),
    );
  }
}

const heads = ['FROM', 'ADDRESS', 'OUTCOME', 'ENDPOINTS', 'MASQUERADE', 'DECIDED BY'];

/** `ClusterIP 10.96.0.10:80/TCP, port http`. */
function nameDoor({ kind, address, port, protocol, portName }: DoorReport): string {
  const name = portName === '' ? '' : `, port ${portName}`;
  return `${kind} ${formatEndpoint(address, port)}/${protocol}${name}`;
}

/** One line with the first decision; wide: a line for each, with the words of the trace. */
function rowsOf(source: SourceReport, isWide: boolean): string[][] {
  const { class: name, address, endpoints, masquerade, decidedBy } = source;
  const cells = [
    sourceClasses[name],
    address,
    describeFate(source),
    abridged(endpoints),
    masquerade ? 'yes' : 'no',
  ];
  if (!isWide) {
    const fields = [...new Set(decidedBy.map((decision) => fieldAndPlace(decision)))];
    return [[...cells, fields.join(', ') || '<none>']];
  }
  const lines = decidedBy.map((decision) => `${fieldAndPlace(decision)}: ${decision.text}`);
  const [first = '<none>', ...rest] = lines;
  return [[...cells, first], ...rest.map((line) => [...cells.map(() => ''), line])];
}

function fieldAndPlace(decision: Decision): string {
  return `${decision.field}${describePlace(decision)}`;
}

function describePlace({ source }: Pick<Decision, 'source'>): string {
  return source === undefined ? '' : ` (${source.file}:${source.line})`;
}
