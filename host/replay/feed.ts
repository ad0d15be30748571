// Fills vectors with packets, runs them, and hands each outcome on in the order of the packets.
// Packets that were read into packet memory are processed where they lie, others are copied there.
// Results do not depend on that, nor on where one vector ends and the next begins.

import type { RawOutcome, Release } from '../dataplane/outcome.ts';
import type { ChoiceInput } from '../dataplane/vector.ts';
import type { ReadBlock } from '../pcap/block-reader.ts';
import { WaitingPacket, type FedPacket } from './fed-packet.ts';
import type { MergedPacket } from './merge.ts';
import type { ReplaySubject } from './subject.ts';

/**
 * The frame of an outcome is valid during the call only. Fragments that are held are told of twice:
 * when they come and when they leave, `fed` then being at the time of the packet that let them go.
 */
export type OutcomeListener = (fed: FedPacket, outcome: RawOutcome) => void;

export interface VectorListener {
  readonly decided: OutcomeListener;
  /** All outcomes of a vector have been told; packet memory is used again from now on. */
  readonly told?: () => void;
}

/**
 * Longest packet that is filled up; IP packets are no longer than this behind their link header.
 */
const longestFilledBytes = 65_535 + 64;

export class Feed {
  private readonly subject: ReplaySubject;
  private readonly listener: VectorListener;
  /** The first `count` of them wait for their outcome; the others are there to be used again. */
  private readonly waiting: WaitingPacket[] = [];
  private count = 0;
  /** Packets that the dataplane holds, by its number for them. */
  private readonly held = new Map<number, FedPacket>();
  private readonly lent: Uint8Array | null;
  private sequence = 0;

  /** `blockBytes`: of packet memory to read into, if there is so much; 0 = packets are copied. */
  constructor(subject: ReplaySubject, listener: VectorListener, blockBytes: number) {
    this.subject = subject;
    this.listener = listener;
    const lent = subject.instance.vector.lend(blockBytes);
    this.lent = blockBytes === 0 ? null : lent;
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
    const { byteOffset } = merged.bytes;
    if (isInPlace) vector.addInPlace(byteOffset + merged.start, merged.lengthBytes, entry);
    else vector.add(merged.frame, entry);
    const fed = (this.waiting[this.count++] ??= new WaitingPacket(merged));
    fed.sequence = ++this.sequence;
    fed.filledBytes = filledBytes;
    fed.copyFrom(merged);
    const { recordStart } = merged.packet;
    fed.recordStart = isInPlace && recordStart !== null ? byteOffset + recordStart : null;
  }

  /** Passes over a packet that another part of the replay feeds: its number is taken. */
  skip(): void {
    this.sequence += 1;
  }

  /** Gives packet memory back; what is still waiting is forgotten. */
  close(): void {
    this.subject.instance.vector.lend(0);
  }

  /** Runs what is waiting. */
  run(): void {
    const { vector } = this.subject.instance;
    if (this.count === 0) return;
    vector.run();
    const released = vector.released();
    let next = 0;
    for (let index = 0; index < this.count; index++) {
      const fed = this.waiting[index]!;
      const outcome = vector.peek(index);
      if (outcome.held !== 0) this.held.set(outcome.held, { ...fed });
      this.listener.decided(fed, outcome);
      for (; released[next]?.after === index; next++) this.tellRelease(released[next]!, fed);
    }
    this.listener.told?.();
    vector.clear();
    this.count = 0;
  }

  private tellRelease(release: Release, { timeMs, nanoseconds }: FedPacket): void {
    const fed = this.held.get(release.held);
    if (fed === undefined) return;
    this.held.delete(release.held);
    this.listener.decided({ ...fed, timeMs, nanoseconds, recordStart: null }, release);
  }
}

/**
 * What a snap length cut off reads as zero: lengths are right again, and checksums change by
 * differences only.
 */
function bytesToFill({ packet, lengthBytes }: MergedPacket): number {
  const missing = packet.originalLengthBytes - packet.lengthBytes;
  return lengthBytes + missing > longestFilledBytes ? 0 : missing;
}
