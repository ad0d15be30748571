// Captures through a dataplane: every packet that entered the node, in the order of time, with its
// outcome counted, written and compared. Runs in browsers; files are the caller's affair.

import type { ByteSink } from '../pcap/writer.ts';
import { InputError, type Problem } from '../problem.ts';
import { Check } from './check.ts';
import { Feed } from './feed.ts';
import { followPackets } from './passage.ts';
import { anyPlace, originFinder, type CaptureInput } from './place.ts';
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
  const portNumber = portNumbers(subject, captures);
  if (options.check === true) requirePlace(captures);
  const findOrigin = originFinder(subject);
  const check = options.check === true ? new Check(subject, captures, findOrigin) : null;
  const rewritten = options.write && openRewritten(captures, options.write);
  const tally = new Tally(subject);
  const feed = new Feed(subject, (fed, outcome) => {
    tally.add(fed, outcome);
    rewritten?.write(fed, outcome);
    check?.compare(fed, outcome);
  });
  const startMs = now();
  let read = 0;
  for (const { merged, passage } of followPackets(captures, findOrigin)) {
    const { header, frame } = merged;
    if (passage.kind === 'left') tally.left += 1;
    else if (passage.kind === 'elsewhere') tally.elsewhere += 1;
    else feed.add(merged, portNumber(passage.port), check?.enter(frame, header.link));
    read += 1;
    if (read % progressPackets === 0) {
      options.progress?.({ packets: tally.packets, bytesRead: merged.bytesRead });
    }
  }
  feed.run();
  const report = tally.report((now() - startMs) / 1000);
  rewritten?.finish();
  return check === null ? report : { ...report, check: check.finish() };
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
