// One part of a replay that several share. What cannot be told apart is replayed whole by the first
// part: each part reads all captures, so each finds that out by itself.

import type { CaptureInput } from './place.ts';
import { replayCaptures, type ReplayOptions } from './replay.ts';
import type { ReplayReport } from './report.ts';
import { InseparableError, type Shard } from './shard.ts';
import type { ReplaySubject } from './subject.ts';

/**
 * Replays a part in a dataplane that `start` makes, and makes anew if the captures turn out to be
 * inseparable. Throws as `replayCaptures`.
 */
export async function replayShard(
  start: () => Promise<ReplaySubject>,
  captures: readonly CaptureInput[],
  options: Pick<ReplayOptions, 'progress' | 'now'> & { readonly shard: Shard },
): Promise<ReplayReport> {
  try {
    return replayCaptures(await start(), captures, options);
  } catch (error) {
    if (!(error instanceof InseparableError)) throw error;
    const shard = { ...options.shard, isWhole: true };
    return replayCaptures(await start(), captures, { ...options, shard });
  }
}
