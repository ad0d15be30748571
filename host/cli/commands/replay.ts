// `podplane replay`: every packet of captures that entered the node, through its dataplane.

import { sentenceOf, valueOf } from '../../abi/enum.ts';
import { replayCaptures, type ReplayOptions } from '../../replay/replay.ts';
import type { ReplayReport } from '../../replay/report.ts';
import { createCapture, openCaptures, requirePlaces } from '../capture-files.ts';
import { applyOption, clusterOptions, outputOption, startDataplane } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { replayDifference } from '../replay-difference.ts';
import { serialize } from '../serialize.ts';
import { restoreFile, writeSnapshot } from '../snapshot-files.ts';
import type { Terminal } from '../terminal.ts';

/** So many differences are listed for people; `-o json` has more. */
const listedDifferences = 20;

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Put the packets of captures through the dataplane',
  arguments: '[PORT=]<capture…>',
  argumentCount: { least: 1, most: Infinity },
  options: {
    ...clusterOptions,
    write: { type: 'string', short: 'w', value: 'file', help: 'the capture as the node leaves it' },
    check: { type: 'boolean', help: 'compare with what the real node sent; exit 1 if it differs' },
    diff: {
      type: 'boolean',
      help: 'with -f old -f new, or --apply: recorded flows that fare differently; exit 1 if any',
    },
    apply: applyOption,
    restore: { type: 'string', value: 'file', help: 'go on where this snapshot was taken' },
    snapshot: { type: 'string', value: 'file', help: 'keep the connections, for --restore' },
    workers: { type: 'string', value: 'n', help: 'threads; one is used so far' },
    output: outputOption(['table', 'json', 'yaml']),
  },
  examples: [
    {
      command: 'podplane replay -f shop/ yesterday.pcap',
      does: 'what these manifests would have done to these packets',
    },
    {
      command: 'podplane replay -f shop/ -w out.pcap pod/shop/web-0=web-0.pcap uplink=eth0.pcap',
      does: 'captures of two places, merged by time; write what leaves',
    },
    {
      command: 'podplane replay -f shop/ --snapshot monday.bin monday.pcap',
      does: 'keep what is open at its end; Tuesday goes on with --restore monday.bin',
    },
    {
      command: 'podplane replay --check -f cluster.yaml uplink=eth0.pcap pod/shop/web-0=veth.pcap',
      does: 'compare with what the real node made of them',
    },
    {
      command: 'podplane replay --diff -f main/ -f branch/ yesterday.pcap',
      does: 'which of these connections a change of manifests lets through, or cuts off',
    },
    {
      command: 'podplane replay --check -f cluster.yaml any=node.pcap',
      does: 'the same with one capture of all interfaces (`tcpdump -i any`)',
    },
  ],
  run: runReplay,
};

async function runReplay(call: Call): Promise<number> {
  const { options, terminal } = call;
  if (options.flag('diff')) return replayDifference(call);
  if (options.list('apply').length > 0) throw new UsageError('--apply goes with --diff');
  if ((options.number('workers', 1) ?? 1) > 1) terminal.note('note: one worker is used so far');
  const { captures, close } = openCaptures(call.arguments);
  try {
    const dataplane = await startDataplane(call);
    requirePlaces(dataplane, captures);
    const [restored, kept] = [options.text('restore'), options.text('snapshot')];
    if (restored !== undefined) restoreFile(dataplane, restored);
    const report = replayTo(options.text('write'), (write) =>
      replayCaptures(dataplane, captures, {
        ...write,
        check: options.flag('check'),
        now: () => terminal.now(),
        progress: ({ packets }) => terminal.progress(`${packets.toLocaleString('en')} packets`),
      }),
    );
    if (kept !== undefined) writeSnapshot(dataplane, kept);
    printReplay(call, report);
    const { check } = report;
    const isDifferent =
      check !== undefined &&
      (check.equal < check.compared || check.onlyReal > 0 || check.onlyPodplane > 0);
    return isDifferent ? 1 : 0;
  } finally {
    close();
  }
}

/** Runs with a file to write to, which is kept only if all goes well. */
function replayTo(
  file: string | undefined,
  run: (write: Pick<ReplayOptions, 'write'>) => ReplayReport,
): ReplayReport {
  if (file === undefined) return run({});
  const capture = createCapture(file);
  try {
    const report = run({ write: capture.sink });
    capture.finish();
    return report;
  } catch (error) {
    capture.abandon();
    throw error;
  }
}

function printReplay({ options, terminal }: Call, report: ReplayReport): void {
  const output = options.text('output');
  if (output === 'json' || output === 'yaml') terminal.print(serialize(report, output));
  else printSummary(report, terminal);
}

/** The report in a few lines, then the reasons, then the differences. */
export function printSummary(report: ReplayReport, terminal: Terminal): void {
  const { packets, bytes, seconds, packetsPerSecond, connections, check } = report;
  const rate = `${seconds.toFixed(3)} s, ${packetsPerSecond.toLocaleString('en')} packets/s`;
  const rows = [
    ['packets', `${packets.toLocaleString('en')} (${bytes.toLocaleString('en')} bytes) in ${rate}`],
    ['verdicts', describeCounts(report.verdicts)],
    ['connections', `${connections.created} created, ${connections.live} live`],
    ...(check === undefined ? [] : [['check', describeCheck(check)]]),
    ['digest', report.digest],
  ];
  terminal.print(formatColumns([], rows));
  const reasons = Object.entries(report.reasons).sort(([, a], [, b]) => b - a);
  if (reasons.length > 0) {
    const lines = reasons.map(([code, count]) => [String(count), code, explain(code)]);
    terminal.print(`\n${formatColumns(['PACKETS', 'REASON', 'WHICH MEANS'], lines)}`);
  }
  for (const difference of (check?.different ?? []).slice(0, listedDifferences)) {
    const { packet, field, real, podplane } = difference;
    terminal.print(`packet ${packet}: ${field}: real ${real}, podplane ${podplane}`);
  }
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function describeCheck(check: NonNullable<ReplayReport['check']>): string {
  const { compared, equal, onlyReal, onlyPodplane } = check;
  const single = `${onlyReal} only real, ${onlyPodplane} only podplane`;
  return `${compared} compared, ${equal} equal, ${single}`;
}

function explain(code: string): string {
  const value = valueOf('Reason', code);
  return value === undefined ? '' : sentenceOf('Reason', value);
}
