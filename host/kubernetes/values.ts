// Fields that occur in several kinds: checked text, labels, protocols, ports, addresses and address
// blocks. Each reader reports what is wrong and returns the value in canonical form, or undefined.

import { formatAddress, parseAddress, parseLegacyAddress } from '../net/address.ts';
import {
  formatPrefix,
  parseLegacyPrefix,
  parsePrefix,
  prefixContains,
  type Prefix,
} from '../net/prefix.ts';
import type { FieldReader } from './field-reader.ts';
import { checkLabelValue, checkPortName, checkQualifiedName, type TextCheck } from './names.ts';
import { parseQuantity } from './quantity.ts';
import type { Labels, Protocol } from './types.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const satisfies readonly Protocol[];

/** Whether something is written that is not Go's empty text or list. */
export function isPresent(reader: FieldReader): boolean {
  const { value } = reader;
  return !reader.isAbsent && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** Text that must pass a check; empty text counts as absent. */
export function readChecked(reader: FieldReader, check: TextCheck): string | undefined {
  const text = reader.text();
  if (text === undefined || text === '') return undefined;
  const fault = check(text);
  if (fault !== null) reader.invalid(fault);
  return text;
}

/** Labels, or a selector of the older form: keys and values follow the label syntax. */
export function readLabels(reader: FieldReader): Labels {
  return readTextMap(reader, checkLabelValue);
}

/** Annotations: keys follow the label syntax, values are free. */
export function readAnnotations(reader: FieldReader): Labels {
  return readTextMap(reader, () => null);
}

function readTextMap(reader: FieldReader, checkValue: TextCheck): Labels {
  const pairs = reader.entries().map(([key, field]): [string, string] => {
    const keyFault = checkQualifiedName(key);
    if (keyFault !== null) field.invalid(keyFault, undefined, key);
    const value = field.text() ?? '';
    const valueFault = checkValue(value);
    if (valueFault !== null) field.invalid(valueFault);
    return [key, value];
  });
  return Object.fromEntries(pairs);
}

/** TCP unless written. */
export function readProtocol(reader: FieldReader): Protocol {
  return reader.oneOf(PROTOCOLS) ?? 'TCP';
}

export function readPort(reader: FieldReader): number | undefined {
  return reader.integer(1, 65535);
}

/** As `readPort`, for fields where Go's zero value means absent. */
export function readOptionalPort(reader: FieldReader): number | undefined {
  return reader.value === 0 ? undefined : readPort(reader);
}

export function readRequiredPort(reader: FieldReader): number {
  if (reader.isAbsent) reader.required();
  return readPort(reader) ?? 0;
}

/** IntOrString: a port number or the name of a container port. */
export function readPortOrName(reader: FieldReader): number | string | undefined {
  if (typeof reader.value === 'string') {
    const cure = /^[0-9]+$/.test(reader.value) ? 'remove the quotes' : undefined;
    const fault = checkPortName(reader.value);
    if (fault !== null) reader.invalid(fault, cure);
    return reader.value;
  }
  return readPort(reader);
}

/**
 * An address in canonical spelling. Leading zeros, which API servers stored before 1.36, are
 * decimal, as kube-proxy reads them.
 */
export function readAddress(reader: FieldReader): string | undefined {
  const text = reader.text();
  if (text === undefined || text === '') return undefined;
  const bytes = parseAddress(text) ?? parseLegacyAddress(text);
  if (bytes === null) {
    reader.invalid('must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
    return undefined;
  }
  const canonical = formatAddress(bytes);
  if (parseAddress(text) === null) reader.warn(`old spelling of an address, read as ${canonical}`);
  return canonical;
}

const unusable: readonly { blocks: readonly Prefix[]; detail: string }[] = [
  ['may not be unspecified (0.0.0.0 or ::)', '0.0.0.0/32', '::/128'],
  ['may not be in the loopback range (127.0.0.0/8, ::1/128)', '127.0.0.0/8', '::1/128'],
  ['may not be in the link-local range (169.254.0.0/16, fe80::/10)', '169.254.0.0/16', 'fe80::/10'],
  [
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
    '224.0.0.0/24',
    'ff02::/16',
  ],
].map(([detail, ...blocks]) => ({
  detail: detail!,
  blocks: blocks.map((text) => parsePrefix(text)!),
}));

/**
 * An address that traffic can be sent to: endpoints and external addresses. Source:
 * `ValidateEndpointIP` of `pkg/apis/core/validation/validation.go`.
 */
export function readDestination(reader: FieldReader): string | undefined {
  const address = readAddress(reader);
  const bytes = address === undefined ? null : parseAddress(address);
  if (bytes === null) return undefined;
  for (const { blocks, detail } of unusable) {
    if (blocks.some((block) => prefixContains(block, bytes))) reader.invalid(detail);
  }
  return address;
}

/** An address block in canonical spelling, host bits masked. */
export function readBlock(reader: FieldReader): Prefix | undefined {
  const text = reader.text()?.trim();
  if (text === undefined || text === '') {
    reader.required();
    return undefined;
  }
  const block = parsePrefix(text) ?? parseLegacyPrefix(text);
  if (block === null) {
    reader.invalid('must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
    return undefined;
  }
  const address = parseLegacyAddress(text.slice(0, text.indexOf('/')))!;
  if (formatAddress(address) !== formatAddress(block.bytes)) {
    reader.warn(`bits are set beyond the length of the block, read as ${formatPrefix(block)}`);
  }
  return block;
}

/** A condition of a status. */
export function readCondition(condition: FieldReader): { type: string; status: string } {
  return {
    type: condition.field('type').text() ?? '',
    status: condition.field('status').text() ?? '',
  };
}

/** A quantity as text; a plain number may be written without quotes. */
export function readQuantity(reader: FieldReader): string | undefined {
  const { value } = reader;
  const text = typeof value === 'number' ? String(value) : reader.text();
  if (text === undefined || parseQuantity(text) !== null) return text;
  reader.invalid('must be a quantity', 'a number such as 4 or 3920m');
  return undefined;
}

/** Reports every item whose key was there before. */
export function reportDuplicates<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
  readerOf: (index: number) => FieldReader,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    if (key === undefined) continue;
    if (seen.has(key)) readerOf(index).duplicate(key);
    seen.add(key);
  }
}
