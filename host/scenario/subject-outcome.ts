// What a dataplane made of a raw IP packet, as scenarios speak of it: fields instead of a frame.

import type { Outcome } from '../cluster/outcome.ts';
import { decodePacket } from '../net/packet.ts';
import type { SubjectOutcome } from './subject.ts';

/** How the packets of scenarios are framed. */
export const link = 'raw';

export function asSubjectOutcome(outcome: Outcome): SubjectOutcome {
  const { verdict, reason, port, service, frame } = outcome;
  const packet = verdict === 'drop' ? null : decodePacket(frame, link);
  return { verdict, reason, port, service, packet };
}
