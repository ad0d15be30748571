// Fills vectors with packets, runs them, and hands each outcome on in the order of the packets.
// Packets that were read into packet memory are processed where they lie, others are copied there.
// Results do not depend on that, nor on where one vector ends and the next begins.

import type { RawOutcome, Release } from '../dataplane/outcome.ts';
import type { ChoiceInput, VectorEntry } from '../dataplane/vector.ts';
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
  readonly decided?: OutcomeListener | undefined;
  /** All outcomes of a vector have been told; packet memory is used again from now on. */
  readonly told?: () => void;
}

/**
 * Longest packet that is filled up; IP packets are no longer than this behind their link header.
 */
const longestFilledBytes = 65_535 + 64;

type Entry = { -readonly [Field in keyof VectorEntry]: VectorEntry[Field] };

export class Feed {
  private readonly subject: ReplaySubject;
  private readonly listener: VectorListener;
  /** The first `count` of them, if somebody listens; the others are there to be used again. */
  private readonly waiting: WaitingPacket[] = [];
  /** Packets that wait for their outcome. */
  private count = 0;
  /** Packets that the dataplane holds, by its number for them. */
  private readonly held = new Map<number, FedPacket>();
  private readonly lent: Uint8Array | null;
  private sequence = 0;
  /** Of the packet that is being added: one object for all, since packets are many. */
  private readonly entry: Entry = {
    ...{ port: 0, timeMs: 0, link: 'ethernet', choice: undefined, filledBytes: 0, number: 0 },
  };

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
    const { entry } = this;
    entry.port = port;
    entry.timeMs = timeMs;
    entry.link = link;
    entry.choice = choice;
    entry.filledBytes = filledBytes;
    entry.number = ++this.sequence;
    const { byteOffset } = merged.bytes;
    if (isInPlace) vector.addInPlace(byteOffset + merged.start, merged.lengthBytes, entry);
    else vector.add(merged.frame, entry);
    if (this.listener.decided !== undefined) {
      const fed = (this.waiting[this.count] ??= new WaitingPacket(merged));
      const { recordStart } = merged.packet;
      fed.sequence = this.sequence;
      fed.copyFrom(merged);
      fed.filledBytes = filledBytes;
      fed.recordStart = isInPlace && recordStart !== null ? byteOffset + recordStart : null;
    }
    this.count += 1;
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
    if (this.listener.decided !== undefined) this.tell(this.listener.decided);
    this.listener.told?.();
    vector.clear();
    this.count = 0;
  }

  private tell(decided: OutcomeListener): void {
    const { vector } = this.subject.instance;
    const released = vector.released();
    let next = 0;
    for (let index = 0; index < this.count; index++) {
      const fed = this.waiting[index]!;
      const outcome = vector.peek(index);
      if (outcome.held !== 0) this.held.set(outcome.held, { ...fed });
      decided(fed, outcome);
      for (; released[next]?.after === index; next++) {
        const late = this.takeHeld(released[next]!, fed);
        if (late !== null) decided(late, released[next]!);
      }
    }
  }

  /** What was held and leaves now, behind a packet; null if it came before this feed began. */
  private takeHeld({ held }: Release, { timeMs, nanoseconds }: FedPacket): FedPacket | null {
    const fed = this.held.get(held);
    if (fed === undefined) return null;
    this.held.delete(held);
    return { ...fed, timeMs, nanoseconds, recordStart: null };
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
