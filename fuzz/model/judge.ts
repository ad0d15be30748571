// How two outcomes of one packet differ: field by field, in words for people. Knows no rules.

import type { PacketFields } from '../../host/net/packet.ts';
import type { ServiceReference } from './services.ts';

/** What became of a packet. */
export interface Outcome {
  readonly verdict: 'forward' | 'local' | 'reply' | 'drop' | 'hold';
  readonly reason: string | null;
  /** The port it leaves by. */
  readonly port: string | null;
  /** As it leaves. */
  readonly packet: PacketFields | null;
  readonly service: ServiceReference | null;
}

/** An outcome as it was told: who does not say why, or by which Service, is not held to it. */
export type Told = Omit<Outcome, 'reason' | 'service'> &
  Partial<Pick<Outcome, 'reason' | 'service'>>;

/** An outcome as the rules have it. */
export interface Expected extends Outcome {
  /** A connection outlives its Service, and then nobody need know its name. */
  readonly mayForgetService?: boolean;
}

/**
 * Fields in which an expected outcome and an actual one differ; an answer's own TTL and payload are
 * its own affair.
 */
export function compareOutcomes(expected: Expected, actual: Told): string[] {
  const isAnswer = expected.verdict === 'reply';
  const isUnnamed = expected.mayForgetService === true && actual.service === null;
  const isServiceTold = actual.service !== undefined && !isUnnamed;
  return [
    ...compare('verdict', expected.verdict, actual.verdict),
    ...(actual.reason === undefined ? [] : compare('reason', expected.reason, actual.reason)),
    ...compare('port', expected.port, actual.port),
    ...(isServiceTold ? compare('service', serviceText(expected), serviceText(actual)) : []),
    ...comparePackets('packet', expected.packet, actual.packet, isAnswer),
  ];
}

function serviceText({ service }: Told): string | null {
  return service ? `${service.namespace}/${service.name}` : null;
}

function compare(field: string, expected: unknown, actual: unknown): string[] {
  if (expected === actual) return [];
  return [`${field}: expected ${String(expected)}, got ${String(actual)}`];
}

const fieldsOfAnswers = [
  'source',
  'destination',
  'protocol',
  'icmpType',
  'icmpCode',
  'icmpRest',
] as const;
const fieldsOfPackets = [
  ...fieldsOfAnswers,
  'sourcePort',
  'destinationPort',
  'tcpFlags',
  'sequence',
  'acknowledgement',
  'icmpIdentifier',
  'identification',
  'ttl',
] as const;

function comparePackets(
  path: string,
  expected: PacketFields | null | undefined,
  actual: PacketFields | null | undefined,
  isAnswer: boolean,
): string[] {
  if (!expected || !actual)
    return compare(path, expected ? 'one' : 'none', actual ? 'one' : 'none');
  const fields = isAnswer ? fieldsOfAnswers : fieldsOfPackets;
  return [
    ...fields.flatMap((field) =>
      compare(`${path}.${field}`, fieldOf(expected, field), fieldOf(actual, field)),
    ),
    ...(isAnswer ? [] : compare(`${path}.payload`, payloadText(expected), payloadText(actual))),
    ...(expected.quoted || actual.quoted
      ? comparePackets(`${path}.quoted`, expected.quoted, actual.quoted, false)
      : []),
  ];
}

/** A field that is absent is what encoding makes of it. */
function fieldOf(packet: PacketFields, field: (typeof fieldsOfPackets)[number]): unknown {
  return packet[field] ?? (field === 'ttl' ? 64 : 0);
}

function payloadText({ payload }: PacketFields): string {
  return [...(payload ?? [])].join(' ');
}
