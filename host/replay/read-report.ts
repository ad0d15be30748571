// A replay's report read back from JSON.

import { InputError } from '../problem.ts';
import type { ReplayReport } from './report.ts';

const totals = ['packets', 'bytes', 'left', 'elsewhere', 'seconds', 'lastMs'] as const;

/** Parses what `replay -o json` printed. Throws InputError. */
export function parseReport(text: string, file: string): ReplayReport {
  try {
    const report: unknown = JSON.parse(text);
    if (isReport(report)) return report;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const expected = 'what `podplane replay -o json` prints';
  throw new InputError([{ file, message: 'no report of a replay', expected }]);
}

function isReport(value: unknown): value is ReplayReport {
  if (!isRecord(value) || value['version'] !== 1) return false;
  const { verdicts, reasons, connections, shard, digest } = value;
  return (
    totals.every((name) => typeof value[name] === 'number') &&
    [verdicts, reasons].every(isCounts) &&
    hasNumbers(connections, ['created', 'live']) &&
    (shard === undefined || hasNumbers(shard, ['index', 'count', 'peakConnections', 'capacity'])) &&
    typeof digest === 'string' &&
    /^[0-9a-f]{16}$/.test(digest)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((count) => typeof count === 'number');
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => typeof value[name] === 'number');
}
