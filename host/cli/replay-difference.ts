// `podplane replay --diff`: which recorded connections two sets of manifests treat differently.

import type { Cluster, Dataplane } from '../cluster/cluster.ts';
import { compareVerdicts, type ChangedFlow } from '../replay/compare-verdicts.ts';
import { openCaptures, requirePlaces } from './capture-files.ts';
import { nodeOption, readTwoClusters } from './cluster-options.ts';
import { formatColumns } from './columns.ts';
import { UsageError, type Call } from './command.ts';
import { describeFate } from './findings.ts';
import { serialize } from './serialize.ts';

/** Prints the flows that change; 1 if there are any. */
export async function replayDifference(call: Call): Promise<number> {
  const { options, terminal } = call;
  for (const other of ['check', 'write', 'workers']) {
    const isGiven = options.flag(other) || options.text(other) !== undefined;
    if (isGiven) throw new UsageError(`--diff and --${other} do not go together`);
  }
  const { before, after, settings } = await readTwoClusters(call);
  const start = (cluster: Cluster) =>
    cluster.dataplane({ ...nodeOption(cluster, options), config: settings });
  const [old, now] = [await start(before), await start(after)];
  const { captures, close } = await openCaptures(call.arguments, true);
  try {
    for (const dataplane of [old, now]) requirePlaces(dataplane, captures);
    const report = compareVerdicts(old, now, captures);
    const output = options.text('output');
    if (output === 'json' || output === 'yaml') {
      terminal.print(serialize(report, output));
    } else {
      const { flows, packets, changed } = report;
      if (flows.length > 0) terminal.print(`${formatFlows(flows, old)}\n`);
      const tone = changed > 0 ? 'yellow' : 'green';
      terminal.print(terminal.style(tone, `${changed} of ${packets} packets fare differently`));
    }
    return report.changed > 0 ? 1 : 0;
  } finally {
    close();
  }
}

function formatFlows(flows: readonly ChangedFlow[], { names }: Dataplane): string {
  const heads = ['FROM', 'TO', 'CONNECTIONS', 'PACKETS', 'BEFORE', 'NOW', 'FIRST'];
  const nameOf = (address: string) => {
    const name = names.addresses.get(address);
    return name === undefined ? address : `${name} (${address})`;
  };
  const rows = flows.map(({ from, to, port, protocol, first, ...flow }) => [
    nameOf(from),
    `${nameOf(to)} ${protocol}${port === undefined ? '' : ` ${port}`}`,
    String(flow.connections),
    String(flow.packets),
    describeFate(flow.before),
    describeFate(flow.after),
    `${first.file} packet ${first.packet}`,
  ]);
  return formatColumns(heads, rows);
}
