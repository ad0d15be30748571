// How far a replay is, in one line: packets, their rate, and the time left where the size of the
// captures is known.

import type { ReplayOptions } from '../replay/replay.ts';
import type { Terminal } from './terminal.ts';

/** Shows progress on a terminal. `sizeBytes`: of all captures; null if it is not known. */
export function showProgress(
  terminal: Terminal,
  sizeBytes: number | null,
): NonNullable<ReplayOptions['progress']> {
  const startMs = terminal.now();
  return (done) => {
    terminal.progress(() => describeProgress({ ...done, ms: terminal.now() - startMs }, sizeBytes));
  };
}

/** `1,234,567 packets, 812,345/s, 42 %, 3 s left`. */
export function describeProgress(
  { packets, bytesRead, ms }: { packets: number; bytesRead: number; ms: number },
  sizeBytes: number | null,
): string {
  const parts = [`${packets.toLocaleString('en')} packets`];
  if (ms > 0) parts.push(`${Math.round((packets / ms) * 1000).toLocaleString('en')}/s`);
  if (sizeBytes === null || bytesRead === 0 || bytesRead > sizeBytes) return parts.join(', ');
  const leftMs = ((sizeBytes - bytesRead) / bytesRead) * ms;
  parts.push(`${Math.floor((bytesRead / sizeBytes) * 100)} %`, `${describeTime(leftMs)} left`);
  return parts.join(', ');
}

function describeTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
