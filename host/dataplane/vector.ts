// The vector of packets that one call processes: the caller adds frames, runs, and reads what
// became of each. Frames are copied into packet memory once, or are read there by the caller in the
// first place.

import type { Engine } from './engine.ts';
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
  readonly choice?: ChoiceInput;
}

/** What became of a packet, as the numbers of the boundary's enums. */
export interface RawOutcome {
  readonly verdict: number;
  readonly reason: number;
  /** Port it leaves by. */
  readonly outPort: number;
  /** Key of map `services`, or 0. */
  readonly service: number;
  /** Effect bits. */
  readonly effects: number;
  /** A ConnectionState. */
  readonly state: number;
  /**
   * A fragment that is held, and the same one when it leaves: its number, no other has it. 0 for
   * all other packets.
   */
  readonly held: number;
  /**
   * The frame that leaves, empty if none does: a view of packet memory, valid until the next run.
   */
  readonly frame: Uint8Array;
}

/** What became of a fragment that was held. */
export interface Release extends RawOutcome {
  /** It leaves behind this packet of the vector, by index. */
  readonly after: number;
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
  /** Where the next frame goes. */
  #next: number;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#next = engine.layout.block;
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
    this.#next = this.#engine.layout.block;
  }

  /** Whether a frame of this length still fits. */
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
    if (!this.hasRoom(frame.length)) throw this.#noRoom(frame.length);
    const address = this.#next;
    this.#engine.bytes.set(frame, address);
    this.#next += Math.ceil(frame.length / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
    return this.addInPlace(address, frame.length, entry);
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

  /** What became of packet `index` in the last run. */
  outcome(index: number): RawOutcome {
    if (index < 0 || index >= this.#count) {
      throw new RangeError(`packet ${index} of a vector of ${this.#count}`);
    }
    return this.#read(this.#engine.layout.descriptors + index * DESCRIPTOR_BYTES);
  }

  /**
   * Fragments that were held, in this run or before, and whose datagram was decided about in this
   * one, or whose time was over: in the order in which they leave, `after` from low to high.
   */
  released(): Release[] {
    const { view, layout } = this.#engine;
    return Array.from({ length: this.#engine.countReleased() }, (_, index) => {
      const descriptor = layout.released + index * DESCRIPTOR_BYTES;
      const after = view.getUint32(descriptor + at.after, true);
      return { ...this.#read(descriptor), after };
    });
  }

  #read(descriptor: number): RawOutcome {
    const { view, bytes } = this.#engine;
    const address = view.getUint32(descriptor + at.outAddress, true);
    const lengthBytes = view.getUint32(descriptor + at.outLengthBytes, true);
    return {
      verdict: view.getUint8(descriptor + at.verdict),
      reason: view.getUint8(descriptor + at.reason),
      outPort: view.getUint16(descriptor + at.outPort, true),
      service: view.getUint32(descriptor + at.service, true),
      effects: view.getUint8(descriptor + at.effects),
      state: view.getUint8(descriptor + at.state),
      held: view.getUint32(descriptor + at.held, true),
      frame: bytes.subarray(address, address + lengthBytes),
    };
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
