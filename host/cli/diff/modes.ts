// `podplane diff --mode A --mode B`: the same packets in several modes, and exactly what differs.

import {
  compareModes,
  type Mode,
  type ModeDifference,
  type ModeOutcome,
  type ModeReport,
} from '../../survey/compare-modes.ts';
import { sourceClasses } from '../../survey/sources.ts';
import { modes } from '../../scenario/read-config.ts';
import { nodeOption, readCluster } from '../cluster-options.ts';
import { formatColumns } from '../columns.ts';
import { UsageError, type Call, type Options } from '../command.ts';
import { abridged, describeFate } from '../findings.ts';
import { serialize } from '../serialize.ts';
import type { Terminal } from '../terminal.ts';

/** Prints the differences; 1 if there are any. */
export async function diffModes(call: Call): Promise<number> {
  const compared = readModes(call.options);
  const { cluster, settings } = await readCluster(call);
  const report = await compareModes(cluster, compared, {
    ...nodeOption(cluster, call.options),
    config: settings,
  });
  const output = call.options.text('output');
  if (output === 'json' || output === 'yaml') call.terminal.print(serialize(report, output));
  else printReport(report, call.terminal);
  return report.differences.length > 0 ? 1 : 0;
}

function readModes(options: Options): Mode[] {
  const given = options.list('mode');
  const compared = modes.filter((mode) => given.includes(mode));
  if (compared.length > 1) return compared.toSorted((a, b) => given.indexOf(a) - given.indexOf(b));
  const expected = '--mode nftables --mode iptables';
  throw new UsageError('diff needs two different modes', expected);
}

function printReport({ node, modes: compared, packets, differences }: ModeReport, to: Terminal) {
  const summary = `${differences.length} of ${packets} packets differ on ${node}`;
  if (differences.length > 0) {
    const heads = ['WHAT', 'TO', 'SERVICE', 'FROM', 'DIFFERS', ...compared.map(upperCase)];
    to.print(
      formatColumns(
        heads,
        differences.map((difference) => rowOf(difference, compared)),
      ),
    );
    to.print('');
  }
  to.print(to.style(differences.length > 0 ? 'yellow' : 'green', summary));
}

function rowOf(difference: ModeDifference, compared: readonly Mode[]): string[] {
  const { what, to, service, from, fields, outcomes } = difference;
  const source = `${sourceClasses[from.class]} (${from.address})`;
  const cells = compared.map((mode) => describeOutcome(outcomes[mode]!));
  return [what, to, service ?? '<none>', source, fields.join(','), ...cells];
}

function describeOutcome(outcome: ModeOutcome): string {
  const { endpoints, masquerade, affinity } = outcome;
  const to = endpoints.length === 0 ? '' : ` to ${abridged(endpoints)}`;
  const notes = [masquerade ? ', masqueraded' : '', affinity ? ', by affinity' : ''];
  return [describeFate(outcome), to, ...notes].join('');
}

function upperCase(text: string): string {
  return text.toUpperCase();
}
