// A replay in parts, put together again.

import { mergeReports } from '../../host/replay/merge-reports.ts';
import type { CaptureInput } from '../../host/replay/place.ts';
import { replayShard } from '../../host/replay/replay-shard.ts';
import type { ReplayReport } from '../../host/replay/report.ts';
import type { ReplaySubject } from '../../host/replay/subject.ts';

/** Replays captures in `count` parts, each in a dataplane of its own, and adds up their reports. */
export async function replayInParts(
  start: () => Promise<ReplaySubject>,
  captures: readonly CaptureInput[],
  count: number,
): Promise<ReplayReport> {
  const parts = [];
  for (let index = 0; index < count; index++) {
    const options = { now: () => 0, shard: { index, count } };
    parts.push({ file: `${index}`, report: await replayShard(start, captures, options) });
  }
  return mergeReports(parts);
}
