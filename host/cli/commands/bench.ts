// `podplane bench`: what a packet costs on this machine, on the established path and for new
// connections; or what a large cluster costs, and a change of it. Frames are copied into packet
// memory before the clock runs: what is measured is the dataplane.

import { measureCapacity } from '../bench-capacity.ts';
import { measureList, type ListFormat } from '../bench-list.ts';
import { formatMatrix, measureMatrix } from '../bench-matrix.ts';
import { measureNodes } from '../bench-nodes.ts';
import { measurePackets } from '../bench-packets.ts';
import { measurePolicies } from '../bench-policies.ts';
import { measureReplay } from '../bench-replay.ts';
import { measureScale } from '../bench-scale.ts';
import { formatMebibytes, formatSteps } from '../bench-steps.ts';
import { outputOption } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import type { Call, Command } from '../command.ts';
import { describeMachine } from '../machine.ts';
import { serialize } from '../serialize.ts';

const defaultFlows = 10_000;
const defaultPackets = 2_000_000;
const defaultReplayPackets = 1_000_000;
/** Those that open its thousand connections, and some more. */
const leastReplayPackets = 4000;
const defaultServices = 10_000;
const defaultMatrixServices = 1000;
const defaultPods = 100_000;
const defaultMatrixPackets = 50_000;
/** Of `--list`. */
const largeCluster = { nodes: 1500, services: 10_000, pods: 150_000 };
const endpointsOfListed = 25;
const policyCounts = [10, 1000, 10_000];

export const benchCommand: Command = {
  name: 'bench',
  summary: 'Measure what a packet costs on this machine',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    flows: { type: 'string', value: 'n', help: `connections in use; default ${defaultFlows}` },
    packets: {
      type: 'string',
      value: 'n',
      help: `packets of each round; default ${defaultPackets}`,
    },
    matrix: {
      type: 'boolean',
      help: 'every kind of traffic, family, number of connections and size of frame instead',
    },
    scale: { type: 'boolean', help: 'a large cluster instead: to load it, and to change it' },
    list: {
      type: 'string',
      value: 'format',
      choices: ['json', 'yaml'],
      help: 'with --scale: a whole cluster read from one List as kubectl prints it',
    },
    nodes: {
      type: 'string',
      value: 'n',
      help: 'with --scale: so many nodes in this process',
    },
    services: {
      type: 'string',
      value: 'n',
      help: `of ten endpoints each with --scale, default ${defaultServices}; of 4 with --matrix`,
    },
    policies: {
      type: 'boolean',
      help: 'many policies and pods instead: verdicts, compilation, sizes of maps, changes',
    },
    replay: {
      type: 'boolean',
      help: 'a capture from file to file instead: read, with verdicts, copied, rewritten',
    },
    pods: {
      type: 'string',
      value: 'n',
      help: `with --policies, default ${defaultPods}; with --list, default ${largeCluster.pods}`,
    },
    output: outputOption(['table', 'json', 'yaml']),
  },
  examples: [
    { command: 'podplane bench', does: 'the established path and new connections' },
    { command: 'podplane bench --flows 1000000', does: 'with a working set beyond the caches' },
    {
      command: 'podplane bench --matrix --flows 100000',
      does: 'a table by kind of traffic, with up to 100,000 connections',
    },
    {
      command: 'podplane bench --scale',
      does: 'time and memory of 10,000 Services, and of a change',
    },
    {
      command: 'podplane bench --scale --list json',
      does: '150,000 pods and 250,000 endpoints, from a file',
    },
    {
      command: 'podplane bench --scale --flows 8000000',
      does: 'eight million connections at once',
    },
    {
      command: 'podplane bench --replay',
      does: 'a million packets of a capture: verdicts and a rewritten file, beside mere copying',
    },
    {
      command: 'podplane bench --policies',
      does: 'verdicts under 10, 1,000 and 10,000 policies with 100,000 pods',
    },
  ],
  run: runBench,
};

async function runBench(call: Call): Promise<number> {
  if (call.options.flag('policies')) return runPolicies(call);
  if (call.options.flag('replay')) return runReplay(call);
  if (call.options.flag('matrix')) return runMatrix(call);
  return call.options.flag('scale') ? runScale(call) : runPackets(call);
}

async function runMatrix(call: Call): Promise<number> {
  const { options, terminal } = call;
  const mostConnections = options.number('flows', 1) ?? Infinity;
  const services = options.number('services', 1) ?? defaultMatrixServices;
  const packetsOfRound = options.number('packets', 256) ?? defaultMatrixPackets;
  const rows = await measureMatrix({ services, mostConnections, packetsOfRound }, terminal);
  const what = `TCP, ${services.toLocaleString('en')} Services, nanoseconds a packet`;
  return present(call, { services, rows }, [what, formatMatrix(rows)]);
}

async function runPolicies(call: Call): Promise<number> {
  const { options, terminal } = call;
  const pods = options.number('pods', 10_000) ?? defaultPods;
  const report = await measurePolicies(pods, policyCounts, terminal);
  const count = (number: number) => number.toLocaleString('en');
  const rows = report.cases.map((one) => [
    count(one.policies),
    one.nanosecondsPerConnection.toFixed(0),
    one.ratio.toFixed(2),
    one.compileMilliseconds.toFixed(0),
    ...one.changes.map(({ milliseconds }) => milliseconds.toFixed(2)),
  ]);
  const heads = ['POLICIES', 'NS/NEW', 'RATIO', 'COMPILE MS', '+POD MS', '+KIND MS', '+POLICY MS'];
  const names = Object.keys(report.cases[0]?.entries ?? {});
  const sizes = report.cases.map(({ policies, entries }) => [
    count(policies),
    ...Object.values(entries).map(count),
  ]);
  return present(call, report, [
    `${count(pods)} pods, 100 of them on the node`,
    formatColumns(heads, rows),
    formatColumns(['POLICIES', ...names.map((name) => name.toUpperCase())], sizes),
  ]);
}

async function runReplay(call: Call): Promise<number> {
  const { options, terminal } = call;
  const packets = options.number('packets', leastReplayPackets) ?? defaultReplayPackets;
  const report = await measureReplay(packets, terminal);
  const { bytes, flows, rows, outside } = report;
  const count = (number: number) => number.toLocaleString('en');
  const what = `IMIX, ${count(bytes)} bytes, ${count(flows)} connections`;
  const cells = rows.map(({ name, nanosecondsPerPacket, dataplaneNanoseconds, ratio }) => [
    name,
    nanosecondsPerPacket.toFixed(1),
    dataplaneNanoseconds.toFixed(1),
    ratio.toFixed(2),
  ]);
  const part = (outside * 100).toFixed(0);
  return present(call, report, [
    `${count(packets)} packets, ${what}`,
    formatColumns(['REPLAY', 'NS/PACKET', 'DATAPLANE', 'RATIO'], cells),
    `${part} % of the time of verdicts is neither reading nor the dataplane`,
  ]);
}

async function runScale(call: Call): Promise<number> {
  const { options, terminal } = call;
  if (options.text('list') !== undefined) return runList(call);
  if (options.text('nodes') !== undefined) return runNodes(call);
  if (options.text('flows') !== undefined) return runCapacity(call);
  const services = options.number('services', 10) ?? defaultServices;
  const report = await measureScale(services, terminal);
  const count = (number: number) => Math.floor(number).toLocaleString('en');
  const { endpoints, answered, wasmBytes } = report;
  const updates = report.updates.map(({ name, milliseconds, ratio }) => [
    name,
    milliseconds.toFixed(2),
    `1:${count(ratio)}`,
  ]);
  return present(call, report, [
    `${count(services)} Services with ${count(endpoints)} endpoints`,
    formatSteps(report.steps),
    `${count(answered)} Services answered; Wasm memory ${formatMebibytes(wasmBytes)}`,
    formatColumns(['CHANGE', 'MS', 'OF A FULL COMPILE'], updates),
  ]);
}

async function runList(call: Call): Promise<number> {
  const { options, terminal } = call;
  const format = options.text('list') as ListFormat;
  const services = options.number('services', 10) ?? largeCluster.services;
  const pods = options.number('pods', 1) ?? largeCluster.pods;
  const sizes = { services, pods, endpointsPerService: endpointsOfListed, policies: services };
  const report = await measureList(format, { ...sizes, nodes: largeCluster.nodes }, terminal);
  const count = (number: number) => number.toLocaleString('en');
  const endpoints = count(services * endpointsOfListed);
  const what = `${count(services)} Services, ${endpoints} endpoints, ${count(pods)} pods`;
  return present(call, report, [
    `${what}, ${count(services)} policies: ${formatMebibytes(report.fileBytes)}, ${format}`,
    formatSteps(report.steps),
    `one endpoint's change: ${(report.changeMilliseconds * 1000).toFixed(0)} microseconds`,
  ]);
}

async function runNodes(call: Call): Promise<number> {
  const nodes = call.options.number('nodes', 1)!;
  const report = await measureNodes(nodes, call.terminal);
  const { pods, services, answered, changeMilliseconds } = report;
  const count = (number: number) => number.toLocaleString('en');
  return present(call, report, [
    `${count(nodes)} nodes with ${count(pods)} pods, ${count(services)} Services`,
    formatSteps(report.steps),
    `${count(answered)} nodes answered`,
    `one endpoint's change, on all nodes: ${changeMilliseconds.toFixed(1)} ms`,
  ]);
}

async function runCapacity(call: Call): Promise<number> {
  const connections = call.options.number('flows', 1)!;
  const report = await measureCapacity(connections, call.terminal);
  const { steps, wasmBytes, nanosecondsPerPacket } = report;
  return present(call, report, [
    `${connections.toLocaleString('en')} connections, Wasm memory ${formatMebibytes(wasmBytes)}`,
    formatSteps(steps),
    `${nanosecondsPerPacket.toFixed(0)} ns for a packet of any of them`,
  ]);
}

/** Prints a report as the output that was asked for has it; `table`: in words. */
function present({ options, terminal }: Call, report: object, table: readonly string[]): number {
  const output = options.text('output');
  const machine = describeMachine();
  if (output === 'json' || output === 'yaml') {
    terminal.print(serialize({ version: 1, machine, ...report }, output));
  } else {
    for (const text of [machine, ...table]) terminal.print(text);
  }
  return 0;
}

async function runPackets(call: Call): Promise<number> {
  const { options, terminal } = call;
  const flows = options.number('flows', 1) ?? defaultFlows;
  const packets = options.number('packets', 256) ?? defaultPackets;
  const results = await measurePackets(flows, packets, terminal);
  const heads = ['PATH', 'FLOWS', 'FRAME', 'NS/PACKET', 'MPPS'];
  const rows = results.map((result) => [
    ...[result.name, result.flows.toLocaleString('en'), `${result.frameBytes} B`],
    ...[result.nanosecondsPerPacket.toFixed(1), result.millionPacketsPerSecond.toFixed(2)],
  ]);
  return present(call, { results }, [formatColumns(heads, rows)]);
}
