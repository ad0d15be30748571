// Structs to bytes and back, for every struct of the boundary, from the generated layout alone.
// Must not know what any struct is for.

import { structs } from './abi.gen.ts';
import type { FieldKind, StructName, Structs } from './abi.gen.ts';
import { formatAddress, parseAddress } from '../net/address.ts';

const WORD = 2 ** 32;

type FieldValue = number | string;

const widths: Record<Exclude<FieldKind, 'address'>, number> = {
  u8: 1,
  u16: 2,
  net16: 2,
  u32: 4,
  u64: 8,
};

/** Bytes of a struct. */
export function sizeOf(name: StructName): number {
  return structs[name].sizeBytes;
}

/** Where each field is, for code that reads and writes single fields in place. */
export function offsetsOf<N extends StructName>(
  name: N,
): Readonly<Record<keyof Structs[N], number>> {
  const entries = structs[name].fields.map((field) => [field.name, field.offset]);
  return Object.fromEntries(entries) as Record<keyof Structs[N], number>;
}

/**
 * A new array with the struct's bytes; fields that are absent are zero. Throws RangeError as
 * `encodeInto` does.
 */
export function encode<N extends StructName>(name: N, value: Partial<Structs[N]>): Uint8Array {
  const bytes = new Uint8Array(structs[name].sizeBytes);
  writeFields(name, value as Record<string, FieldValue | undefined>, bytes, 0);
  return bytes;
}

/**
 * Writes the struct to `bytes` at `offset`; fields that are absent are zero.
 * Throws RangeError for a number that does not fit its field and for text that is no address.
 */
export function encodeInto<N extends StructName>(
  name: N,
  value: Partial<Structs[N]>,
  bytes: Uint8Array,
  offset: number,
): void {
  bytes.fill(0, offset, offset + structs[name].sizeBytes);
  writeFields(name, value as Record<string, FieldValue | undefined>, bytes, offset);
}

/** The struct at `offset` of `bytes`; addresses in canonical spelling, all zero is `::`. */
export function decode<N extends StructName>(name: N, bytes: Uint8Array, offset = 0): Structs[N] {
  const { sizeBytes, fields } = structs[name];
  if (offset + sizeBytes > bytes.length) {
    throw new RangeError(`${name}: ${sizeBytes} bytes expected, got ${bytes.length - offset}`);
  }
  const value: Record<string, FieldValue> = {};
  for (const field of fields)
    value[field.name] = readField(field.kind, bytes, offset + field.offset);
  return value as unknown as Structs[N];
}

function writeFields(
  name: StructName,
  value: Record<string, FieldValue | undefined>,
  bytes: Uint8Array,
  offset: number,
): void {
  for (const field of structs[name].fields) {
    const fieldValue = value[field.name];
    if (fieldValue === undefined || fieldValue === 0) continue;
    const at = offset + field.offset;
    const written =
      field.kind === 'address'
        ? writeAddress(fieldValue, bytes, at)
        : writeNumber(field.kind, fieldValue, bytes, at);
    if (!written) throw new RangeError(`${name}.${field.name}: ${fieldValue} is no ${field.kind}`);
  }
}

function writeAddress(value: FieldValue, bytes: Uint8Array, at: number): boolean {
  const address = typeof value === 'string' ? addressBytes(value) : null;
  if (address === null) return false;
  bytes.set(address, at);
  return true;
}

function writeNumber(
  kind: keyof typeof widths,
  value: FieldValue,
  bytes: Uint8Array,
  at: number,
): boolean {
  const width = widths[kind];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return false;
  if (value < 0 || (width < 8 && value >= 2 ** (8 * width))) return false;
  if (kind === 'net16') {
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
    return true;
  }
  const low = value >>> 0;
  for (let index = 0; index < width && index < 4; index++) bytes[at + index] = low >>> (8 * index);
  const high = width === 8 ? Math.floor(value / WORD) : 0;
  for (let index = 4; index < width; index++) bytes[at + index] = high >>> (8 * (index - 4));
  return true;
}

function readField(kind: FieldKind, bytes: Uint8Array, at: number): FieldValue {
  switch (kind) {
    case 'address':
      return formatAddress(bytes, at);
    case 'net16':
      return (byte(bytes, at) << 8) | byte(bytes, at + 1);
    case 'u8':
      return byte(bytes, at);
    case 'u16':
      return byte(bytes, at) | (byte(bytes, at + 1) << 8);
    case 'u32':
      return word(bytes, at);
    case 'u64':
      return word(bytes, at) + word(bytes, at + 4) * WORD;
  }
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

function word(bytes: Uint8Array, at: number): number {
  const low = byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16);
  return (low | (byte(bytes, at + 3) << 24)) >>> 0;
}

/**
 * One address is in many keys (a service's ports, an endpoint's services), so its bytes are kept.
 */
const cachedAddresses = new Map<string, Uint8Array>();
const CACHED_ADDRESSES = 65_536;

function addressBytes(text: string): Uint8Array | null {
  const cached = cachedAddresses.get(text);
  if (cached !== undefined) return cached;
  const parsed = parseAddress(text);
  if (parsed === null) return null;
  if (cachedAddresses.size >= CACHED_ADDRESSES) cachedAddresses.clear();
  cachedAddresses.set(text, parsed);
  return parsed;
}
