// What became of a packet, copied out of its descriptor; the frame is looked at only on demand.
// Numbers only.

import { offsetsOf } from '../abi/struct.ts';
import { viewOf, type Span } from '../net/span.ts';

/**
 * What became of a packet, as the numbers of the boundary's enums. As a span the frame that leaves,
 * empty if none does: in packet memory, valid until the next run.
 */
export interface RawOutcome extends Span {
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
  /** A view of the frame that leaves. */
  readonly frame: Uint8Array;
}

/** What became of a fragment that was held. */
export interface Release extends RawOutcome {
  /** It leaves behind this packet of the vector, by index. */
  readonly after: number;
}

const at = offsetsOf('PacketDescriptor');

/** The second half of a descriptor. */
export class DescriptorOutcome implements Release {
  verdict = 0;
  reason = 0;
  outPort = 0;
  service = 0;
  effects = 0;
  state = 0;
  held = 0;
  after = 0;
  readonly bytes: Uint8Array;
  start = 0;
  lengthBytes = 0;
  private readonly view: DataView;

  /** Both are views of the whole memory. */
  constructor(bytes: Uint8Array, view: DataView) {
    this.bytes = bytes;
    this.view = view;
  }

  /** Takes over what stands in the descriptor at an address; returns itself. */
  readFrom(descriptor: number): this {
    const { view } = this;
    this.verdict = view.getUint8(descriptor + at.verdict);
    this.reason = view.getUint8(descriptor + at.reason);
    this.outPort = view.getUint16(descriptor + at.outPort, true);
    this.service = view.getUint32(descriptor + at.service, true);
    this.effects = view.getUint8(descriptor + at.effects);
    this.state = view.getUint8(descriptor + at.state);
    this.held = view.getUint32(descriptor + at.held, true);
    this.after = view.getUint32(descriptor + at.after, true);
    this.start = view.getUint32(descriptor + at.outAddress, true);
    this.lengthBytes = view.getUint32(descriptor + at.outLengthBytes, true);
    return this;
  }

  get frame(): Uint8Array {
    return viewOf(this);
  }
}
