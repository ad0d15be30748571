// A packet between the moment it is fed in and the moment its outcome is told.

import { Verdict } from '../abi/abi.gen.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import type { LinkHeader } from '../pcap/link-header.ts';
import type { MergedPacket } from './merge.ts';
import type { CaptureInput } from './place.ts';

/**
 * A packet that was fed in, kept until its outcome is there; then the object is used again for
 * another one.
 */
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
   * As in CapturedPacket, but an address in packet memory; null also if the packet was copied.
   */
  readonly recordStart: number | null;
}

const none = new Uint8Array();

/** The object that is used again and again. */
export class WaitingPacket implements FedPacket {
  sequence = 0;
  capture: CaptureInput;
  number = 0;
  timeMs = 0;
  nanoseconds = 0;
  linkType = 0;
  header: LinkHeader;
  headerBytes = none;
  originalLengthBytes = 0;
  capturedBytes = 0;
  filledBytes = 0;
  recordStart: number | null = null;

  constructor({ capture, header }: MergedPacket) {
    this.capture = capture;
    this.header = header;
  }

  /** Takes what is known of the packet itself. */
  copyFrom({ capture, packet, header, lengthBytes }: MergedPacket): void {
    this.capture = capture;
    this.number = packet.number;
    this.timeMs = packet.timeMs;
    this.nanoseconds = packet.nanoseconds;
    this.linkType = packet.linkType;
    this.header = header;
    const hasHeader = header.lengthBytes > 0;
    this.headerBytes = hasHeader ? packet.frame.slice(0, header.lengthBytes) : none;
    this.originalLengthBytes = packet.originalLengthBytes;
    this.capturedBytes = lengthBytes;
  }
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
