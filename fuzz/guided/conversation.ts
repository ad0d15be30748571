// Sends packets to a counted node as bytes command it, holds each outcome to the laws of packets,
// and keeps what is needed to answer, repeat and quote.

import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import type { VectorEntry } from '../../host/dataplane/vector.ts';
import { describeFrame } from '../../host/net/describe.ts';
import { Ip, locatePacket, type LinkType } from '../../host/net/packet-layout.ts';
import { decodePacket, encodePacket } from '../../host/net/packet.ts';
import { cutPacket } from '../arbitrary/pieces.ts';
import { turnRound } from '../targets/turn-round.ts';
import type { CountedNode } from './counted-node.ts';
import { findWrong } from './packet-laws.ts';

/** Where a frame comes in. */
export interface Entrance {
  /** Number of a port; 0, and numbers that no port has, are tried, too. */
  readonly port: number;
  readonly link: LinkType;
}

interface Passage extends Entrance {
  readonly frame: Uint8Array;
}

/** Fits into packet memory together with the answer. */
const longestBytes = 2048;

export class Conversation {
  readonly #node: CountedNode;
  readonly #log: ((line: string) => void) | undefined;
  #timeMs = 1_000_000;
  #sent: Passage | null = null;
  #left: Passage | null = null;

  constructor(node: CountedNode, log?: (line: string) => void) {
    this.#node = node;
    this.#log = log;
  }

  /** Throws Error where a law does not hold of what became of the frame. */
  send(bytes: Uint8Array, { port, link }: Entrance): void {
    const frame = bytes.subarray(0, longestBytes);
    const entry: VectorEntry = { port, link, timeMs: this.#timeMs };
    this.#log?.(`port ${port}, ${link}: ${describeFrame(frame, link)}`);
    const { vector } = this.#node.instance;
    vector.clear();
    vector.add(frame, entry);
    vector.run();
    this.#sent = { frame, port, link };
    const outcome = vector.outcome(0);
    const wrong = findWrong(frame, link, outcome);
    if (wrong !== null) throw new Error(wrong);
    this.#keep(outcome, link);
  }

  /** The frame that came last comes again. */
  repeat(): void {
    if (this.#sent !== null) this.send(this.#sent.frame, this.#sent);
  }

  /** Whoever got the packet that left last answers it. */
  answer(tcpFlags: number): void {
    if (this.#left === null) return;
    const { frame, port, link } = this.#left;
    const packet = decodePacket(frame, link);
    const answer = packet === null ? null : turnRound(packet, tcpFlags);
    if (answer !== null) this.send(encodePacket(answer, link), { port, link });
  }

  /** Whoever got the packet that left last complains about it. */
  complain(icmpType: number, icmpCode: number, quotedBytes: number): void {
    if (this.#left === null || this.#left.link !== 'raw') return;
    const { frame, port, link } = this.#left;
    const packet = decodePacket(frame, link);
    if (packet === null) return;
    const protocol = packet.source.includes(':') ? Ip.Icmpv6 : Ip.Icmp;
    const ends = { source: packet.destination, destination: packet.source };
    const payload = frame.slice(0, quotedBytes);
    const error = { ...ends, protocol, icmpType, icmpCode, icmpRest: 1400, payload };
    this.send(encodePacket(error, link), { port, link });
  }

  /** The frame that came last comes in pieces; backwards if asked. */
  sendPieces(units: number, isBackwards: boolean): void {
    if (this.#sent === null) return;
    const { frame, port, link } = this.#sent;
    const layout = link === 'raw' ? locatePacket(frame, link) : null;
    if (layout === null || layout.endAt !== frame.length) return;
    const how = { units: [Math.max(units, 1)], order: [], identification: 1 };
    const pieces = cutPacket(frame, how);
    for (const piece of isBackwards ? pieces.toReversed() : pieces)
      this.send(piece, { port, link });
  }

  wait(durationMs: number): void {
    this.#timeMs += durationMs;
    this.#log?.(`${durationMs} ms pass`);
  }

  sweep(limit: number): void {
    this.#log?.(`sweep of ${limit}`);
    this.#node.instance.sweep(this.#timeMs, limit);
  }

  /** The first connection is taken out of its map. */
  forget(): void {
    const map = this.#node.instance.map('connections');
    for (const [key] of map.entriesBytes()) {
      this.#log?.('a connection is deleted');
      map.deleteBytes(key);
      return;
    }
  }

  #keep({ outPort, frame }: RawOutcome, link: LinkType): void {
    if (frame.length > 0) this.#left = { frame: frame.slice(), port: outPort, link };
  }
}
