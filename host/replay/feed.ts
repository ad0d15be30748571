// Fills vectors with packets, runs them, and hands each outcome on in the order of the packets.
// Packets that were read into packet memory are processed where they lie, others are copied there.
// Results do not depend on that, nor on where one vector ends and the next begins.

import { Verdict } from '../abi/abi.gen.ts';
import type { RawOutcome, Release } from '../dataplane/outcome.ts';
import type { ChoiceInput } from '../dataplane/vector.ts';
import type { ReadBlock } from '../pcap/block-reader.ts';
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
  /**
   * As in CapturedPacket, but an address in packet memory; null also if the packet was copied there.
   */
  readonly recordStart: number | null;
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
  private readonly lent: Uint8Array | null;
  private sequence = 0;

  /** `blockBytes`: of packet memory to read into, if there is so much; 0 = packets are copied. */
  constructor(subject: ReplaySubject, listener: OutcomeListener, blockBytes: number) {
    this.subject = subject;
    this.listener = listener;
    this.lent = subject.instance.vector.lend(blockBytes);
  }

  /** Packet memory to read one capture into. */
  get block(): ReadBlock | undefined {
    return this.lent === null ? undefined : { bytes: this.lent, beforeReuse: () => this.run() };
  }

  /** Adds a packet that enters by a port; runs the vector when it is full. */
  add(merged: MergedPacket, port: number, choice?: ChoiceInput): void {
    const { vector } = this.subject.instance;
    const filledBytes = bytesToFill(merged);
    const isInPlace = merged.bytes === this.lent && filledBytes === 0;
    if (!vector.hasRoom(isInPlace ? 0 : merged.lengthBytes + filledBytes)) this.run();
    const { timeMs } = merged.packet;
    const { link } = merged.header;
    const entry = { port, timeMs, link, choice, filledBytes };
    if (isInPlace) {
      vector.addInPlace(merged.bytes.byteOffset + merged.start, merged.lengthBytes, entry);
    } else vector.add(merged.frame, entry);
    this.waiting.push(this.describe(merged, { filledBytes, isInPlace }));
  }

  /** Runs what is waiting, and gives packet memory back. */
  finish(): void {
    this.run();
    this.subject.instance.vector.lend(0);
  }

  /** Runs what is waiting. */
  run(): void {
    const { vector } = this.subject.instance;
    if (this.waiting.length === 0) return;
    vector.run();
    const released = vector.released();
    let next = 0;
    for (let index = 0; index < this.waiting.length; index++) {
      const fed = this.waiting[index]!;
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
    this.listener({ ...fed, timeMs, nanoseconds, recordStart: null }, release);
  }

  private describe(
    merged: MergedPacket,
    { filledBytes, isInPlace }: { filledBytes: number; isInPlace: boolean },
  ): FedPacket {
    const { capture, packet, header } = merged;
    const { recordStart } = packet;
    this.sequence += 1;
    return {
      sequence: this.sequence,
      capture,
      number: packet.number,
      timeMs: packet.timeMs,
      nanoseconds: packet.nanoseconds,
      linkType: packet.linkType,
      header,
      headerBytes: header.lengthBytes === 0 ? none : packet.frame.slice(0, header.lengthBytes),
      originalLengthBytes: packet.originalLengthBytes,
      capturedBytes: merged.lengthBytes,
      filledBytes,
      recordStart: isInPlace && recordStart !== null ? packet.bytes.byteOffset + recordStart : null,
    };
  }
}

const none = new Uint8Array();

/**
 * What a snap length cut off reads as zero: lengths are right again, and checksums change by
 * differences only.
 */
function bytesToFill({ packet, lengthBytes }: MergedPacket): number {
  const missing = packet.originalLengthBytes - packet.lengthBytes;
  return lengthBytes + missing > longestFilledBytes ? 0 : missing;
}

/** Whether something leaves. */
export function leaves(verdict: number): boolean {
  return verdict !== Verdict.Drop && verdict !== Verdict.Hold;
}

/** The bytes that leave, without what was filled up; an answer is whole. */
export function leavingFrame(fed: FedPacket, outcome: RawOutcome): Uint8Array {
  const { frame } = outcome;
  return frame.subarray(0, leavingBytes(fed, outcome));
}

/** How many bytes leave: see `leavingFrame`. */
export function leavingBytes(fed: FedPacket, { verdict, lengthBytes }: RawOutcome): number {
  return verdict === Verdict.Reply ? lengthBytes : lengthBytes - fed.filledBytes;
}
