// Fills vectors with packets, runs them, and hands each outcome on in the order of the packets.
// Results do not depend on where one vector ends and the next begins.

import { Verdict } from '../abi/abi.gen.ts';
import type { ChoiceInput, RawOutcome, Release } from '../dataplane/vector.ts';
import type { LinkHeader } from '../pcap/link-header.ts';
import type { MergedPacket } from './merge.ts';
import type { CaptureInput } from './place.ts';
import type { ReplaySubject } from './subject.ts';

/** A packet that was fed in, kept until its outcome is there. */
export interface FedPacket {
  /** 1 for the first that was fed. */
  readonly sequence: number;
  readonly capture: CaptureInput;
  /** Its number in its capture. */
  readonly number: number;
  readonly timeMs: number;
  readonly nanoseconds: number;
  readonly linkType: number;
  readonly header: LinkHeader;
  /** The capture's own header, kept as it came. */
  readonly headerBytes: Uint8Array;
  /** Bytes on the wire, the capture's own header included. */
  readonly originalLengthBytes: number;
  /** Bytes that the capture holds behind its own header. */
  readonly capturedBytes: number;
  /** Zeroes fed in behind them, for what the capture cut off. */
  readonly filledBytes: number;
}

/**
 * The frame of an outcome is valid during the call only. Fragments that are held are told of twice:
 * when they come and when they leave, `fed` then being at the time of the packet that let them go.
 */
export type OutcomeListener = (fed: FedPacket, outcome: RawOutcome) => void;

/**
 * Longest packet that is filled up; IP packets are no longer than this behind their link header.
 */
const longestFilledBytes = 65_535 + 64;

export class Feed {
  private readonly subject: ReplaySubject;
  private readonly listener: OutcomeListener;
  private readonly waiting: FedPacket[] = [];
  /** Packets that the dataplane holds, by its number for them. */
  private readonly held = new Map<number, FedPacket>();
  private sequence = 0;

  constructor(subject: ReplaySubject, listener: OutcomeListener) {
    this.subject = subject;
    this.listener = listener;
    subject.instance.vector.clear();
  }

  /** Adds a packet that enters by a port; runs the vector when it is full. */
  add(merged: MergedPacket, port: number, choice?: ChoiceInput): void {
    const { vector } = this.subject.instance;
    const frame = fillUp(merged);
    if (!vector.hasRoom(frame.length)) this.run();
    const { timeMs } = merged.packet;
    const { link } = merged.header;
    vector.add(frame, { port, timeMs, link, ...(choice === undefined ? {} : { choice }) });
    this.waiting.push(this.describe(merged, frame.length - merged.frame.length));
  }

  /** Runs what is waiting. */
  run(): void {
    const { vector } = this.subject.instance;
    if (this.waiting.length === 0) return;
    vector.run();
    const released = vector.released();
    let next = 0;
    for (const [index, fed] of this.waiting.entries()) {
      const outcome = vector.outcome(index);
      if (outcome.held !== 0) this.held.set(outcome.held, fed);
      this.listener(fed, outcome);
      for (; released[next]?.after === index; next++) this.tellRelease(released[next]!, fed);
    }
    vector.clear();
    this.waiting.length = 0;
  }

  private tellRelease(release: Release, { timeMs, nanoseconds }: FedPacket): void {
    const fed = this.held.get(release.held);
    if (fed === undefined) return;
    this.held.delete(release.held);
    this.listener({ ...fed, timeMs, nanoseconds }, release);
  }

  private describe(merged: MergedPacket, filledBytes: number): FedPacket {
    const { capture, packet, header } = merged;
    this.sequence += 1;
    return {
      sequence: this.sequence,
      capture,
      number: packet.number,
      timeMs: packet.timeMs,
      nanoseconds: packet.nanoseconds,
      linkType: packet.linkType,
      header,
      headerBytes: packet.frame.slice(0, header.lengthBytes),
      originalLengthBytes: packet.originalLengthBytes,
      capturedBytes: merged.frame.length,
      filledBytes,
    };
  }
}

/**
 * What a snap length cut off reads as zero: lengths are right again, and checksums change by
 * differences only.
 */
function fillUp(merged: MergedPacket): Uint8Array {
  const { frame, packet } = merged;
  const missing = packet.originalLengthBytes - packet.frame.length;
  if (missing === 0 || frame.length + missing > longestFilledBytes) return frame;
  const filled = new Uint8Array(frame.length + missing);
  filled.set(frame);
  return filled;
}

/** Whether something leaves. */
export function leaves(verdict: number): boolean {
  return verdict !== Verdict.Drop && verdict !== Verdict.Hold;
}

/** The bytes that leave, without what was filled up; an answer is whole. */
export function leavingFrame(fed: FedPacket, outcome: RawOutcome): Uint8Array {
  const { frame, verdict } = outcome;
  return verdict === Verdict.Reply ? frame : frame.subarray(0, frame.length - fed.filledBytes);
}
