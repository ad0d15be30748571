// Long work in steps: how long each took, and how much memory the process has then.

import { formatColumns } from './columns.ts';
import type { Terminal } from './terminal.ts';

export interface BenchStep {
  readonly name: string;
  readonly milliseconds: number;
  /** Of the process, afterwards. */
  readonly residentBytes: number;
  /** The most that the process has had by then. */
  readonly peakBytes: number;
}

const bytesOfKilobyte = 1024;

/** Steps as they are made. */
export class StepLog {
  readonly #terminal: Terminal;
  readonly #steps: BenchStep[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  get steps(): readonly BenchStep[] {
    return this.#steps;
  }

  /** Makes a step. */
  async time<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    this.#terminal.progress(name);
    const start = this.#terminal.now();
    const result = await work();
    const milliseconds = this.#terminal.now() - start;
    const peakBytes = process.resourceUsage().maxRSS * bytesOfKilobyte;
    this.#steps.push({ name, milliseconds, residentBytes: process.memoryUsage.rss(), peakBytes });
    return result;
  }
}

/** Steps in columns. */
export function formatSteps(steps: readonly BenchStep[]): string {
  const cells = steps.map(({ name, milliseconds, residentBytes, peakBytes }) => [
    ...[name, milliseconds.toFixed(0)],
    ...[formatMebibytes(residentBytes), formatMebibytes(peakBytes)],
  ]);
  return formatColumns(['STEP', 'MS', 'RESIDENT', 'PEAK'], cells);
}

export function formatMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}
