// `replay --workers`: as many processes as asked for, each with its part of the packets, and their
// reports added up. Falls back to one worker where parts would not add up to the whole.

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../problem.ts';
import { mergeReports, type NamedReport } from '../replay/merge-reports.ts';
import { parseCaptureArgument } from '../replay/place.ts';
import type { ReplayReport } from '../replay/report.ts';
import { parseReport } from '../replay/read-report.ts';
import { clusterOptions } from './cluster-options.ts';
import type { Call, Options } from './command.ts';

const manifest = createRequire(import.meta.url).resolve('podplane/package.json');
const program = join(dirname(manifest), 'dist/host/cli/main.js');
const longestReportBytes = 1 << 24;

/**
 * The report of all workers; null, with a note, if one worker has to replay the whole, or if a
 * worker has failed: then the whole fails alike.
 */
export async function replayByWorkers(
  call: Call,
  count: number,
  obstacle: string | null,
): Promise<ReplayReport | null> {
  const { terminal } = call;
  const reason = obstacle ?? findStream(call);
  if (reason !== null) {
    terminal.note(`note: one worker, since ${reason}`);
    return null;
  }
  const indices = Array.from({ length: count }, (_, index) => index);
  const parts = await Promise.all(indices.map((index) => runWorker(call, { index, count })));
  const reports = parts.filter((part) => part !== null);
  if (reports.length < count) return null;
  try {
    return mergeReports(reports);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    terminal.note(`note: one worker, since ${error.problems[0]!.message}`);
    return null;
  }
}

/** What only one process can read. */
function findStream({ options, arguments: texts }: Call): string | null {
  if (options.list('filename').includes('-')) return 'manifests come from standard input';
  for (const text of texts) {
    const { file } = parseCaptureArgument(text);
    const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
    if (file === '-' || !isFile) return `${file} can be read only once`;
  }
  return null;
}

/** Null if the worker has failed. */
async function runWorker(
  { options, arguments: texts }: Call,
  { index, count }: { index: number; count: number },
): Promise<NamedReport | null> {
  const file = `worker ${index}`;
  const part = ['--shard', `${index}/${count}`, '--output', 'json', '--quiet'];
  const words = [program, 'replay', ...clusterWords(options), ...part, '--', ...texts];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      maxBuffer: longestReportBytes,
    });
    return { file, report: parseReport(stdout, file) };
  } catch {
    return null;
  }
}

/** The cluster's options as they were given. */
function clusterWords(options: Options): string[] {
  return Object.entries(clusterOptions).flatMap(([name, { type, multiple }]) => {
    if (type === 'boolean') return options.flag(name) ? [`--${name}`] : [];
    const text = options.text(name);
    const values = multiple === true ? options.list(name) : text === undefined ? [] : [text];
    return values.map((value) => `--${name}=${value}`);
  });
}
