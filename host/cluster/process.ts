// Frames into an instance and outcomes out of it: one packet, a batch in place, or one packet with
// its trace. Knows ports by name, and no Kubernetes objects.

import { Verdict } from '../abi/abi.gen.ts';
import type { Names } from '../compile/desired.ts';
import type { Instance } from '../dataplane/instance.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import type { ChoiceInput, VectorEntry } from '../dataplane/vector.ts';
import { decodePacket } from '../net/packet.ts';
import { explainSteps, type ExplainedStep } from './explain.ts';
import { readOutcome, type Outcome } from './outcome.ts';

/** Where and when a packet enters. */
export interface PacketPlace {
  /** Name of the port: `host`, `uplink`, `pod/<namespace>/<name>`. */
  readonly port: string;
  /** Milliseconds since an epoch of the caller's choice; 0 unless given. */
  readonly timeMs?: number;
  /** What the first byte of the frame is; `ethernet` unless given. */
  readonly link?: 'ethernet' | 'raw';
  /** Choices to take over, where they are legal. */
  readonly choice?: ChoiceInput;
}

/** One packet of a batch. */
export interface PacketInput extends VectorEntry {
  /** Rewritten in place. */
  readonly frame: Uint8Array;
}

interface Subject {
  readonly instance: Instance;
  readonly names: Names;
  port(name: string): number;
}

/** Processes one packet. */
export function processOne(subject: Subject, frame: Uint8Array, place: PacketPlace): Outcome {
  return readRun(subject, runOne(subject, frame, { place, trace: false }));
}

/** Processes one packet and explains every step. */
export function traceOne(
  subject: Subject,
  frame: Uint8Array,
  place: PacketPlace,
): { outcome: Outcome; steps: ExplainedStep[] } {
  const { instance, names } = subject;
  const outcome = readRun(subject, runOne(subject, frame, { place, trace: true }));
  const source = decodePacket(frame, place.link ?? 'ethernet')?.source ?? null;
  return { outcome, steps: explainSteps(instance.traceSteps(), { names, source }) };
}

/** Processes packets in order, as many at a time as the vector holds. */
export function processBatch(
  { vector }: Instance,
  packets: readonly PacketInput[],
  decided?: (index: number, outcome: RawOutcome) => void,
): void {
  let next = 0;
  while (next < packets.length) {
    const first = next;
    vector.clear();
    // A frame that does not fit into an empty vector is refused by `add`.
    while (
      next < packets.length &&
      (next === first || vector.hasRoom(packets[next]!.frame.length))
    ) {
      vector.add(packets[next]!.frame, packets[next]!);
      next++;
    }
    vector.run();
    const released = vector.released();
    for (let index = first; index < next; index++) {
      const outcome = vector.outcome(index - first);
      if (outcome.verdict !== Verdict.Reply) packets[index]!.frame.set(outcome.frame);
      decided?.(index, outcome);
      for (const release of released) {
        if (release.after === index - first) decided?.(index, release);
      }
    }
  }
}

function readRun({ instance, names }: Subject, raw: RawOutcome): Outcome {
  const released = instance.vector.released().map((release) => readOutcome(release, names));
  return { ...readOutcome(raw, names), ...(released.length > 0 && { released }) };
}

function runOne(
  subject: Subject,
  frame: Uint8Array,
  { place, trace }: { readonly place: PacketPlace; readonly trace: boolean },
): RawOutcome {
  const { vector } = subject.instance;
  vector.clear();
  vector.add(frame, {
    port: subject.port(place.port),
    timeMs: place.timeMs ?? 0,
    trace,
    ...(place.link && { link: place.link }),
    ...(place.choice && { choice: place.choice }),
  });
  vector.run();
  return vector.outcome(0);
}
