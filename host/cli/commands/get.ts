// `podplane get`: what the manifests became, in kubectl's columns, with everything that was
// assigned.

import { nearestName } from '../../scenario/nearest.ts';
import { clusterOptions, nodeOption, outputOption, readCluster } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Command, type Options } from '../command.ts';
import { conntrack } from '../get/conntrack.ts';
import { endpoints } from '../get/endpoints.ts';
import { exhaustions } from '../get/exhaustions.ts';
import { ipvs } from '../get/ipvs.ts';
import { printNodeTable, type NodeTable } from '../get/node-table.ts';
import { nodes } from '../get/nodes.ts';
import { pods } from '../get/pods.ts';
import { policies } from '../get/policies.ts';
import { tierPolicies } from '../get/tier-policies.ts';
import type { Resource, Row } from '../get/resource.ts';
import { services } from '../get/services.ts';
import { serialize } from '../serialize.ts';
import { probeOptions } from '../trace/probe.ts';

const resources: readonly Resource[] = [
  services,
  endpoints,
  pods,
  policies,
  ...tierPolicies,
  nodes,
];
/** What `policies` stands for: more than the kind of this name. */
const policyKinds: readonly Resource[] = [policies, ...tierPolicies];
const nodeTables: readonly NodeTable[] = [conntrack, ipvs, exhaustions];

export const getCommand: Command = {
  name: 'get',
  summary: "Show what the manifests became, in kubectl's columns, or a node's tables",
  arguments:
    'services|endpoints|pods|policies|nodes [name…] | ' +
    'conntrack|ipvs|exhaustions [[PORT=]capture…]',
  argumentCount: { least: 1, most: Infinity },
  options: {
    ...clusterOptions,
    namespace: { type: 'string', short: 'n', value: 'name', help: 'only this namespace' },
    'all-namespaces': { type: 'boolean', short: 'A', help: 'every namespace, with its column' },
    'no-headers': { type: 'boolean', help: 'without the line of column heads' },
    ...probeOptions,
    output: outputOption(['table', 'wide', 'extended', 'json', 'yaml', 'name']),
  },
  examples: [
    { command: 'podplane get services -f shop/', does: 'addresses and ports that were assigned' },
    { command: 'podplane get ep -n shop -f shop.yaml', does: 'the endpoints in one namespace' },
    { command: 'podplane get pods -o wide -f shop.yaml', does: 'pods with addresses and nodes' },
    {
      command: 'podplane get svc -o wide --node node-2 -f shop.yaml',
      does: 'with selectors, and what a node answers to health checks',
    },
    {
      command: 'podplane get endpoints -o wide --node node-2 -f shop.yaml',
      does: 'each endpoint with its conditions and hints, and the sets of a node that it is in',
    },
    {
      command: 'podplane get conntrack -f shop.yaml -o extended uplink=eth0.pcap',
      does: 'the connections after a replay, as `conntrack -L` lists them',
    },
    {
      command: 'podplane get conntrack -f shop.yaml --from "pod shop/web" --to http://cart.shop/',
      does: 'the connection that one packet opens',
    },
    {
      command: 'podplane get exhaustions -f shop.yaml uplink=eth0.pcap',
      does: 'the destinations that ran out of masquerade ports',
    },
    {
      command: 'podplane get ipvs -f shop.yaml --mode ipvs',
      does: 'the virtual servers of a node, as `ipvsadm -Ln` lists them',
    },
    {
      command: 'kubectl get all,netpol,nodes,endpointslices -A -o yaml | podplane get svc -f -',
      does: 'of a real cluster',
    },
  ],
  run: runGet,
};

async function runGet(call: Call): Promise<number> {
  const [kind, ...names] = call.arguments;
  const table = nodeTables.find(({ names: known }) => known.includes(kind!.toLowerCase()));
  if (table !== undefined) {
    await printNodeTable(call, table, names);
    return 0;
  }
  const forms = findResources(kind!).map((resource) => formOf(resource, call.options));
  const { cluster } = await readCluster(call);
  const { state } = cluster;
  const { node = state.nodes[0]?.metadata.name ?? '' } = nodeOption(cluster, call.options);
  const parts = forms.map((resource) => ({
    resource,
    rows: selectRows(resource, resource.rowsOf(state, node), call.options),
  }));
  const found = names.length === 0 ? parts : pickNamed(parts, names);
  for (const { object, message } of state.notes)
    call.terminal.note(`note: ${object === '' ? message : `${object}: ${message}`}`);
  printParts(call, found);
  return 0;
}

/** Objects of one kind: a table of its own. */
interface Part {
  readonly resource: Resource;
  readonly rows: readonly Row[];
}

/** `-o wide` may have columns and rows of its own; a kind of object has no extended form. */
function formOf(resource: Resource, options: Options): Resource {
  const output = options.text('output');
  if (output === 'extended') {
    const expected = 'table, wide, json, yaml, name';
    throw new UsageError(`--output: ${resource.names[0]} have no extended form`, expected);
  }
  return output === 'wide' ? { ...resource, ...resource.wide } : resource;
}

function findResources(kind: string): readonly Resource[] {
  const found = resources.find(({ names }) => names.includes(kind.toLowerCase()));
  const isAnyPolicy = ['policies', 'policy'].includes(kind.toLowerCase());
  if (found !== undefined) return isAnyPolicy ? policyKinds : [found];
  const all = [...resources, ...nodeTables];
  const nearest = nearestName(
    kind,
    all.flatMap(({ names }) => names),
  );
  const kinds = all.map(({ names }) => names[0]).join(', ');
  const cure = nearest === null ? `one of ${kinds}` : `did you mean "${nearest}"?`;
  throw new UsageError(`get: unknown kind "${kind}"`, cure);
}

function selectRows(resource: Resource, rows: readonly Row[], options: Options): readonly Row[] {
  const namespace = options.text('namespace');
  if (namespace === undefined || options.flag('all-namespaces') || !resource.isNamespaced) {
    return rows;
  }
  return rows.filter((row) => row.namespace === namespace);
}

function pickNamed(parts: readonly Part[], names: readonly string[]): Part[] {
  const known = parts.flatMap(({ rows }) => rows.map((row) => row.name));
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const cure =
      nearest === null ? `there is ${known.join(', ') || 'none'}` : `did you mean "${nearest}"?`;
    throw new UsageError(`${parts[0]!.resource.names[0]} "${name}" not found`, cure);
  }
  return parts.map(({ resource, rows }) => {
    const named = names.flatMap((name) => rows.filter((row) => row.name === name));
    return { resource, rows: named };
  });
}

/** Tables of several kinds stand one below the other, their names with the kind, as kubectl's. */
function printParts({ options, terminal }: Call, parts: readonly Part[]): void {
  const output = options.text('output') ?? 'table';
  const filled = parts.filter(({ rows }) => rows.length > 0);
  if (output === 'json' || output === 'yaml') {
    const items = filled.flatMap(({ rows }) => rows.map((row) => row.object));
    terminal.print(serialize({ apiVersion: 'v1', kind: 'List', items }, output));
  } else if (filled.length === 0) {
    const namespace = options.text('namespace');
    terminal.note(
      `No resources found${namespace === undefined ? '' : ` in ${namespace} namespace`}.`,
    );
  } else if (output === 'name') {
    const names = filled.flatMap((part) => withKinds(part).rows.map(({ name }) => name));
    terminal.print(names.join('\n'));
  } else {
    const shown = filled.length === 1 ? filled : filled.map(withKinds);
    terminal.print(shown.map((part) => formatRows(part, options)).join('\n\n'));
  }
}

function withKinds({ resource, rows }: Part): Part {
  const named = rows.map((row) => ({ ...row, name: `${resource.nameOutput}/${row.name}` }));
  return { resource, rows: named };
}

/** The namespace has a column where it is needed to tell objects apart. */
function formatRows({ resource, rows }: Part, options: Options): string {
  const isWide = options.text('output') === 'wide';
  const isAsked = options.text('namespace') !== undefined && !options.flag('all-namespaces');
  const hasOthers = rows.some((row) => row.namespace !== 'default');
  const isQualified =
    resource.isNamespaced && !isAsked && (options.flag('all-namespaces') || hasOthers);
  const heads = [
    ...(isQualified ? ['NAMESPACE'] : []),
    'NAME',
    ...resource.heads,
    ...(isWide ? resource.wideHeads : []),
  ];
  const cells = rows.map((row) => [
    ...(isQualified ? [row.namespace] : []),
    row.name,
    ...row.cells,
    ...(isWide ? row.wideCells : []),
  ]);
  return formatColumns(options.flag('no-headers') ? [] : heads, cells);
}
