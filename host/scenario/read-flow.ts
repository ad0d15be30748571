// Reads the steps of a scenario: flows with their expectations, and changes of the cluster
// between them.

import type { FieldReader } from '../kubernetes/field-reader.ts';
import { canonicalAddress } from '../net/address.ts';
import { protocolNumber } from '../net/protocol.ts';
import { formatEndpoint } from './connection.ts';
import { nearestName } from './nearest.ts';
import { present } from './read-config.ts';
import { wholeCluster, type Expectation, type Flow } from './scenario.ts';

const flowFields = [
  'name',
  'from',
  'sourcePort',
  'to',
  'port',
  'protocol',
  'family',
  'answers',
  'at',
  'connections',
  'via',
  'expect',
];
const expectationFields = [
  'verdict',
  'reason',
  'endpoints',
  'endpointsAnyOf',
  'masquerade',
  'reply',
  'node',
];
const verdicts = ['forward', 'local', 'reply', 'drop', 'reject', 'pass'] as const;
const replies = ['ok', 'lost', 'mistranslated'] as const;
const maximumConnections = 1_000_000;
const maximumPort = 65535;

/** What a flow is read under: its time, and whether its scenario is about all nodes. */
export interface FlowContext {
  readonly atMs: number;
  readonly isWhole: boolean;
}

/** A flow without its place. */
export function readFlow(reader: FieldReader, { atMs, isWhole }: FlowContext): Omit<Flow, 'place'> {
  reader.warnOfUnknownFields(flowFields);
  if (!isWhole) refuseNodes(reader);
  const answers = reader.field('answers').text();
  const readEnd = (name: string) =>
    answers === undefined ? reader.field(name).requiredText() : reader.field(name).text();
  const from = readEnd('from');
  const to = readEnd('to');
  return {
    type: 'flow',
    name: reader.field('name').text() ?? `${from ?? answers} -> ${to ?? 'its client'}`,
    atMs,
    protocol: readProtocolNumber(reader.field('protocol')),
    connections: reader.field('connections').integer(1, maximumConnections) ?? 1,
    expect: readExpectation(reader.field('expect')),
    ...present('from', from),
    ...present('to', to),
    ...present('answers', answers),
    ...present('sourcePort', reader.field('sourcePort').integer(1, maximumPort)),
    ...present('port', readPort(reader.field('port'))),
    ...present('family', readFamily(reader.field('family'))),
    ...present('via', reader.field('via').text()),
  };
}

/** With one node under test there is none to choose, and none to tell apart. */
function refuseNodes(reader: FieldReader): void {
  for (const field of [reader.field('via'), reader.field('expect').field('node')]) {
    if (!field.isAbsent) field.forbidden(`only with node: "${wholeCluster}"`);
  }
}

/** Virtual seconds, fractions allowed, as milliseconds; 0 when absent. */
export function readAt(reader: FieldReader): number {
  const { value } = reader;
  if (value === undefined) return 0;
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) {
    return Math.round(value * 1000);
  }
  reader.invalid('must be a number of seconds from 0');
  return 0;
}

function readPort(reader: FieldReader): number | string | undefined {
  if (typeof reader.value !== 'string') return reader.integer(0, maximumPort);
  if (/^[0-9]+$/.test(reader.value))
    reader.invalid('must be a number or a name', 'remove the quotes');
  return reader.value;
}

function readProtocolNumber(reader: FieldReader): number {
  const { value } = reader;
  if (value === undefined) return protocolNumber('TCP')!;
  const isScalar = typeof value === 'string' || typeof value === 'number';
  const number = isScalar ? protocolNumber(String(value)) : null;
  if (number === null) reader.invalid('must be an IP protocol', 'TCP, UDP, SCTP, ICMP or 0 to 255');
  return number ?? 0;
}

function readFamily(reader: FieldReader): 4 | 6 | undefined {
  const { value } = reader;
  if (value === undefined || value === 4 || value === 6) return value;
  reader.invalid('must be 4 or 6');
  return undefined;
}

function readExpectation(reader: FieldReader): Expectation {
  if (reader.isAbsent) return {};
  for (const [name, field] of reader.entries()) {
    if (expectationFields.includes(name)) continue;
    const nearest = nearestName(name, expectationFields);
    const cure = nearest === null ? '' : `, did you mean "${nearest}"?`;
    field.forbidden(`unknown expectation${cure}`);
  }
  return {
    ...present('verdict', reader.field('verdict').oneOf(verdicts)),
    ...present('reason', readReason(reader)),
    ...present('endpoints', readEndpoints(reader.field('endpoints'))),
    ...present('endpointsAnyOf', readEndpoints(reader.field('endpointsAnyOf'))),
    ...present('masquerade', reader.field('masquerade').boolean()),
    ...present('reply', reader.field('reply').oneOf(replies)),
    ...present('node', reader.field('node').text()),
  };
}

/** Null, when written, means that no reason is expected. */
function readReason(expect: FieldReader): string | null | undefined {
  const reason = expect.field('reason');
  const isWritten = expect.entries().some(([name]) => name === 'reason');
  return isWritten && reason.isAbsent ? null : reason.text();
}

function readEndpoints(reader: FieldReader): string[] | undefined {
  if (reader.isAbsent) return undefined;
  return reader.items().map((item) => {
    const text = item.requiredText();
    const match = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text);
    const address = canonicalAddress(match?.[1] ?? match?.[2] ?? text);
    if (address !== null)
      return formatEndpoint(address, match === null ? undefined : Number(match[3]));
    item.invalid('must be an address and port', '10.244.1.5:8080 or [fd00::5]:8080');
    return text;
  });
}
