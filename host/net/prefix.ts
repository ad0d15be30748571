// Address prefixes (CIDR blocks) in the 16-byte form of both families. Knows nothing of routes or
// policies. Strictness is that of Kubernetes 1.36 (`IsValidCIDR`), except that host bits are
// masked, as kube-proxy does.

import {
  ADDRESS_BYTES,
  formatAddress,
  isIPv4,
  parseAddress,
  parseDecimal,
  parseLegacyAddress,
} from './address.ts';

/** Bits in front of an IPv4 address in its 16-byte form. */
const MAPPED_PREFIX_BITS = 96;
const ADDRESS_BITS = 128;

export interface Prefix {
  /** 16 bytes, host bits zero. */
  readonly bytes: Uint8Array;
  /** Of 128: an IPv4 /24 is 120. */
  readonly lengthBits: number;
  readonly family: 4 | 6;
}

/**
 * A block as Kubernetes accepts it (`10.0.0.0/8`); host bits are masked. Null when address or
 * length is refused.
 */
export function parsePrefix(text: string): Prefix | null {
  return parse(text, false);
}

/** A block in any spelling that an API server may have stored before 1.36 (`010.0.0.0/08`). */
export function parseLegacyPrefix(text: string): Prefix | null {
  return parse(text, true);
}

function parse(text: string, legacy: boolean): Prefix | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const addressText = text.slice(0, slash);
  const length = parseDecimal(text.slice(slash + 1), legacy);
  const bytes = legacy ? parseLegacyAddress(addressText) : parseAddress(addressText);
  if (bytes === null || length === null) return null;
  const lengthBits = length + (addressText.includes(':') ? 0 : MAPPED_PREFIX_BITS);
  const family = isIPv4(bytes) ? 4 : 6;
  // Only ::ffff:10.0.0.0/8 gets here with an IPv4 address and a length that reaches beyond it.
  if (lengthBits > ADDRESS_BITS || (family === 4 && lengthBits < MAPPED_PREFIX_BITS)) return null;
  return { bytes: maskAddress(bytes, lengthBits), lengthBits, family };
}

function maskAddress(bytes: Uint8Array, lengthBits: number): Uint8Array {
  return bytes.map((byte, index) => byte & maskByte(lengthBits - 8 * index));
}

/** The byte whose `bits` upper bits are set; all beyond 8, none below 0. */
function maskByte(bits: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, bits))) & 0xff;
}

/** Canonical spelling, `10.0.0.0/8`. */
export function formatPrefix(prefix: Prefix): string {
  const length = prefix.lengthBits - (prefix.family === 4 ? MAPPED_PREFIX_BITS : 0);
  return `${formatAddress(prefix.bytes)}/${length}`;
}

/**
 * Whether the 16-byte address lies in the block. Families do not mix: `::/0` holds no IPv4 address.
 */
export function prefixContains(prefix: Prefix, address: Uint8Array): boolean {
  if (isIPv4(address) !== (prefix.family === 4)) return false;
  for (let index = 0; index < ADDRESS_BYTES; index++) {
    const mask = maskByte(prefix.lengthBits - 8 * index);
    if ((address[index]! & mask) !== prefix.bytes[index]) return false;
  }
  return true;
}

/** Number of addresses in the block; exact up to 2^53 and a power of two beyond. */
export function prefixSize(prefix: Prefix): number {
  return 2 ** (ADDRESS_BITS - prefix.lengthBits);
}

/**
 * The address at a position of the block, 0 being the network address. Throws RangeError outside
 * the block.
 */
export function addressAt(prefix: Prefix, index: number): string {
  if (!Number.isSafeInteger(index) || index < 0 || index >= prefixSize(prefix)) {
    throw new RangeError(`no address ${index} in ${formatPrefix(prefix)}`);
  }
  const bytes = prefix.bytes.slice();
  // The host bits of `bytes` are zero, so nothing carries.
  for (let at = ADDRESS_BYTES - 1, rest = index; rest > 0; at--, rest = Math.floor(rest / 256)) {
    bytes[at]! |= rest % 256;
  }
  return formatAddress(bytes);
}
