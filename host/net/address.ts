// Addresses as text and as 16 bytes, one form for both families: IPv4 is ::ffff:a.b.c.d. Knows
// nothing of packets or objects. Strictness is that of Kubernetes 1.36 (`IsValidIP`), canonical
// spelling that of RFC 5952.

export const ADDRESS_BYTES = 16;
const MAPPED_PREFIX_BYTES = 12;

/**
 * The 16 bytes of an address, or null when Kubernetes would refuse the text: no leading zeros in
 * IPv4, no zone, no IPv4-mapped IPv6.
 */
export function parseAddress(text: string): Uint8Array | null {
  if (!text.includes(':')) return parseIPv4(text, false);
  const bytes = parseIPv6(text, false);
  return bytes === null || isIPv4(bytes) ? null : bytes;
}

/**
 * The 16 bytes of an address in any spelling that an API server may have stored before 1.36:
 * leading zeros are decimal, IPv4-mapped IPv6 is IPv4. Source: `ParseIPSloppy` of k8s.io/utils/net.
 */
export function parseLegacyAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIPv6(text, true) : parseIPv4(text, true);
}

/** Text of the 16 bytes at `offset`: dotted for IPv4-mapped, RFC 5952 otherwise. */
export function formatAddress(bytes: Uint8Array, offset = 0): string {
  const address = bytes.subarray(offset, offset + ADDRESS_BYTES);
  return isIPv4(address) ? address.subarray(MAPPED_PREFIX_BYTES).join('.') : formatIPv6(address);
}

/** The one spelling of a strictly spelled address, null for anything else. */
export function canonicalAddress(text: string): string | null {
  const bytes = parseAddress(text);
  return bytes === null ? null : formatAddress(bytes);
}

/** Family of an address or prefix in canonical spelling. */
export function familyOf(canonical: string): 4 | 6 {
  return canonical.includes(':') ? 6 : 4;
}

/** Whether the 16 bytes at `offset` stand for an IPv4 address. */
export function isIPv4(bytes: Uint8Array, offset = 0): boolean {
  for (let index = 0; index < MAPPED_PREFIX_BYTES; index++) {
    if (bytes[offset + index] !== (index < 10 ? 0 : 0xff)) return false;
  }
  return true;
}

function parseIPv4(text: string, legacy: boolean): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(ADDRESS_BYTES).fill(0xff, 10, MAPPED_PREFIX_BYTES);
  for (const [index, part] of parts.entries()) {
    const value = parseDecimal(part, legacy);
    if (value === null || value > 255) return null;
    bytes[MAPPED_PREFIX_BYTES + index] = value;
  }
  return bytes;
}

/** A number of decimal digits only; leading zeros only on request. */
export function parseDecimal(text: string, leadingZeros: boolean): number | null {
  const form = leadingZeros ? /^[0-9]+$/ : /^(0|[1-9][0-9]*)$/;
  return form.test(text) ? Number(text) : null;
}

function parseIPv6(text: string, legacy: boolean): Uint8Array | null {
  const halves = text.split('::');
  const [left = '', right] = halves;
  if (halves.length > 2) return null;
  const head = parseGroups(left, right === undefined, legacy);
  const tail = parseGroups(right ?? '', true, legacy);
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Groups on one side of `::`; the last two may be spelled as IPv4 where the address ends. */
function parseGroups(text: string, endsAddress: boolean, legacy: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const dotted = endsAddress && index === parts.length - 1 ? parseIPv4(part, legacy) : null;
    if (dotted === null) return null;
    groups.push(groupAt(dotted, 6), groupAt(dotted, 7));
  }
  return groups;
}

function groupAt(address: Uint8Array, index: number): number {
  return (address[2 * index]! << 8) | address[2 * index + 1]!;
}

function formatIPv6(address: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => groupAt(address, index));
  const zeros = longestZeroRun(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return text(groups);
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`;
}

/** RFC 5952, 4.2.3: the longest run of zero groups, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > longest.length) longest = { start, length };
  }
  return longest;
}
