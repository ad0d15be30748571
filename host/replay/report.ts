// What a replay says at its end, and how it is added up.

import { Verdict, type Counters } from '../abi/abi.gen.ts';
import { codeOf } from '../abi/enum.ts';
import { decode, sizeOf } from '../abi/struct.ts';
import type { RawOutcome } from '../dataplane/outcome.ts';
import type { CheckReport } from './check.ts';
import { leavingBytes, leaves, type FedPacket } from './fed-packet.ts';
import { addHash, formatHash, hashBytes, hashSpan, type Hash64 } from './hash.ts';
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
  /** Absent unless this is one part of several. */
  shard?: ShardReport;
  /**
   * Sum of a 64-bit hash of every packet's number, verdict, reason, port and first bytes as it
   * leaves.
   */
  digest: string;
}

/** What merging has to know of one part. */
export interface ShardReport {
  /** From 0. */
  index: number;
  count: number;
  /** Most connections that the part had in its table at once, and how many a node's table holds. */
  peakConnections: number;
  capacity: number;
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
  private readonly portHashes: number[] = [];
  private readonly createdBefore: number;
  private lastMs = 0;
  private peak = 0;

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
    this.noteTime(fed.timeMs);
    this.count(verdict, 1);
    if (reason !== 0) this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    const word = Math.imul(fed.sequence, 0x01000193) ^ (verdict << 24) ^ (reason << 16);
    const port = this.portHash(outcome.outPort);
    const hashedBytes = leaves(verdict) ? Math.min(digestBytes, leavingBytes(fed, outcome)) : 0;
    addHash(this.digest, hashSpan(outcome, hashedBytes, word ^ port));
  }

  /** The replay lasts at least until then. */
  noteTime(timeMs: number): void {
    this.lastMs = Math.max(this.lastMs, timeMs);
  }

  /** Looks how full the table of connections is; to be called now and then. */
  notePeak(): void {
    this.peak = Math.max(this.peak, standing(this.counters()));
  }

  /** Most connections that were seen at once. */
  get peakConnections(): number {
    return this.peak;
  }

  private count(verdict: number, change: number): void {
    this.verdicts[verdict] = (this.verdicts[verdict] ?? 0) + change;
  }

  report(seconds: number): ReplayReport {
    const { packets } = this;
    this.subject.instance.sweep(this.lastMs, 0xffffffff);
    const counters = this.counters();
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
        live: standing(counters),
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
    const known = this.portHashes[port];
    if (known !== undefined) return known;
    const name = port === 0 ? '' : this.subject.portName(port);
    const hash = hashBytes(new TextEncoder().encode(name), name.length).low;
    this.portHashes[port] = hash;
    return hash;
  }
}

/** Connections in the table. */
function standing(counters: Counters): number {
  const { connectionsCreated, connectionsRemoved, connectionsExpired, connectionsEvicted } =
    counters;
  return connectionsCreated - connectionsRemoved - connectionsExpired - connectionsEvicted;
}

/** Counts by value as counts by code, in the order of the values; those of 0 are left out. */
export function nameCounts(
  name: 'Verdict' | 'Reason',
  counts: readonly number[],
): Record<string, number> {
  const named: Record<string, number> = {};
  counts.forEach((count, value) => {
    if (count > 0) named[codeOf(name, value)] = count;
  });
  return named;
}
