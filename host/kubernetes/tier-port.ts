// Reads the ports of policies of the whole cluster, in the form of either version of the API.
// Source: sigs.k8s.io/network-policy-api `ClusterNetworkPolicyProtocol`, `AdminNetworkPolicyPort`.

import type { FieldReader } from './field-reader.ts';
import { readNumber, readOnlyField, reportRule } from './schema.ts';
import type { Protocol, TierPort } from './types.ts';
import { readProtocol } from './values.ts';

const NUMBERS = { least: 1, most: 65535 };
const protocols: Readonly<Record<string, Protocol>> = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' };

/** An entry of `protocols`: `tcp: {destinationPort: {number: 80}}`. Null after an error. */
export function readClusterPort(reader: FieldReader): TierPort | null {
  const kinds = [...Object.keys(protocols), 'destinationNamedPort'];
  const [kind = '', field] = readOnlyField(reader, kinds) ?? [];
  if (field === undefined) return null;
  const protocol = protocols[kind];
  if (protocol === undefined) return { name: field.requiredText() };
  return readDestinationPort(field, protocol);
}

/** `tcp: {}` would be every port, but the schema refuses it. */
function readDestinationPort(reader: FieldReader, protocol: Protocol): TierPort | null {
  const [, port] = readOnlyField(reader, ['destinationPort']) ?? [];
  if (port === undefined) return null;
  const [kind, field] = readOnlyField(port, ['number', 'range']) ?? [];
  if (field === undefined) return null;
  if (kind === 'range') return { protocol, ...readRange(field, ['start', 'end']) };
  const first = readNumber(field, NUMBERS);
  return { protocol, first, last: first };
}

/** An entry of `ports`: `portNumber: {protocol: TCP, port: 80}`. Null after an error. */
export function readTierPort(reader: FieldReader): TierPort | null {
  const [kind, field] = readOnlyField(reader, ['portNumber', 'portRange', 'namedPort']) ?? [];
  if (field === undefined) return null;
  if (kind === 'namedPort') return { name: field.requiredText() };
  const protocol = readProtocol(field.field('protocol'));
  if (kind === 'portRange') {
    return { protocol, ...readRange(field, ['protocol', 'start', 'end']) };
  }
  field.warnOfUnknownFields(['protocol', 'port']);
  const first = readNumber(field.field('port'), NUMBERS);
  return { protocol, first, last: first };
}

/** Unlike `endPort` of NetworkPolicy, the end must lie beyond the start. */
function readRange(
  reader: FieldReader,
  fields: readonly string[],
): { first: number; last: number } {
  reader.warnOfUnknownFields(fields);
  const first = readNumber(reader.field('start'), NUMBERS);
  const last = readNumber(reader.field('end'), NUMBERS);
  const isWritten = !reader.field('start').isAbsent && !reader.field('end').isAbsent;
  if (isWritten && first >= last) reportRule(reader, 'Start port must be less than End port');
  return { first, last };
}
