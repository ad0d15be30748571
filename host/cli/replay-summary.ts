// A replay's report as it is printed: as data, or in a few lines for people.

import { sentenceOf, valueOf } from '../abi/enum.ts';
import type { ReplayReport } from '../replay/report.ts';
import { formatColumns } from './columns.ts';
import type { Call } from './command.ts';
import { serialize } from './serialize.ts';
import type { Terminal } from './terminal.ts';

/** So many differences are listed for people; `-o json` has more. */
const listedDifferences = 20;

/** Prints a report in the form of `-o`. */
export function printReplay({ options, terminal }: Call, report: ReplayReport): void {
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
