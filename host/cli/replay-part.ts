// One part of a replay that several processes share, here or on other machines; and what stands in
// the way of sharing.

import type { ReplayReport } from '../replay/report.ts';
import { replayShard } from '../replay/replay-shard.ts';
import type { Shard } from '../replay/shard.ts';
import { openCaptures, requirePlaces } from './capture-files.ts';
import { readSettings, startDataplane } from './cluster-options.ts';
import { UsageError, type Call, type Options } from './command.ts';
import { showProgress } from './replay-progress.ts';

/** `--shard i/n`. Throws UsageError. */
export function readShard(options: Options): Shard | undefined {
  const text = options.text('shard');
  if (text === undefined) return undefined;
  const [index = Number.NaN, count = 0] = /^[0-9]+\/[0-9]+$/.test(text)
    ? text.split('/').map(Number)
    : [];
  if (index < count) return { index, count };
  throw new UsageError(`--shard: "${text}" is no part`, 'i/n with i from 0 to n-1');
}

/** Why packets of this call cannot be shared out, or null. Throws UsageError, InputError. */
export async function findObstacle({ options }: Call): Promise<string | null> {
  for (const name of ['check', 'write', 'restore', 'snapshot']) {
    const isGiven = options.flag(name) || options.text(name) !== undefined;
    if (isGiven) return `--${name} needs all packets in one place`;
  }
  const { mode, icmpErrors } = await readSettings(options);
  if (mode === 'ipvs') return 'in ipvs mode connections take turns, each after all others';
  if (icmpErrors !== undefined) return 'config.icmpErrors is a limit for the whole node';
  return null;
}

/** Replays a part. Throws UsageError, InputError. */
export async function replayPart(call: Call, shard: Shard): Promise<ReplayReport> {
  const { terminal } = call;
  const { captures, sizeBytes, close } = await openCaptures(call.arguments, true);
  const start = async () => {
    const dataplane = await startDataplane(call);
    requirePlaces(dataplane, captures);
    return dataplane;
  };
  try {
    return await replayShard(start, captures, {
      shard,
      now: () => terminal.now(),
      progress: showProgress(terminal, sizeBytes),
    });
  } finally {
    close();
  }
}
