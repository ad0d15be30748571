// What the dataplane sends against what the real node sent, place by place. Packets are matched by
// everything that translation leaves alone, in order among equals; what stays alone is matched by
// its tuple, so that a difference is named by its field. The real node's legal choices are handed
// to the dataplane before it decides.

import { Verdict } from '../abi/abi.gen.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import type { ChoiceInput } from '../dataplane/vector.ts';
import { hasPartialChecksum, locatePacket, type LinkType } from '../net/packet-layout.ts';
import { describeFrame } from '../net/describe.ts';
import { leavingFrame, type FedPacket } from './fed-packet.ts';
import { takeOverFreeChoices, type SentPacket } from './free-choice.ts';
import {
  findNetworkPacket,
  formatTuple,
  hasTransportPorts,
  isLinkAffair,
  readTuple,
  reverseTuple,
  translationKey,
  type Tuple,
} from './network-packet.ts';
import { comparePackets, type FieldDifference } from './packet-fields.ts';
import { anyPlace, type CaptureInput, type FindOrigin } from './place.ts';
import { Queues, readRealNode, type RealPacket } from './real-node.ts';
import type { ReplaySubject } from './subject.ts';

/** A difference and the real packet it was found in: its number in its capture. */
export interface PacketDifference extends FieldDifference {
  packet: number;
  capture: string;
}

/** A packet that only one side sent. */
export interface UnmatchedPacket {
  /** Who sent it. */
  sender: 'real' | 'podplane';
  place: string;
  /** Real: its number in this capture. Podplane: of the packet it came from. */
  packet: number;
  capture: string;
  /** One line. */
  text: string;
}

export interface CheckReport {
  /** Pairs of packets. */
  compared: number;
  equal: number;
  /** The first 1000 differences. */
  different: PacketDifference[];
  onlyReal: number;
  onlyPodplane: number;
  /**
   * The real node's own: address resolution, and what its stack sent where `host` was not captured.
   */
  hostStack: number;
  /** Real packets that entered by a port that was not captured. */
  notCaptured: number;
  /** The first 1000 packets of onlyReal and onlyPodplane. */
  unmatched: UnmatchedPacket[];
}

const listed = 1000;

/** What is kept of a packet from when it is fed until it leaves. */
interface Entrant {
  readonly tuple: Tuple;
  readonly hadPartialChecksum: boolean;
}

/** A packet of ours without a real one. */
interface Leftover extends SentPacket {
  /** Of the packet it came from. */
  readonly number: number;
  readonly file: string;
  readonly place: string;
  readonly tuple: string;
  readonly text: string;
}

export class Check {
  private readonly subject: ReplaySubject;
  private readonly places: ReadonlySet<string | undefined>;
  private readonly real: readonly RealPacket[];
  private readonly realByKey = new Queues<string, RealPacket>();
  /** Of all places: what became of a packet that enters. */
  private readonly counterparts = new Queues<number, RealPacket>();
  private readonly enteredKeys = new Set<number>();
  private readonly enteredTuples = new Set<string>();
  /** What the dataplane sent at a place. */
  private readonly sentTuples = new Set<string>();
  /** What it handed to the node, and the answers to it. */
  private readonly localTuples = new Set<string>();
  private readonly entrants = new Map<number, Entrant>();
  private readonly leftovers: Leftover[] = [];
  private entered = 0;
  private readonly report: CheckReport = {
    compared: 0,
    equal: 0,
    different: [],
    onlyReal: 0,
    onlyPodplane: 0,
    hostStack: 0,
    notCaptured: 0,
    unmatched: [],
  };

  constructor(subject: ReplaySubject, captures: readonly CaptureInput[], findOrigin: FindOrigin) {
    this.subject = subject;
    this.places = new Set(captures.map(({ place }) => place));
    const { packets, linkAffairs } = readRealNode(captures, findOrigin);
    this.real = packets;
    this.report.hostStack = linkAffairs;
    for (const packet of packets) {
      this.realByKey.put(`${packet.place} ${packet.key}`, packet);
      this.counterparts.put(packet.key, packet);
    }
  }

  /**
   * Notes a packet that is about to be fed; returns what the real node chose for it, if it shows.
   */
  enter(frame: Uint8Array, link: LinkType): ChoiceInput | undefined {
    this.entered += 1;
    const packet = findNetworkPacket(frame, link);
    const tuple = packet === null ? null : readTuple(packet);
    if (packet === null || tuple === null) return undefined;
    const key = translationKey(packet);
    this.enteredKeys.add(key);
    this.enteredTuples.add(formatTuple(tuple));
    const layout = locatePacket(packet, 'raw', false);
    const hadPartialChecksum = layout !== null && hasPartialChecksum(packet, layout);
    this.entrants.set(this.entered, { tuple, hadPartialChecksum });
    const counterpart = this.counterparts.take(key);
    return counterpart === undefined ? undefined : findChoice(tuple, counterpart.tuple);
  }

  /** Compares what the dataplane sends with what the real node sent. */
  compare(fed: FedPacket, outcome: RawOutcome): void {
    if (outcome.verdict === Verdict.Hold) return;
    const entrant = this.entrants.get(fed.sequence);
    this.entrants.delete(fed.sequence);
    if (outcome.verdict === Verdict.Drop) return;
    if (outcome.verdict === Verdict.Local && entrant !== undefined) {
      this.localTuples.add(formatTuple(entrant.tuple));
      this.localTuples.add(formatTuple(reverseTuple(entrant.tuple)));
    }
    const place = this.subject.portName(outcome.outPort);
    if (!this.isCaptured(place)) return;
    this.comparePlace(fed, outcome, { place, entrant });
  }

  /** Matches what is left and adds up. */
  finish(): CheckReport {
    this.matchByTuple();
    for (const packet of this.real) {
      if (packet.isMatched) continue;
      const account = this.explain(packet);
      this.report[account] += 1;
      if (account === 'onlyReal') this.list({ ...unmatchedReal(packet) });
    }
    return this.report;
  }

  private comparePlace(
    fed: FedPacket,
    outcome: RawOutcome,
    { place, entrant }: { place: string; entrant: Entrant | undefined },
  ): void {
    const frame = leavingFrame(fed, outcome);
    const bytes = findNetworkPacket(frame, fed.header.link);
    const tuple = bytes === null ? null : readTuple(bytes);
    if (bytes === null || tuple === null || isLinkAffair(bytes)) {
      this.report.hostStack += 1;
      return;
    }
    const isAnswer = outcome.verdict === Verdict.Reply;
    const sent = { bytes, isAnswer, hadPartialChecksum: entrant?.hadPartialChecksum ?? false };
    this.sentTuples.add(`${place} ${formatTuple(tuple)}`);
    const real = this.realByKey.take(`${place} ${translationKey(bytes)}`);
    if (real !== undefined) {
      this.pair(real, sent);
      return;
    }
    const text = describeFrame(frame, fed.header.link);
    const kept = { ...sent, bytes: bytes.slice() };
    const { number, capture } = fed;
    const from = { number, file: capture.file };
    this.leftovers.push({ ...kept, ...from, place, tuple: formatTuple(tuple), text });
  }

  private pair(real: RealPacket, sent: SentPacket): void {
    real.isMatched = true;
    this.report.compared += 1;
    const adopted = takeOverFreeChoices(sent, real.bytes);
    const differences = comparePackets(real.bytes, adopted);
    if (differences.length === 0) this.report.equal += 1;
    for (const difference of differences) {
      if (this.report.different.length >= listed) return;
      this.report.different.push({ packet: real.number, capture: real.file, ...difference });
    }
  }

  private matchByTuple(): void {
    const alone = new Queues<string, RealPacket>();
    for (const packet of this.real) {
      if (!packet.isMatched) alone.put(`${packet.place} ${formatTuple(packet.tuple)}`, packet);
    }
    for (const leftover of this.leftovers) {
      const { number, file, place, tuple, text } = leftover;
      const real = alone.take(`${place} ${tuple}`);
      if (real !== undefined) {
        this.pair(real, leftover);
        continue;
      }
      this.report.onlyPodplane += 1;
      this.list({ sender: 'podplane', place, packet: number, capture: file, text });
    }
  }

  /**
   * Where a real packet belongs that the dataplane did not send.
   *
   * 1. It answers, or is an error about, a packet that the dataplane handed to the node: the node's
   *    own stack.
   * 2. It is the image of a packet that was fed in, is about one, or goes the way of packets that
   *    the dataplane sent.
   * 3. It comes from the node's own address: its own stack.
   * 4. It comes from a port that was not captured.
   */
  private explain(packet: RealPacket): 'onlyReal' | 'hostStack' | 'notCaptured' {
    const { tuple, place, key, originPort } = packet;
    const own = formatTuple(tuple);
    const about = tuple.quoted === null ? own : formatTuple(tuple.quoted);
    if (!this.places.has('host') && this.localTuples.has(about)) return 'hostStack'; // 1
    const isKnown = this.enteredKeys.has(key) || this.sentTuples.has(`${place} ${own}`);
    if (isKnown || (tuple.quoted !== null && this.enteredTuples.has(about))) return 'onlyReal'; // 2
    if (this.isCaptured(originPort)) return 'onlyReal';
    return originPort === 'host' ? 'hostStack' : 'notCaptured'; // 3, 4
  }

  /** A capture of all interfaces does not show what stays on the node. */
  private isCaptured(port: string): boolean {
    return this.places.has(port) || (port !== 'host' && this.places.has(anyPlace));
  }

  private list(packet: UnmatchedPacket): void {
    if (this.report.unmatched.length < listed) this.report.unmatched.push(packet);
  }
}

function unmatchedReal(packet: RealPacket): UnmatchedPacket {
  const { place, number, file, text } = packet;
  return { sender: 'real', place, packet: number, capture: file, text };
}

/**
 * Endpoint and masquerade port as they show in the packet that left; undefined if neither changed.
 */
export function findChoice(entered: Tuple, left: Tuple): ChoiceInput | undefined {
  if (!hasTransportPorts(entered.protocol)) return undefined;
  const isTranslated =
    entered.destination !== left.destination || entered.destinationPort !== left.destinationPort;
  const isMasqueraded = entered.source !== left.source || entered.sourcePort !== left.sourcePort;
  if (!isTranslated && !isMasqueraded) return undefined;
  return {
    ...(isTranslated
      ? { endpoint: { address: left.destination, port: left.destinationPort } }
      : {}),
    ...(isMasqueraded ? { sourcePort: left.sourcePort } : {}),
  };
}
