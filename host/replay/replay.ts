// Captures through a dataplane: every packet that entered the node, in the order of time, with its
// outcome counted, written and compared. Runs in browsers; files are the caller's affair.

import type { ByteSink } from '../pcap/writer.ts';
import { InputError, type Problem } from '../problem.ts';
import { Check } from './check.ts';
import type { ChoiceInput } from '../dataplane/vector.ts';
import type { LinkType } from '../net/packet-layout.ts';
import { Feed, type OutcomeListener } from './feed.ts';
import { followPackets, type Passage } from './passage.ts';
import { anyPlace, originFinder, type CaptureInput, type FindOrigin } from './place.ts';
import { Tally, type ReplayReport } from './report.ts';
import { openRewritten } from './rewritten.ts';
import type { ReplaySubject } from './subject.ts';

export interface ReplayOptions {
  /** Compares with what the real node sent, at the captures that have a place. */
  readonly check?: boolean;
  /** Takes the rewritten capture. */
  readonly write?: ByteSink;
  /** Called now and then with what is done. */
  readonly progress?: (done: { packets: number; bytesRead: number }) => void;
  /** A clock in milliseconds for the report's seconds. */
  readonly now?: () => number;
}

const progressPackets = 4096;

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
  const rewritten = options.write && openRewritten(captures, options.write);
  const tally = new Tally(subject);
  const startMs = now();
  feedCaptures(subject, captures, {
    findOrigin,
    choose: (frame, link) => check?.enter(frame, link),
    passed: (kind) => {
      tally[kind] += 1;
    },
    decided: (fed, outcome) => {
      tally.add(fed, outcome);
      rewritten?.write(fed, outcome);
      check?.compare(fed, outcome);
    },
    read: (bytesRead) => options.progress?.({ packets: tally.packets, bytesRead }),
  });
  const report = tally.report((now() - startMs) / 1000);
  rewritten?.finish();
  return check === null ? report : { ...report, check: check.finish() };
}

/** What somebody wants to know of the packets of captures while they are fed in. */
export interface FeedListener {
  readonly decided: OutcomeListener;
  /** A packet is not fed in: it had left the node, or did not pass there. */
  readonly passed?: (kind: Exclude<Passage['kind'], 'entered'>) => void;
  /** Choices to take over for a packet. */
  readonly choose?: (frame: Uint8Array, link: LinkType) => ChoiceInput | undefined;
  /** Called now and then with the bytes read. */
  readonly read?: (bytesRead: number) => void;
  readonly findOrigin?: FindOrigin;
}

/** Feeds in every packet that entered the node. Throws InputError as `replayCaptures`. */
export function feedCaptures(
  subject: ReplaySubject,
  captures: readonly CaptureInput[],
  listener: FeedListener,
): void {
  const portNumber = portNumbers(subject, captures);
  const findOrigin = listener.findOrigin ?? originFinder(subject);
  const feed = new Feed(subject, listener.decided);
  let packets = 0;
  for (const { merged, passage } of followPackets(captures, findOrigin)) {
    const { header, frame } = merged;
    if (passage.kind !== 'entered') listener.passed?.(passage.kind);
    else feed.add(merged, portNumber(passage.port), listener.choose?.(frame, header.link));
    packets += 1;
    if (packets % progressPackets === 0) listener.read?.(merged.bytesRead);
  }
  feed.run();
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
