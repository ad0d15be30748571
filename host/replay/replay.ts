// Captures through a dataplane: every packet that entered the node, in the order of time, with its
// outcome counted, written and compared. Runs in browsers; files are the caller's affair.

import type { ByteSink } from '../pcap/writer.ts';
import { InputError, type Problem } from '../problem.ts';
import { Check } from './check.ts';
import type { ChoiceInput } from '../dataplane/vector.ts';
import { Feed, type VectorListener } from './feed.ts';
import type { MergedPacket } from './merge.ts';
import { openPassages, type PassageKind } from './passage.ts';
import { anyPlace, originFinder, SourcePorts } from './place.ts';
import type { CaptureInput, FindOrigin } from './place.ts';
import { Tally, type ReplayReport } from './report.ts';
import { RewrittenCapture } from './rewritten.ts';
import { Partition, type Shard } from './shard.ts';
import type { ReplaySubject } from './subject.ts';

export interface ReplayOptions {
  /** Compares with what the real node sent, at the captures that have a place. */
  readonly check?: boolean;
  /** Takes the rewritten capture. */
  readonly write?: ByteSink;
  /** Called now and then with what is done. */
  readonly progress?: (done: { packets: number; bytesRead: number }) => void;
  /** Feeds in one part of the packets only; neither `check` nor `write` go with it. */
  readonly shard?: Shard;
  /** A clock in milliseconds for the report's seconds. */
  readonly now?: () => number;
  /**
   * Bytes of packet memory that a single capture is read into, if there are twice as many; it must
   * hold the longest packet. Results do not depend on it.
   */
  readonly blockBytes?: number;
}

const progressPackets = 4096;
/** Longer than any packet; short enough to be still in the cache when it is processed. */
const defaultBlockBytes = 512 * 1024;

/** Replays captures; throws InputError if one is damaged or a place is none of the node's ports. */
export function replayCaptures(
  subject: ReplaySubject,
  captures: readonly CaptureInput[],
  options: ReplayOptions = {},
): ReplayReport {
  const now = options.now ?? (() => performance.now());
  if (options.check === true) requirePlace(captures);
  const findOrigin = originFinder(subject);
  const check = options.check === true ? new Check(subject, captures, findOrigin) : null;
  const rewritten = options.write && new RewrittenCapture(captures, options.write);
  const tally = new Tally(subject);
  const partition = options.shard && new Partition(subject, options.shard);
  const startMs = now();
  feedCaptures(subject, captures, {
    findOrigin,
    blockBytes: options.blockBytes,
    ...(check !== null && { choose: ({ frame, header }) => check.enter(frame, header.link) }),
    passed: (kind) => {
      tally[kind] += 1;
    },
    ...(partition && {
      isElsewhere: (merged) => {
        tally.noteTime(merged.packet.timeMs);
        return !partition.takes(merged);
      },
    }),
    entered: (merged) => tally.add(merged),
    ...((rewritten || check) && {
      decided: (fed, outcome) => {
        rewritten?.write(fed, outcome);
        check?.compare(fed, outcome);
      },
    }),
    told: () => {
      subject.instance.vector.digest();
      rewritten?.writeRun();
      if (partition) tally.notePeak();
    },
    read: (bytesRead) => options.progress?.({ packets: tally.packets, bytesRead }),
  });
  const report = tally.report((now() - startMs) / 1000);
  rewritten?.finish();
  if (check !== null) return { ...report, check: check.finish() };
  return partition ? partition.sign(report, tally.peakConnections) : report;
}

/** What somebody wants to know of the packets of captures while they are fed in. */
export interface FeedListener extends VectorListener {
  /** A packet is not fed in: it had left the node, or did not pass there. */
  readonly passed?: (kind: Exclude<PassageKind, 'entered'>) => void;
  /** Whether a packet belongs to another part of the replay; it is numbered, and not fed in. */
  readonly isElsewhere?: (merged: MergedPacket) => boolean;
  /** A packet is about to be fed in. */
  readonly entered?: (merged: MergedPacket) => void;
  /** Choices to take over for a packet. */
  readonly choose?: (merged: MergedPacket) => ChoiceInput | undefined;
  /** Called now and then with the bytes read. */
  readonly read?: (bytesRead: number) => void;
  readonly findOrigin?: FindOrigin;
  /** See ReplayOptions. */
  readonly blockBytes?: number | undefined;
}

/** Feeds in every packet that entered the node. Throws InputError as `replayCaptures`. */
export function feedCaptures(
  subject: ReplaySubject,
  captures: readonly CaptureInput[],
  listener: FeedListener,
): void {
  const numberOf = portNumbers(subject, captures);
  const findOrigin = listener.findOrigin ?? originFinder(subject);
  const sources = new SourcePorts(findOrigin, numberOf);
  const blockBytes = captures.length === 1 ? (listener.blockBytes ?? defaultBlockBytes) : 0;
  const feed = new Feed(subject, listener, blockBytes);
  try {
    const { next, bytesRead } = openPassages(captures, findOrigin, feed.block);
    let packets = 0;
    for (let passing = next(); passing !== null; passing = next()) {
      const { merged, kind, knownPort } = passing;
      if (kind !== 'entered') listener.passed?.(kind);
      else if (listener.isElsewhere?.(merged) === true) feed.skip();
      else {
        listener.entered?.(merged);
        const isKnown = knownPort !== null;
        const port = isKnown ? numberOf(knownPort) : sources.portOf(merged, merged.header.link);
        feed.add(merged, port, listener.choose?.(merged));
      }
      packets += 1;
      if (packets % progressPackets === 0) listener.read?.(bytesRead());
    }
    feed.run();
  } finally {
    feed.close();
  }
}

/** Numbers of ports by name, each asked for once; refuses places that the node does not have. */
function portNumbers(
  subject: ReplaySubject,
  captures: readonly CaptureInput[],
): (name: string) => number {
  const numbers = new Map<string, number>();
  const problems: Problem[] = [];
  for (const { file, place } of captures) {
    if (place === undefined || place === anyPlace) continue;
    try {
      numbers.set(place, subject.port(place));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push({ file, message: error.message });
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  return (name) => {
    let number = numbers.get(name);
    if (number === undefined) numbers.set(name, (number = subject.port(name)));
    return number;
  };
}

function requirePlace(captures: readonly CaptureInput[]): void {
  if (captures.some(({ place }) => place !== undefined)) return;
  const [first] = captures;
  throw new InputError([
    {
      file: first?.file ?? '-',
      message: 'nothing to compare with: no capture says where it was taken',
      expected: 'pod/<namespace>/<name>=<capture>, or the same with uplink, host or any',
    },
  ]);
}
