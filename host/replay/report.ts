// What a replay says at its end, and how it is added up.

import { Verdict, type Counters } from '../abi/abi.gen.ts';
import { codeOf } from '../abi/enum.ts';
import { decode, sizeOf } from '../abi/struct.ts';
import type { RawOutcome } from '../dataplane/vector.ts';
import type { CheckReport } from './check.ts';
import { leavingFrame, leaves, type FedPacket } from './feed.ts';
import { addHash, formatHash, hashBytes, type Hash64 } from './hash.ts';
import type { ReplaySubject } from './subject.ts';

/** `replay -o json`. */
export interface ReplayReport {
  version: 1;
  /** Packets fed in. */
  packets: number;
  /** Their bytes, as captured. */
  bytes: number;
  /** Captured packets that had left the node: not fed in. */
  left: number;
  /** Captured packets that passed at another place, or are copies at another interface. */
  elsewhere: number;
  seconds: number;
  packetsPerSecond: number;
  /** Packets by verdict. */
  verdicts: Record<string, number>;
  /** Packets by reason, of those that have one. */
  reasons: Record<string, number>;
  /** Connections created during the replay, and still alive at the time of the last packet. */
  connections: { created: number; live: number };
  /** When the last packet came, milliseconds since 1970; 0 if there was none. */
  lastMs: number;
  check?: CheckReport;
  /**
   * Sum of a 64-bit hash of every packet's number, verdict, reason, port and first bytes as it
   * leaves.
   */
  digest: string;
}

/** Of what leaves, so many bytes count for the digest: every header is in there. */
const digestBytes = 160;

const noCounts = decode('Counters', new Uint8Array(sizeOf('Counters')));

/** Adds up a replay. */
export class Tally {
  packets = 0;
  bytes = 0;
  left = 0;
  elsewhere = 0;
  private readonly subject: ReplaySubject;
  private readonly digest: Hash64 = { low: 0, high: 0 };
  private readonly verdicts: number[] = [];
  private readonly reasons: number[] = [];
  private readonly portHashes = new Map<number, number>();
  private readonly createdBefore: number;
  private lastMs = 0;

  constructor(subject: ReplaySubject) {
    this.subject = subject;
    this.createdBefore = this.counters().connectionsCreated;
  }

  add(fed: FedPacket, outcome: RawOutcome): void {
    const { verdict, reason } = outcome;
    const isRelease = outcome.held !== 0 && verdict !== Verdict.Hold;
    if (isRelease) {
      this.count(Verdict.Hold, -1);
    } else {
      this.packets += 1;
      this.bytes += fed.headerBytes.length + fed.capturedBytes;
    }
    this.lastMs = Math.max(this.lastMs, fed.timeMs);
    this.count(verdict, 1);
    if (reason !== 0) this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    const word = Math.imul(fed.sequence, 0x01000193) ^ (verdict << 24) ^ (reason << 16);
    const port = this.portHash(outcome.outPort);
    const frame = leaves(verdict) ? leavingFrame(fed, outcome) : new Uint8Array();
    addHash(this.digest, hashBytes(frame, digestBytes, word ^ port));
  }

  private count(verdict: number, change: number): void {
    this.verdicts[verdict] = (this.verdicts[verdict] ?? 0) + change;
  }

  report(seconds: number): ReplayReport {
    const { packets } = this;
    this.subject.instance.sweep(this.lastMs, 0xffffffff);
    const counters = this.counters();
    const gone =
      counters.connectionsRemoved + counters.connectionsExpired + counters.connectionsEvicted;
    return {
      version: 1,
      packets,
      bytes: this.bytes,
      left: this.left,
      elsewhere: this.elsewhere,
      seconds,
      packetsPerSecond: seconds > 0 ? Math.round(packets / seconds) : 0,
      verdicts: nameCounts('Verdict', this.verdicts),
      reasons: nameCounts('Reason', this.reasons),
      connections: {
        created: counters.connectionsCreated - this.createdBefore,
        live: counters.connectionsCreated - gone,
      },
      lastMs: this.lastMs,
      digest: formatHash(this.digest),
    };
  }

  /** All zeroes where the map holds nothing yet. */
  private counters(): Counters {
    return this.subject.map('counters').lookUp(0) ?? noCounts;
  }

  /** By name, since a port's number depends on the order in which objects were applied. */
  private portHash(port: number): number {
    let hash = this.portHashes.get(port);
    if (hash === undefined) {
      const name = port === 0 ? '' : this.subject.portName(port);
      hash = hashBytes(new TextEncoder().encode(name), name.length).low;
      this.portHashes.set(port, hash);
    }
    return hash;
  }
}

function nameCounts(name: 'Verdict' | 'Reason', counts: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  counts.forEach((count, value) => {
    if (count > 0) named[codeOf(name, value)] = count;
  });
  return named;
}
