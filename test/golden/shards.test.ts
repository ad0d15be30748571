// Every capture of the examples, replayed in parts, adds up to its replay as a whole.

import { expect, test } from 'vitest';
import { smallCapacity } from '../../host/cluster/capacity.ts';
import { replayCaptures } from '../../host/replay/replay.ts';
import { captureFiles, captureInput, openNode } from './captures.ts';
import { replayInParts } from './parts.ts';

const { cluster } = await openNode();
// A packet may be as long as in the largest capture.
const capacity = { ...smallCapacity, blockBytes: 1 << 17, heldBytes: 1 << 20, heldFragments: 1024 };
const start = () => cluster.dataplane({ node: 'node-a', capacity });
const now = (): number => 0;

test.each(captureFiles.map((file, index) => [file, 2 + (index % 3)] as const))(
  '%s in %i parts',
  async (file, count) => {
    const captures = [captureInput(file)];
    const whole = replayCaptures(await start(), captures, { now });
    expect(await replayInParts(start, captures, count)).toEqual(whole);
  },
);
