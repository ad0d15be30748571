// `podplane trace`: one packet through the dataplane, every step with the object that decided it.

import type { Dataplane } from '../../cluster/cluster.ts';
import type { ExplainedStep } from '../../cluster/explain.ts';
import type { Outcome } from '../../cluster/outcome.ts';
import { sentenceOf, valueOf } from '../../abi/enum.ts';
import { familyOf } from '../../net/address.ts';
import { describeFrame } from '../../net/describe.ts';
import { encodePacket } from '../../net/packet.ts';
import { protocolName, protocolNumber } from '../../net/protocol.ts';
import { lookUpParty, type Dialler } from '../../scenario/address-book.ts';
import { nameSteps } from '../../scenario/name-steps.ts';
import {
  addressesOfOneFamily,
  portToDial,
  UnresolvedError,
  type Party,
} from '../../scenario/party.ts';
import { hasPorts, openingPacket, protocolIn } from '../../scenario/probe.ts';
import { clusterOptions, outputOption, startDataplane } from '../cluster-options.ts';
import { UsageError, type Call, type Command, type Options, type OptionSpec } from '../command.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

const defaultSourcePort = 40000;
const link = 'raw';

/** The options that say which packet to send. */
export const probeOptions: Readonly<Record<string, OptionSpec>> = {
  from: {
    type: 'string',
    value: 'end',
    help: 'an IP, "pod ns/name", "deployment ns/name", node',
  },
  to: {
    type: 'string',
    value: 'end',
    help: 'as --from, or "service ns/name", a DNS name, a URL',
  },
  port: { type: 'string', short: 'p', value: 'n|name', help: 'default: the only one there is' },
  protocol: {
    type: 'string',
    value: 'name|n',
    help: 'TCP (default), UDP, SCTP, ICMP, any other',
  },
  family: { type: 'string', choices: ['4', '6'], help: 'where both ends have both' },
  'source-port': { type: 'string', value: 'n', help: `default ${defaultSourcePort}` },
};

export const traceCommand: Command = {
  name: 'trace',
  summary: 'Follow one packet, every step with the object that decided it',
  arguments: '',
  argumentCount: { least: 0, most: 0 },
  options: {
    ...clusterOptions,
    ...probeOptions,
    output: outputOption(['table', 'json', 'yaml']),
  },
  examples: [
    {
      command: 'podplane trace -f shop.yaml --from "pod shop/web" --to http://cart.shop/',
      does: 'from a pod to a Service, its name resolved as the pod would',
    },
    {
      command: 'podplane trace -f shop.yaml --from 203.0.113.7 --to node --port 30080',
      does: 'from outside to a node port',
    },
    {
      command: 'podplane trace -f shop.yaml --from "pod shop/web" --to 10.0.0.10 --protocol ICMP',
      does: 'a ping',
    },
  ],
  run: runTrace,
};

/** A packet to trace, and what was settled on the way to it. */
interface Probe {
  readonly frame: Uint8Array;
  /** Port it enters by. */
  readonly port: string;
  readonly notes: readonly string[];
  /** How the names of its ends were resolved; empty where no DNS name was given. */
  readonly nameSteps?: readonly ExplainedStep[];
}

/** A name that stands for no address: no packet can be sent. */
type Impossible = Required<Pick<Probe, 'notes' | 'nameSteps'>>;

/** What `-o json` prints; version 1. */
export interface TraceReport {
  readonly version: 1;
  readonly node: string;
  readonly notes: readonly string[];
  /** Absent when no packet can be sent: the name stands for no address. */
  readonly packet?: string;
  readonly enters?: string;
  /** The questions for names (`dns-…`), then the packet's way. */
  readonly steps: readonly ExplainedStep[];
  readonly outcome?: Pick<Outcome, 'verdict' | 'reason' | 'port' | 'service' | 'effects'>;
  /** The packet that leaves; absent when none does. */
  readonly leaves?: string;
}

async function runTrace(call: Call): Promise<number> {
  const { options, terminal } = call;
  requireEnds(options);
  const dataplane = await startDataplane(call);
  const report = traceReport(dataplane, options);
  const output = options.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(report, output));
  else printTrace(report, terminal);
  return 0;
}

function requireEnds(options: Options): void {
  for (const end of ['from', 'to']) {
    if (options.text(end) === undefined) {
      throw new UsageError(`--${end} is missing`, 'an IP, "pod ns/name", "service ns/name", node');
    }
  }
}

/** Sends the packet that the options describe. Throws UsageError. */
export function sendProbe(dataplane: Dataplane, options: Options): void {
  requireEnds(options);
  const probe = makeProbe(dataplane, options);
  if (!('frame' in probe)) throw new UsageError(`--to: ${probe.notes.join('; ')}`);
  dataplane.process(probe.frame, { port: probe.port, link });
}

function traceReport(dataplane: Dataplane, options: Options): TraceReport {
  const probe = makeProbe(dataplane, options);
  const base = { version: 1, node: dataplane.node } as const;
  if (!('frame' in probe)) return { ...base, notes: probe.notes, steps: probe.nameSteps };
  return { ...base, ...tracePacket(dataplane, probe) };
}

/** Sends a probe and puts everything about it into words. */
export function tracePacket(
  dataplane: Dataplane,
  { frame, port, notes, nameSteps: before = [] }: Probe,
): Omit<TraceReport, 'version' | 'node'> {
  const { outcome, steps } = dataplane.trace(frame, { port, link });
  const { verdict, reason, port: outPort, service, effects } = outcome;
  return {
    notes,
    packet: describeFrame(frame, link),
    enters: port,
    steps: [...before, ...steps],
    outcome: { verdict, reason, port: outPort, service, effects },
    ...(verdict !== 'drop' && { leaves: describeFrame(outcome.frame, link) }),
  };
}

function makeProbe(dataplane: Dataplane, options: Options): Probe | Impossible {
  const book = { state: dataplane.cluster.state, node: dataplane.node };
  const resolve = (option: string, dialler?: Dialler): Party =>
    refuseUnresolved(option, () => lookUpParty(book, options.text(option)!, dialler));
  const family = { '4': 4, '6': 6 }[options.text('family') ?? ''] as 4 | 6 | undefined;
  const from = resolve('from');
  const to = resolve('to', { client: from, ...(family && { family }) });
  const notes = [from.note, to.note].filter((note) => note !== undefined);
  if (to.addresses.length === 0) return { notes, nameSteps: nameSteps(to) };
  const ends = refuseUnresolved('family', () => addressesOfOneFamily(from, to, family));
  const { source, destinations } = ends;
  const destination = destinations[0]!;
  const protocol = protocolIn(readProtocol(options), familyOf(source));
  const destinationPort = hasPorts(protocol)
    ? refuseUnresolved('port', () => portToDial(to, readPort(options), protocolName(protocol)))
    : 0;
  const sourcePort = options.number('source-port', 1) ?? defaultSourcePort;
  const packet = openingPacket({ source, destination, protocol, sourcePort, destinationPort });
  return {
    frame: encodePacket(packet, link),
    port: dataplane.portOf(source),
    notes,
    nameSteps: [...nameSteps(from, source), ...nameSteps(to, destination)],
  };
}

function refuseUnresolved<Result>(option: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof UnresolvedError)) throw error;
    throw new UsageError(`--${option}: ${error.message}`, error.expected);
  }
}

function readProtocol(options: Options): number {
  const text = options.text('protocol') ?? 'TCP';
  const number = protocolNumber(text);
  if (number !== null) return number;
  throw new UsageError(
    `--protocol: unknown protocol "${text}"`,
    'TCP, UDP, SCTP, ICMP or 0 to 255',
  );
}

function readPort(options: Options): number | string | undefined {
  const text = options.text('port');
  if (text === undefined || !/^[0-9]+$/.test(text)) return text;
  if (Number(text) <= 65535) return Number(text);
  throw new UsageError(`--port: ${text} is no port`, 'a number from 0 to 65535, or a name');
}

/** The trace as numbered sentences: names first, then the packet. */
export function printTrace(report: Omit<TraceReport, 'version'>, terminal: Terminal): void {
  for (const note of report.notes) terminal.print(`note: ${note}`);
  const { packet, steps, outcome, enters } = report;
  const ofNames = steps.filter(({ code }) => code.startsWith('dns-')).length;
  printSteps(steps, { from: 0, to: ofNames }, terminal);
  if (packet === undefined || outcome === undefined) return;
  terminal.print(terminal.style('bold', `${packet}`));
  terminal.print(`enters ${report.node} by ${enters}`);
  printSteps(steps, { from: ofNames, to: steps.length }, terminal);
  const { verdict, reason } = outcome;
  const isGood = verdict === 'forward' || verdict === 'local';
  const head = terminal.style(isGood ? 'green' : 'red', verdict.toUpperCase());
  const where = outcome.port === null ? '' : ` by ${outcome.port}`;
  const why = reason === null ? '' : ` (${reason}: ${explainReason(reason)})`;
  terminal.print(`${head}${where}${why}`);
  if (report.leaves !== undefined) terminal.print(`leaves as ${report.leaves}`);
}

function printSteps(
  steps: readonly ExplainedStep[],
  range: { from: number; to: number },
  terminal: Terminal,
): void {
  const width = Math.max(...steps.map(({ code }) => code.length));
  for (let index = range.from; index < range.to; index++) {
    const { code, text, details = [] } = steps[index]!;
    const number = String(index + 1).padStart(3);
    terminal.print(`${number}  ${terminal.style('dim', code.padEnd(width))}  ${text}`);
    for (const detail of details) terminal.print(`${' '.repeat(width + 7)}- ${detail}`);
  }
}

function explainReason(code: string): string {
  const value = valueOf('Reason', code);
  return value === undefined ? code : sentenceOf('Reason', value);
}
