// The vector of packets that one call processes: the caller adds frames, runs, and reads what
// became of each. Frames are copied into packet memory once, or are read there by the caller in the
// first place.

import type { Engine } from './engine.ts';
import { DescriptorOutcome, type RawOutcome, type Release } from './outcome.ts';
import { ChoiceFlag, Link, PacketFlag } from '../abi/abi.gen.ts';
import { encodeInto, offsetsOf, sizeOf } from '../abi/struct.ts';

/** Choices of another node to take over, as far as they are legal here. */
export interface ChoiceInput {
  readonly endpoint?: { readonly address: string; readonly port: number };
  /** Masquerade source port. */
  readonly sourcePort?: number;
}

/** What the caller says about a packet. */
export interface VectorEntry {
  /** Number of the port it came in by. */
  readonly port: number;
  /** When it arrived; a fraction is dropped. */
  readonly timeMs: number;
  /** Unless given: ethernet. */
  readonly link?: 'ethernet' | 'raw';
  readonly trace?: boolean;
  readonly choice?: ChoiceInput | undefined;
  /** What the packet is called, below 2^32: it counts for digests only. */
  readonly number?: number;
  /** Zeroes to put behind the frame when it is copied. */
  readonly filledBytes?: number;
}

const DESCRIPTOR_BYTES = sizeOf('PacketDescriptor');
const CHOICE_BYTES = sizeOf('Choice');
const FRAME_ALIGNMENT = 16;
const WORD = 2 ** 32;
const at = offsetsOf('PacketDescriptor');

/** Packets for one call. */
export class Vector {
  readonly #engine: Engine;
  #count = 0;
  /** Bytes at the front of packet memory that are lent to the caller. */
  #lentBytes = 0;
  /** Where the next frame is copied to. */
  #next: number;
  readonly #peeked: DescriptorOutcome;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#peeked = this.#newOutcome();
    this.#next = engine.layout.block;
  }

  /**
   * Empties it, and lends the front of packet memory to the caller, for frames to add in place;
   * copies go behind it. Null if there is not as much as this, and as much again for copies; 0
   * gives it back.
   */
  lend(lengthBytes: number): Uint8Array | null {
    const { layout, capacity, bytes } = this.#engine;
    const isEnough = lengthBytes * 2 <= capacity.blockBytes;
    this.#lentBytes = isEnough ? lengthBytes : 0;
    this.clear();
    return isEnough ? bytes.subarray(layout.block, layout.block + lengthBytes) : null;
  }

  /** Packets that it can hold. */
  get capacity(): number {
    return this.#engine.capacity.vectorPackets;
  }

  /** Packets added since `clear`. */
  get count(): number {
    return this.#count;
  }

  /** Empties it; packet memory is free again. */
  clear(): void {
    this.#count = 0;
    this.#next = this.#engine.layout.block + this.#lentBytes;
  }

  /** Whether a copy of this length still fits; 0 for a frame that is to be added in place. */
  hasRoom(lengthBytes: number): boolean {
    const { layout, capacity } = this.#engine;
    const end = layout.block + capacity.blockBytes;
    return this.#count < this.capacity && this.#next + lengthBytes <= end;
  }

  /**
   * Copies a frame into packet memory and returns its index; throws RangeError when the vector has
   * no room.
   */
  add(frame: Uint8Array, entry: VectorEntry): number {
    const { filledBytes = 0 } = entry;
    const lengthBytes = frame.length + filledBytes;
    if (!this.hasRoom(lengthBytes)) throw this.#noRoom(lengthBytes);
    const address = this.#next;
    const { bytes } = this.#engine;
    bytes.set(frame, address);
    if (filledBytes > 0) bytes.fill(0, address + frame.length, address + lengthBytes);
    this.#next += Math.ceil(lengthBytes / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    return this.addInPlace(address, lengthBytes, entry);
  }

  /** Adds a frame that is in packet memory already, where it will be rewritten. */
  addInPlace(address: number, lengthBytes: number, entry: VectorEntry): number {
    const { view, layout } = this.#engine;
    const index = this.#count;
    if (index >= this.capacity) throw this.#noRoom(lengthBytes);
    const descriptor = layout.descriptors + index * DESCRIPTOR_BYTES;
    const timeMs = Math.floor(entry.timeMs);
    view.setUint32(descriptor + at.timeMs, timeMs >>> 0, true);
    view.setUint32(descriptor + at.timeMs + 4, Math.floor(timeMs / WORD), true);
    view.setUint32(descriptor + at.address, address, true);
    view.setUint32(descriptor + at.lengthBytes, lengthBytes, true);
    view.setUint32(descriptor + at.choice, this.#writeChoice(index, entry.choice), true);
    view.setUint32(descriptor + at.number, entry.number ?? 0, true);
    view.setUint16(descriptor + at.port, entry.port, true);
    view.setUint8(descriptor + at.link, entry.link === 'raw' ? Link.Raw : Link.Ethernet);
    view.setUint8(descriptor + at.flags, entry.trace === true ? PacketFlag.Trace : 0);
    this.#count += 1;
    return index;
  }

  /** Processes all packets, in order. */
  run(): void {
    this.#engine.call(this.#engine.exports.process, this.#count);
  }

  /** Adds what became of all packets, and of what was released, to map `digests`. */
  digest(): void {
    this.#engine.call(this.#engine.exports.digest, this.#count);
  }

  /** What became of packet `index` in the last run. */
  outcome(index: number): RawOutcome {
    return this.#newOutcome().readFrom(this.#descriptorOf(index));
  }

  /** As `outcome`, in an object that the next call fills anew. */
  peek(index: number): RawOutcome {
    return this.#peeked.readFrom(this.#descriptorOf(index));
  }

  #descriptorOf(index: number): number {
    if (index < 0 || index >= this.#count) {
      throw new RangeError(`packet ${index} of a vector of ${this.#count}`);
    }
    return this.#engine.layout.descriptors + index * DESCRIPTOR_BYTES;
  }

  /**
   * Fragments that were held, in this run or before, and whose datagram was decided about in this
   * one, or whose time was over: in the order in which they leave, `after` from low to high.
   */
  released(): Release[] {
    return Array.from({ length: this.#engine.countReleased() }, (_, index) =>
      this.#newOutcome().readFrom(this.#engine.layout.released + index * DESCRIPTOR_BYTES),
    );
  }

  #newOutcome(): DescriptorOutcome {
    return new DescriptorOutcome(this.#engine.bytes, this.#engine.view);
  }

  /** Address of the choice, 0 if there is none. */
  #writeChoice(index: number, choice: ChoiceInput | undefined): number {
    if (choice === undefined) return 0;
    const { endpoint, sourcePort } = choice;
    const address = this.#engine.layout.choices + index * CHOICE_BYTES;
    const fields = {
      ...(endpoint && { endpoint: endpoint.address, endpointPort: endpoint.port }),
      ...(sourcePort !== undefined && { sourcePort }),
      flags:
        (endpoint === undefined ? 0 : ChoiceFlag.Endpoint) |
        (sourcePort === undefined ? 0 : ChoiceFlag.SourcePort),
    };
    encodeInto('Choice', fields, this.#engine.bytes, address);
    return address;
  }

  #noRoom(lengthBytes: number): RangeError {
    const { vectorPackets, blockBytes } = this.#engine.capacity;
    return new RangeError(
      `no room for a frame of ${lengthBytes} bytes beside ${this.#count} others; ` +
        `capacities: vectorPackets ${vectorPackets}, blockBytes ${blockBytes}`,
    );
  }
}
