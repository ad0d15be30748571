// Reads a capture in blocks of fixed size, whatever the file's size: the unfinished rest of a block
// moves to its front before the next read. Knows bytes only, no capture format.

/** Where bytes come from: a file descriptor, a buffer. */
export interface ByteSource {
  /** Fills `into` from its start, at least one byte unless the input is over; returns how many. */
  read(into: Uint8Array): number;
}

/** A source that reads from bytes in memory. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  let position = 0;
  return {
    read(into) {
      const part = bytes.subarray(position, position + into.length);
      into.set(part);
      position += part.length;
      return part.length;
    },
  };
}

/** Memory that a capture is read into, again and again. */
export interface ReadBlock {
  /** May lie in Wasm memory that does not grow. */
  readonly bytes: Uint8Array;
  /** Called before what lies there moves, or others take its place. */
  readonly beforeReuse?: () => void;
}

/** A window on a source. Views of `block` are valid until the next call of `has` or `skip`. */
export class BlockReader {
  /** The window's memory. */
  readonly block: Uint8Array;
  readonly view: DataView;
  /** Where the unread bytes begin in `block`. */
  position = 0;
  /** Bytes taken from the source so far. */
  bytesRead = 0;
  private end = 0;
  private over = false;
  private readonly source: ByteSource;
  private readonly beforeReuse: (() => void) | undefined;

  constructor(source: ByteSource, { bytes, beforeReuse }: ReadBlock) {
    this.source = source;
    this.block = bytes;
    this.beforeReuse = beforeReuse;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Unread bytes in the window. */
  get available(): number {
    return this.end - this.position;
  }

  /**
   * Brings so many unread bytes into the window; false if the input, or the window, ends before.
   */
  has(lengthBytes: number): boolean {
    if (this.available >= lengthBytes) return true;
    if (lengthBytes > this.block.length) return false;
    this.beforeReuse?.();
    this.block.copyWithin(0, this.position, this.end);
    this.end -= this.position;
    this.position = 0;
    while (this.end < lengthBytes && this.fill()) {
      // `fill` reads.
    }
    return this.end >= lengthBytes;
  }

  /** Passes over bytes; false if the input ends before. */
  skip(lengthBytes: number): boolean {
    let left = lengthBytes;
    if (left > this.available) this.beforeReuse?.();
    while (left > this.available) {
      left -= this.available;
      this.position = this.end = 0;
      if (!this.fill()) return false;
    }
    this.position += left;
    return true;
  }

  private fill(): boolean {
    if (this.over) return false;
    const count = this.source.read(this.block.subarray(this.end));
    this.over = count === 0;
    this.end += count;
    this.bytesRead += count;
    return count > 0;
  }
}
