// What `podplane get` knows of a table that a node's kernel would hold: made by running a node,
// after the packets of captures or of one probe, not from the objects alone.

import type { Dataplane } from '../../cluster/cluster.ts';
import type { NodeConfig } from '../../compile/desired.ts';
import { encodePacket } from '../../net/packet.ts';
import { replayCaptures } from '../../replay/replay.ts';
import { openCaptures, requirePlaces } from '../capture-files.ts';
import { showProgress } from '../replay-progress.ts';
import { nodeOption, readCluster } from '../cluster-options.ts';
import { UsageError, type Call, type Options } from '../command.ts';
import { serialize } from '../serialize.ts';
import { makeProbe, requireEnds } from '../trace/probe.ts';
import { link, traceNode } from '../trace/tracer.ts';

export interface TableContent {
  /** For `-o json` and `-o yaml`. */
  readonly data: unknown;
  readonly table: string;
  /** For `-o extended`, where there is one. */
  readonly extended?: string;
  /** For standard error, behind the table. */
  readonly note?: string;
}

/** When the table is read, and whose entries are asked for: undefined, everybody's. */
export interface Question {
  /** Time of the last packet. */
  readonly nowMs: number;
  readonly namespace: string | undefined;
}

export interface NodeTable {
  readonly names: readonly string[];
  readonly outputs: readonly string[];
  /** The only mode that has it; absent: every mode. */
  readonly mode?: NodeConfig['mode'];
  contentOf(dataplane: Dataplane, question: Question): TableContent;
}

/** Prints a table of a node. The arguments behind its name are captures, replayed first. */
export async function printNodeTable(
  call: Call,
  table: NodeTable,
  captures: readonly string[],
): Promise<void> {
  const { options, terminal } = call;
  const output = options.text('output') ?? 'table';
  if (!table.outputs.includes(output)) {
    const expected = `one of ${table.outputs.join(', ')}`;
    throw new UsageError(`--output: ${table.names[0]} has no form "${output}"`, expected);
  }
  const dataplane = await startNode(call, table);
  const nowMs = await runPackets(call, dataplane, captures);
  const namespace = options.flag('all-namespaces') ? undefined : options.text('namespace');
  const content = table.contentOf(dataplane, { nowMs, namespace });
  if (output === 'json' || output === 'yaml') {
    terminal.print(serialize(content.data, output));
    return;
  }
  const text = output === 'extended' ? (content.extended ?? '') : content.table;
  if (text !== '') terminal.print(text);
  if (content.note !== undefined) terminal.note(content.note);
}

/** A table that only one mode has is shown in that mode, unless another one is asked for. */
async function startNode(call: Call, { names, mode }: NodeTable): Promise<Dataplane> {
  const { cluster, settings } = await readCluster(call);
  const asked = settings.mode;
  if (mode !== undefined && asked !== undefined && asked !== mode) {
    throw new UsageError(`a node in ${asked} mode has no table "${names[0]}"`, `--mode ${mode}`);
  }
  const config = mode === undefined ? settings : { ...settings, mode };
  return cluster.dataplane({ ...nodeOption(cluster, call.options), config });
}

/** Replays captures, then sends the probe of `--from` and `--to`; returns the time of the last. */
async function runPackets(
  call: Call,
  dataplane: Dataplane,
  words: readonly string[],
): Promise<number> {
  const { options, terminal } = call;
  const isProbed = options.text('from') !== undefined || options.text('to') !== undefined;
  if (words.length === 0) {
    if (isProbed) sendProbe(dataplane, options);
    return 0;
  }
  if (isProbed) throw new UsageError('both captures and --from, --to', 'one of the two');
  const { captures, sizeBytes, close } = await openCaptures(words);
  try {
    requirePlaces(dataplane, captures);
    const { lastMs } = replayCaptures(dataplane, captures, {
      now: () => terminal.now(),
      progress: showProgress(terminal, sizeBytes),
    });
    return lastMs;
  } finally {
    close();
  }
}

/** Sends the packet that the options describe. Throws UsageError. */
function sendProbe(dataplane: Dataplane, options: Options): void {
  requireEnds(options);
  const { book, find, send } = traceNode(dataplane);
  const probe = makeProbe(book, options);
  if (!('packet' in probe)) throw new UsageError(`--to: ${probe.notes.join('; ')}`);
  send(encodePacket(probe.packet, link), find(probe.packet.source));
}
