// The reports of the parts of a replay, added up to the report of the whole. Pure.

import { valueOf } from '../abi/enum.ts';
import { InputError, type Problem } from '../problem.ts';
import { formatDigest, parseDigest } from './digest.ts';
import { nameCounts, type ReplayReport, type ShardReport } from './report.ts';

/** A report of one part, and where it stands. */
export interface NamedReport {
  readonly file: string;
  readonly report: ReplayReport;
}

/**
 * The report of the whole, as one dataplane would have given it; the parts ran side by side, so it
 * took as long as the longest. Throws InputError for reports that are no whole, and where the
 * connections of all parts might not have found room in one table.
 */
export function mergeReports(named: readonly NamedReport[]): ReplayReport {
  requireWhole(named);
  requireRoom(named);
  const reports = named.map(({ report }) => report);
  const sum = (count: (report: ReplayReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const packets = sum((report) => report.packets);
  const seconds = Math.max(...reports.map((report) => report.seconds));
  const digest = reports.reduce((total, report) => total + parseDigest(report.digest), 0n);
  return {
    version: 1,
    packets,
    bytes: sum(({ bytes }) => bytes),
    left: sum(({ left }) => left),
    elsewhere: sum(({ elsewhere }) => elsewhere),
    seconds,
    packetsPerSecond: seconds > 0 ? Math.round(packets / seconds) : 0,
    verdicts: sumCounts(
      'Verdict',
      reports.map(({ verdicts }) => verdicts),
    ),
    reasons: sumCounts(
      'Reason',
      reports.map(({ reasons }) => reasons),
    ),
    connections: {
      created: sum(({ connections }) => connections.created),
      live: sum(({ connections }) => connections.live),
    },
    lastMs: Math.max(...reports.map(({ lastMs }) => lastMs)),
    digest: formatDigest(digest),
  };
}

function sumCounts(
  name: 'Verdict' | 'Reason',
  parts: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const counts: number[] = [];
  for (const [code, count] of parts.flatMap((part) => Object.entries(part))) {
    const value = valueOf(name, code);
    if (value !== undefined) counts[value] = (counts[value] ?? 0) + count;
  }
  return nameCounts(name, counts);
}

function requireWhole(named: readonly NamedReport[]): void {
  const problems: Problem[] = [];
  const seen = new Map<number, string>();
  const count = named[0]?.report.shard?.count;
  for (const { file, report } of named) {
    const { shard, lastMs } = report;
    if (shard === undefined) {
      problems.push({ file, message: 'no part of a replay', expected: 'what --shard i/n prints' });
    } else if (shard.count !== count) {
      const message = `part ${shard.index} of ${shard.count}`;
      problems.push({ file, message, expected: `parts of ${count}` });
    } else if (seen.has(shard.index)) {
      const message = `part ${shard.index} is in ${seen.get(shard.index)!}, too`;
      problems.push({ file, message, expected: 'each part once' });
    } else if (lastMs !== named[0]!.report.lastMs) {
      const expected = `the captures that ${named[0]!.file} is a part of`;
      problems.push({ file, message: 'a part of other captures', expected });
    } else seen.set(shard.index, file);
  }
  const missing = Array.from({ length: count ?? 0 }, (_, index) => index).filter(
    (index) => !seen.has(index),
  );
  if (problems.length === 0 && missing.length > 0) {
    const message = `${missing.length === 1 ? 'part' : 'parts'} ${missing.join(', ')} missing`;
    problems.push({ file: named[0]!.file, message, expected: `all ${count} parts` });
  }
  if (problems.length > 0) throw new InputError(problems);
}

/** Where one table might have been full, one dataplane might have given up connections. */
function requireRoom(named: readonly NamedReport[]): void {
  const shards = named.map(({ report }) => report.shard as ShardReport);
  const peak = shards.reduce((sum, { peakConnections }) => sum + peakConnections, 0);
  const capacity = Math.min(...shards.map((shard) => shard.capacity));
  if (peak <= capacity) return;
  const message =
    `the parts had up to ${peak} connections at once, and one table holds ${capacity}: ` +
    'their sum may differ from the whole';
  throw new InputError([{ file: named[0]!.file, message, expected: 'a replay in one part' }]);
}
