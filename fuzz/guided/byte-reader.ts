// Reads decisions from bytes: any bytes can be read, and at their end everything is 0.

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isOver(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next byte. */
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** The next two bytes, in network order. */
  word(): number {
    return (this.byte() << 8) | this.byte();
  }

  /** A copy of the next bytes, or of as many as there are. */
  take(lengthBytes: number): Uint8Array {
    const start = this.#at;
    this.#at = Math.min(start + lengthBytes, Math.max(this.#bytes.length, start));
    return new Uint8Array(this.#bytes.subarray(start, this.#at));
  }

  /** `take`, where missing bytes are 0. */
  fill(lengthBytes: number): Uint8Array {
    const filled = new Uint8Array(lengthBytes);
    filled.set(this.take(lengthBytes));
    return filled;
  }
}
