// What a replay says at its end, and how it is added up.

import { Reason, Verdict, type Counters } from '../abi/abi.gen.ts';
import { codeOf } from '../abi/enum.ts';
import { decode, sizeOf } from '../abi/struct.ts';
import type { CheckReport } from './check.ts';
import { formatDigest, readDigest } from './digest.ts';
import type { MergedPacket } from './merge.ts';
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
   * What became of every packet, as one number: see `readDigest`. Equal for equal inputs, seeds and
   * settings, on any platform.
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

const noCounts = decode('Counters', new Uint8Array(sizeOf('Counters')));

/** What the dataplane has counted of packets so far. */
interface Counted {
  /** By verdict. */
  readonly verdicts: readonly number[];
  /** By reason, Reason.None left out. */
  readonly reasons: readonly number[];
  readonly created: number;
  readonly digest: bigint;
}

/** Adds up a replay: what the dataplane counts from now on, and what only the replay knows. */
export class Tally {
  packets = 0;
  bytes = 0;
  left = 0;
  elsewhere = 0;
  private readonly subject: ReplaySubject;
  private readonly before: Counted;
  private lastMs = 0;
  private peak = 0;

  constructor(subject: ReplaySubject) {
    this.subject = subject;
    this.before = readCounted(subject);
  }

  /** Counts a packet that is fed in. */
  add({ packet }: MergedPacket): void {
    this.packets += 1;
    this.bytes += packet.lengthBytes;
    this.noteTime(packet.timeMs);
  }

  /** The replay lasts at least until then. */
  noteTime(timeMs: number): void {
    this.lastMs = Math.max(this.lastMs, timeMs);
  }

  /** Looks how full the table of connections is; to be called now and then. */
  notePeak(): void {
    this.peak = Math.max(this.peak, standing(countersOf(this.subject)));
  }

  /** Most connections that were seen at once. */
  get peakConnections(): number {
    return this.peak;
  }

  report(seconds: number): ReplayReport {
    const { packets, subject, before } = this;
    subject.instance.sweep(this.lastMs, 0xffffffff);
    const after = readCounted(subject);
    const since = (counts: readonly number[], old: readonly number[]): number[] =>
      counts.map((count, value) => count - (old[value] ?? 0));
    return {
      version: 1,
      packets,
      bytes: this.bytes,
      left: this.left,
      elsewhere: this.elsewhere,
      seconds,
      packetsPerSecond: seconds > 0 ? Math.round(packets / seconds) : 0,
      verdicts: nameCounts('Verdict', since(after.verdicts, before.verdicts)),
      reasons: nameCounts('Reason', since(after.reasons, before.reasons)),
      connections: {
        created: after.created - before.created,
        live: standing(countersOf(subject)),
      },
      lastMs: this.lastMs,
      digest: formatDigest(after.digest - before.digest),
    };
  }
}

function readCounted(subject: ReplaySubject): Counted {
  const counters = countersOf(subject);
  const verdicts: number[] = [];
  verdicts[Verdict.Drop] = counters.dropped;
  verdicts[Verdict.Forward] = counters.forwarded;
  verdicts[Verdict.Local] = counters.delivered;
  verdicts[Verdict.Reply] = counters.answered;
  verdicts[Verdict.Hold] = counters.held;
  const reasons: number[] = [];
  for (const [reason, { packets }] of subject.map('reasons').entries()) {
    if (reason !== Reason.None) reasons[reason] = packets;
  }
  const { connectionsCreated: created } = counters;
  return { verdicts, reasons, created, digest: readDigest(subject) };
}

/** All zeroes where the map holds nothing yet. */
function countersOf(subject: ReplaySubject): Counters {
  return subject.map('counters').lookUp(0) ?? noCounts;
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
