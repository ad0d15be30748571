// Some bytes of a larger memory, told by numbers: costs nothing where a view would be an object for
// each packet.

/** The bytes of `bytes` from `start` on. */
export interface Span {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly lengthBytes: number;
}

/** A view of a span. */
export function viewOf({ bytes, start, lengthBytes }: Span): Uint8Array {
  return bytes.subarray(start, start + lengthBytes);
}

/** All bytes as a span. */
export function spanOf(bytes: Uint8Array): Span {
  return { bytes, start: 0, lengthBytes: bytes.length };
}
