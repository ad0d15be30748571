// A flood of random and mutated frames through one dataplane: how many, what became of them, and
// whether anything was odd. Faster than a property, and without shrinking; the seed says it all.

import * as fc from 'fast-check';
import { Verdict } from '../../host/abi/abi.gen.ts';
import { codeOf } from '../../host/abi/enum.ts';
import { Cluster } from '../../host/cluster/cluster.ts';
import type { LinkType } from '../../host/net/packet-layout.ts';
import { subjectNode } from '../arbitrary/cluster.ts';
import { anyFrame } from '../arbitrary/packet.ts';
import { randomNumbers } from '../arbitrary/random.ts';
import { sampleObjects } from './sample-cluster.ts';

export interface FloodReport {
  readonly packets: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  /** Packets that were dropped or answered without a reason, or let through with one. */
  readonly unreasoned: number;
}

const CORPUS_FRAMES = 4096;
const VECTOR_PACKETS = 256;
const LONGEST_FRAME = 2048;
const STEP_MS = 20;

/** Sends that many frames; throws what the dataplane throws when it traps. */
export async function flood(seed: number, packets: number): Promise<FloodReport> {
  const capacity = { vectorPackets: VECTOR_PACKETS, blockBytes: VECTOR_PACKETS * LONGEST_FRAME };
  const cluster = Cluster.from(sampleObjects, { controllers: false });
  const { instance, names } = await cluster.dataplane({ node: subjectNode, capacity });
  const { vector } = instance;
  const ports = [...names.ports.keys()];
  const corpora = { raw: corpus('raw', seed), ethernet: corpus('ethernet', seed) };
  const draw = randomNumbers(seed);
  const verdicts: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  let unreasoned = 0;
  for (let sent = 0; sent < packets; sent += vector.count) {
    vector.clear();
    while (vector.count < Math.min(VECTOR_PACKETS, packets - sent)) {
      const link = draw(2) === 0 ? 'raw' : 'ethernet';
      const frame = mutate(corpora[link][draw(CORPUS_FRAMES)]!, draw);
      vector.add(frame, { link, port: ports[draw(ports.length)]!, timeMs: sent * STEP_MS });
    }
    vector.run();
    for (let index = 0; index < vector.count; index++) {
      const { verdict, reason } = vector.outcome(index);
      const isPlain = verdict === Verdict.Forward || verdict === Verdict.Local;
      if (isPlain !== (reason === 0)) unreasoned += 1;
      tally(verdicts, codeOf('Verdict', verdict));
      if (reason !== 0) tally(reasons, codeOf('Reason', reason));
    }
  }
  return { packets, verdicts, reasons, unreasoned };
}

function corpus(link: LinkType, seed: number): Uint8Array[] {
  return fc.sample(anyFrame(link), { seed, numRuns: CORPUS_FRAMES });
}

function tally(counts: Record<string, number>, code: string): void {
  counts[code] = (counts[code] ?? 0) + 1;
}

/** A copy with up to three changes: a flipped bit, a random byte, a cut. */
function mutate(frame: Uint8Array, draw: (bound: number) => number): Uint8Array {
  let mutant = frame.slice();
  for (let changes = draw(4); changes > 0 && mutant.length > 0; changes--) {
    const at = draw(mutant.length);
    const kind = draw(8);
    if (kind === 0) mutant = mutant.subarray(0, at);
    else if (kind < 4) mutant[at] = draw(256);
    else mutant[at]! ^= 1 << draw(8);
  }
  return mutant;
}
