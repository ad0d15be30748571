// What holds of every packet, whatever its bytes: verdict and reason fit, the length stays, a right
// checksum stays right.

import { enums, Reason, Verdict } from '../../host/abi/abi.gen.ts';
import type { RawOutcome } from '../../host/dataplane/outcome.ts';
import type { Span } from '../../host/net/span.ts';
import { hasValidChecksums, type LinkType } from '../../host/net/packet-layout.ts';
import { decodePacket } from '../../host/net/packet.ts';
import { holdsSctp } from '../targets/story.ts';

const verdicts = new Set(enums.Verdict.map(({ value }) => value));
const reasons = new Set(enums.Reason.map(({ value }) => value));

/** What is wrong with what became of a frame; null if nothing is. */
export function findWrong(
  sent: Uint8Array,
  link: LinkType,
  outcome: Omit<RawOutcome, keyof Span>,
): string | null {
  const { verdict, reason, frame } = outcome;
  if (!verdicts.has(verdict) || !reasons.has(reason)) {
    return `verdict ${verdict} or reason ${reason} is none`;
  }
  const isPassed = verdict === Verdict.Forward || verdict === Verdict.Local;
  if (isPassed !== (reason === Reason.None)) return `verdict ${verdict} with reason ${reason}`;
  const leaves = isPassed || verdict === Verdict.Reply;
  if (leaves !== frame.length > 0)
    return `verdict ${verdict} with a frame of ${frame.length} bytes`;
  if (isPassed && frame.length !== sent.length) return 'a frame that passed changed its length';
  if (!leaves || !hasValidChecksums(sent, link) || hasValidChecksums(frame, link)) return null;
  return holdsSctp(decodePacket(frame, link))
    ? null
    : 'a packet with right checksums left with a wrong one';
}
