// Bytes as hexadecimal text.

export function writeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Null unless it is text of at least one whole byte. */
export function parseHex(text: unknown): Uint8Array | null {
  if (typeof text !== 'string' || !/^([0-9a-fA-F]{2})+$/.test(text)) return null;
  return Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}
