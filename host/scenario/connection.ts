// One connection of a flow: its first packet sent, and, when asked for, the answer of whoever
// received it. Knows what was seen, not what was expected.

import type { PacketFields } from '../net/packet.ts';
import { answerTo } from './probe.ts';
import type { ReplyResult } from './scenario.ts';
import type { Subject, SubjectOutcome } from './subject.ts';

/** What was seen of one connection. */
export interface Observation {
  /** The packet as it was sent, and the port it entered by. */
  readonly sent: PacketFields;
  readonly port: string;
  /** It answers another flow's packet. */
  readonly isAnswer: boolean;
  readonly outcome: SubjectOutcome;
  /** Null when no answer was asked for, or none could be given. */
  readonly reply: Reply | null;
}

export interface Reply {
  readonly result: ReplyResult;
  /** What became of the answer, for people. */
  readonly description: string;
}

/** Sends the packet, and the answer to it if asked. */
export function observe(
  subject: Subject,
  sent: PacketFields,
  where: { port: string; timeMs: number; isAnswer: boolean; isAnswered: boolean },
): Observation {
  const { port, timeMs, isAnswer } = where;
  const outcome = subject.send(sent, { port, timeMs });
  const observation = { sent, port, isAnswer, outcome, reply: null };
  return where.isAnswered
    ? { ...observation, reply: replyTo(subject, observation, timeMs) }
    : observation;
}

/** Where a packet can be answered from, or null when it reached nobody. */
export function receiverOf(outcome: SubjectOutcome): { packet: PacketFields; port: string } | null {
  if (outcome.verdict !== 'forward' && outcome.verdict !== 'local') return null;
  if (outcome.packet === null) return null;
  return { packet: outcome.packet, port: outcome.port ?? 'host' };
}

function replyTo(subject: Subject, observation: Observation, timeMs: number): Reply | null {
  const receiver = receiverOf(observation.outcome);
  if (receiver === null) return null;
  const answer = subject.send(answerTo(receiver.packet), { port: receiver.port, timeMs });
  const back = receiverOf(answer);
  if (back === null) {
    const reason = answer.reason === null ? '' : ` (${answer.reason})`;
    return { result: 'lost', description: `the answer met ${answer.verdict}${reason}` };
  }
  const wanted = endsOf(answerTo(observation.sent), observation.port);
  const got = endsOf(back.packet, back.port);
  return wanted === got
    ? { result: 'ok', description: got }
    : { result: 'mistranslated', description: `the answer came back as ${got}, not ${wanted}` };
}

function endsOf(packet: PacketFields, port: string): string {
  return `${endpointText(packet, 'source')} > ${endpointText(packet, 'destination')} at ${port}`;
}

/**
 * `address:port` of one end of a packet, IPv6 in brackets; ICMP's identifier counts for both ends,
 * in braces.
 */
function endpointText(packet: PacketFields, end: 'source' | 'destination'): string {
  const identifier = packet.icmpIdentifier === undefined ? '' : `{${packet.icmpIdentifier}}`;
  return formatEndpoint(packet[end], packet[`${end}Port`]) + identifier;
}

/** `10.244.1.5:8080`, `[fd00::5]:8080`, or the address alone where there is no port. */
export function formatEndpoint(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
