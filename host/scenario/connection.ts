// One connection of a flow: its first packet sent, and, when asked for, the answer of whoever
// received it. Knows what was seen, not what was expected.

import type { PacketFields } from '../net/packet.ts';
import { answerTo } from './probe.ts';
import type { ReplyResult } from './scenario.ts';
import type { Position, Sending, Subject, SubjectOutcome } from './subject.ts';

/** What was seen of one connection. */
export interface Observation {
  /** The packet as it was sent, and where it entered. */
  readonly sent: PacketFields;
  readonly at: Position;
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
  sending: Sending & { readonly isAnswer: boolean; readonly isAnswered: boolean },
): Observation {
  const { isAnswer, isAnswered, ...where } = sending;
  const outcome = subject.send(sent, where);
  const observation = { sent, at: positionOf(where), isAnswer, outcome, reply: null };
  return isAnswered
    ? { ...observation, reply: replyTo(subject, observation, where.timeMs) }
    : observation;
}

function positionOf({ port, node }: Position): Position {
  return { port, ...(node !== undefined && { node }) };
}

/** Where a packet can be answered from, or null when it reached nobody. */
export function receiverOf({
  verdict,
  packet,
  port,
  node,
}: SubjectOutcome): { packet: PacketFields; at: Position } | null {
  if ((verdict !== 'forward' && verdict !== 'local') || packet === null) return null;
  return { packet, at: { port: port ?? 'host', ...(node !== undefined && { node }) } };
}

/** The node that decided, as ` at node-a`; nothing where only one is under test. */
export function nameDecider({ path }: SubjectOutcome): string {
  const node = path?.at(-1)?.node;
  return node === undefined ? '' : ` at ${node}`;
}

function replyTo(subject: Subject, observation: Observation, timeMs: number): Reply | null {
  const receiver = receiverOf(observation.outcome);
  if (receiver === null) return null;
  const answer = subject.send(answerTo(receiver.packet), { ...receiver.at, timeMs });
  const back = receiverOf(answer);
  if (back === null) {
    const reason = answer.reason === null ? '' : ` (${answer.reason})`;
    const description = `the answer met ${answer.verdict}${reason}${nameDecider(answer)}`;
    return { result: 'lost', description };
  }
  const wanted = endsOf(answerTo(observation.sent), observation.at);
  const got = endsOf(back.packet, back.at);
  return wanted === got
    ? { result: 'ok', description: got }
    : { result: 'mistranslated', description: `the answer came back as ${got}, not ${wanted}` };
}

function endsOf(packet: PacketFields, { port, node }: Position): string {
  const place = node === undefined ? port : `${port} of ${node}`;
  return `${endpointText(packet, 'source')} > ${endpointText(packet, 'destination')} at ${place}`;
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
