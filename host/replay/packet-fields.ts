// A packet field by field, named as people name them (`ipv4.ttl`, `tcp.sourcePort`), to say in what
// two packets differ.

import { formatAddress } from '../net/address.ts';
import { Ip, isIcmpError, locatePacket, type PacketLayout } from '../net/packet-layout.ts';
import { findFragmentHeader } from './network-packet.ts';

/** One field in which two packets differ; null where a packet has no such field. */
export interface FieldDifference {
  field: string;
  real: number | string | null;
  podplane: number | string | null;
}

type Fields = Map<string, number | string>;
/** Name, offset in its header, bytes. */
type FieldPlace = readonly [name: string, at: number, lengthBytes: number];

const ipv4Fields: readonly FieldPlace[] = [
  ['ipv4.versionAndLength', 0, 1],
  ['ipv4.typeOfService', 1, 1],
  ['ipv4.totalLength', 2, 2],
  ['ipv4.identification', 4, 2],
  ['ipv4.flagsAndOffset', 6, 2],
  ['ipv4.ttl', 8, 1],
  ['ipv4.protocol', 9, 1],
  ['ipv4.checksum', 10, 2],
];
const ipv6Fields: readonly FieldPlace[] = [
  ['ipv6.versionClassAndLabel', 0, 4],
  ['ipv6.payloadLength', 4, 2],
  ['ipv6.nextHeader', 6, 1],
  ['ipv6.hopLimit', 7, 1],
];
const fragmentFields: readonly FieldPlace[] = [
  ['ipv6.fragmentOffsetAndMore', 2, 2],
  ['ipv6.fragmentIdentification', 4, 4],
];
const icmpFields: readonly FieldPlace[] = [
  ['icmp.type', 0, 1],
  ['icmp.code', 1, 1],
  ['icmp.checksum', 2, 2],
  ['icmp.rest', 4, 4],
];
const transportFields: ReadonlyMap<number, readonly FieldPlace[]> = new Map([
  [
    Ip.Tcp,
    [
      ['tcp.sourcePort', 0, 2],
      ['tcp.destinationPort', 2, 2],
      ['tcp.sequence', 4, 4],
      ['tcp.acknowledgement', 8, 4],
      ['tcp.offsetAndFlags', 12, 2],
      ['tcp.window', 14, 2],
      ['tcp.checksum', 16, 2],
      ['tcp.urgentPointer', 18, 2],
    ],
  ],
  [
    Ip.Udp,
    [
      ['udp.sourcePort', 0, 2],
      ['udp.destinationPort', 2, 2],
      ['udp.length', 4, 2],
      ['udp.checksum', 6, 2],
    ],
  ],
  [
    Ip.Sctp,
    [
      ['sctp.sourcePort', 0, 2],
      ['sctp.destinationPort', 2, 2],
      ['sctp.verificationTag', 4, 4],
      ['sctp.checksum', 8, 4],
    ],
  ],
  [Ip.Icmp, icmpFields],
  [Ip.Icmpv6, icmpFields],
]);

/** Where two IP packets differ; empty if they are equal. */
export function comparePackets(real: Uint8Array, podplane: Uint8Array): FieldDifference[] {
  if (isEqual(real, podplane)) return [];
  const [ours, theirs] = [readFields(podplane, ''), readFields(real, '')];
  const differences: FieldDifference[] = [];
  for (const field of new Set([...theirs.keys(), ...ours.keys()])) {
    const [one, other] = [theirs.get(field) ?? null, ours.get(field) ?? null];
    if (one !== other) differences.push(shorten({ field, real: one, podplane: other }));
  }
  return differences;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

function readFields(packet: Uint8Array, prefix: string): Fields {
  const fields: Fields = new Map();
  const layout = locatePacket(packet, 'raw', false);
  if (layout === null) return fields.set(`${prefix}payload`, toHex(packet));
  const put = (places: readonly FieldPlace[], at: number): void => {
    for (const [name, offset, lengthBytes] of places) {
      if (at + offset + lengthBytes > packet.length) continue;
      fields.set(prefix + name, readNumber(packet, at + offset, lengthBytes));
    }
  };
  readNetwork(packet, layout, (name, value) => fields.set(prefix + name, value), put);
  const { transportAt, protocol } = layout;
  const places = layout.isLaterFragment ? undefined : transportFields.get(protocol);
  if (places === undefined) return fields.set(`${prefix}payload`, toHex(packet, transportAt));
  put(places, transportAt);
  const last = places.at(-1);
  const headerEnd = transportAt + (last === undefined ? 0 : last[1] + last[2]);
  const payloadAt =
    protocol === Ip.Tcp ? transportAt + ((packet[transportAt + 12] ?? 0) >> 4) * 4 : headerEnd;
  if (payloadAt > headerEnd)
    fields.set(`${prefix}tcp.options`, toHex(packet, headerEnd, payloadAt));
  const payload = packet.subarray(Math.max(payloadAt, headerEnd));
  if (!isIcmpError(protocol, packet[transportAt] ?? 0)) {
    return fields.set(`${prefix}payload`, toHex(payload));
  }
  for (const [name, value] of readFields(payload, `${prefix}icmp.quoted.`)) fields.set(name, value);
  return fields;
}

function readNetwork(
  packet: Uint8Array,
  layout: PacketLayout,
  set: (name: string, value: string) => void,
  put: (places: readonly FieldPlace[], at: number) => void,
): void {
  if (layout.family === 4) {
    put(ipv4Fields, 0);
    set('ipv4.source', packet.subarray(12, 16).join('.'));
    set('ipv4.destination', packet.subarray(16, 20).join('.'));
    if (layout.transportAt > 20) set('ipv4.options', toHex(packet, 20, layout.transportAt));
    return;
  }
  put(ipv6Fields, 0);
  set('ipv6.source', formatAddress(packet, 8));
  set('ipv6.destination', formatAddress(packet, 24));
  const fragmentAt = findFragmentHeader(packet, layout);
  if (fragmentAt !== null) put(fragmentFields, fragmentAt);
  if (layout.transportAt > 40) set('ipv6.extensions', toHex(packet, 40, layout.transportAt));
}

function readNumber(packet: Uint8Array, at: number, lengthBytes: number): number {
  let value = 0;
  for (const byte of packet.subarray(at, at + lengthBytes)) value = value * 256 + byte;
  return value;
}

function toHex(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const part = bytes.subarray(start, Math.max(start, end));
  return Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const shownCharacters = 32;

/** Long hexadecimal values are shown from their first difference on, with its offset in bytes. */
function shorten(difference: FieldDifference): FieldDifference {
  const { field, real, podplane } = difference;
  if (typeof real !== 'string' || typeof podplane !== 'string') return difference;
  if (Math.max(real.length, podplane.length) <= 2 * shownCharacters) return difference;
  let index = 0;
  while (real[index] === podplane[index]) index++;
  const from = index - (index % 2);
  const show = (text: string): string => `@${from / 2} ${text.slice(from, from + shownCharacters)}`;
  return { field, real: show(real), podplane: show(podplane) };
}
