// `podplane replay`: every packet of captures that entered the node, through its dataplane.

import { replayCaptures, type ReplayOptions } from '../../replay/replay.ts';
import type { ReplayReport } from '../../replay/report.ts';
import { createCapture, openCaptures, requirePlaces } from '../capture-files.ts';
import { applyOption, clusterOptions, outputOption, startDataplane } from '../cluster-options.ts';
import { UsageError, type Call, type Command } from '../command.ts';
import { replayDifference } from '../replay-difference.ts';
import { findObstacle, readShard, replayPart } from '../replay-part.ts';
import { showProgress } from '../replay-progress.ts';
import { printReplay } from '../replay-summary.ts';
import { replayByWorkers } from '../replay-workers.ts';
import { restoreFile, writeSnapshot } from '../snapshot-files.ts';

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
    workers: { type: 'string', value: 'n', help: 'processes that share the packets; default 1' },
    shard: { type: 'string', value: 'i/n', help: 'only part i of n, from 0; see `report merge`' },
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
      command: 'podplane replay -f shop/ --shard 0/4 -o json yesterday.pcap > 0.json',
      does: 'a quarter of the connections; the other quarters on other machines',
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
  const { options } = call;
  if (options.flag('diff')) return replayDifference(call);
  if (options.list('apply').length > 0) throw new UsageError('--apply goes with --diff');
  const shard = readShard(options);
  const workers = options.number('workers', 1) ?? 1;
  const obstacle = shard !== undefined || workers > 1 ? await findObstacle(call) : null;
  if (shard !== undefined) {
    if (obstacle !== null) throw new UsageError(`--shard: ${obstacle}`, 'a replay in one part');
    printReplay(call, await replayPart(call, shard));
    return 0;
  }
  const merged = workers > 1 ? await replayByWorkers(call, workers, obstacle) : null;
  const report = merged ?? (await replayWhole(call));
  printReplay(call, report);
  const { check } = report;
  const isDifferent =
    check !== undefined &&
    (check.equal < check.compared || check.onlyReal > 0 || check.onlyPodplane > 0);
  return isDifferent ? 1 : 0;
}

async function replayWhole(call: Call): Promise<ReplayReport> {
  const { options, terminal } = call;
  const isReadAgain = options.flag('check') || options.text('write') !== undefined;
  const { captures, sizeBytes, close } = await openCaptures(call.arguments, isReadAgain);
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
        progress: showProgress(terminal, sizeBytes),
      }),
    );
    if (kept !== undefined) writeSnapshot(dataplane, kept);
    return report;
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
