// Sends the benchmarks' traffic through an instance: opens connections, and times vectors of
// packets, which are written into packet memory before the clock runs.

import type { Instance } from '../dataplane/instance.ts';
import { turnIntoAnswer, type FrameTemplate } from './bench-frames.ts';
import { meanOfParts } from './bench-parts.ts';
import { uplink, type Traffic } from './bench-traffic.ts';

/** Takes each frame as it is sent, with its port. */
export type Recorder = (frame: Uint8Array, port: number) => void;

/** A packet of the load: whose, and what it looks like. */
export interface LoadPacket {
  readonly connection: number;
  readonly template: FrameTemplate;
}

const frameAlignment = 16;

/** Writes frames into the packet memory of an instance, vector by vector. */
export class TrafficSender {
  readonly #instance: Instance;
  readonly #traffic: Traffic;
  readonly #view: DataView<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(instance: Instance, traffic: Traffic) {
    this.#instance = instance;
    this.#traffic = traffic;
    const { buffer } = instance.memory;
    this.#view = new DataView(buffer as ArrayBuffer);
    this.#bytes = new Uint8Array(buffer as ArrayBuffer);
  }

  /** Connections of these numbers are opened and answered; throws Error if one is refused. */
  open(from: number, until: number, record: Recorder = () => {}): void {
    const { vector } = this.#instance;
    const opening = this.#traffic.openingOf(0);
    const acknowledging = this.#traffic.establishedOf(0);
    for (let at = from; at < until; at += vector.capacity) {
      const end = Math.min(at + vector.capacity, until);
      const packets = (template: FrameTemplate): LoadPacket[] =>
        Array.from({ length: end - at }, (_, index) => ({ connection: at + index, template }));
      this.#fill(packets(opening), record);
      this.#runOpening();
      this.#answerAll(record);
      this.#runOpening();
      this.#fill(packets(acknowledging), record);
      this.#runOpening();
    }
  }

  /**
   * Nanoseconds that the dataplane takes for each of so many packets. `now` gives milliseconds.
   */
  time(packets: Iterator<LoadPacket>, count: number, now: () => number): number {
    const { vector } = this.#instance;
    const costs: number[] = [];
    for (let done = 0; done < count; done += vector.count) {
      this.#fill(take(packets, Math.min(vector.capacity, count - done)));
      const start = now();
      vector.run();
      costs.push(((now() - start) * 1e6) / vector.count);
    }
    return meanOfParts(costs);
  }

  /** A number made of everything that becomes of so many packets (FNV-1a). */
  digest(packets: Iterator<LoadPacket>, count: number): number {
    const { vector } = this.#instance;
    let digest = 2166136261;
    const mix = (byte: number): void => {
      digest = Math.imul(digest ^ byte, 16777619);
    };
    for (let done = 0; done < count; done += vector.count) {
      this.#fill(take(packets, Math.min(vector.capacity, count - done)));
      vector.run();
      for (let index = 0; index < vector.count; index++) {
        const { verdict, reason, outPort, frame } = vector.peek(index);
        for (const byte of [verdict, reason, outPort & 0xff]) mix(byte);
        for (const byte of frame) mix(byte);
      }
    }
    return digest >>> 0;
  }

  #fill(packets: readonly LoadPacket[], record?: Recorder): void {
    const { vector, layout } = this.#instance;
    vector.clear();
    let address = layout.block;
    for (const { connection, template } of packets) {
      template.write(this.#traffic.endsOf(connection), this.#view, address);
      const port = this.#traffic.portOf(connection);
      vector.addInPlace(address, template.lengthBytes, { port, timeMs: 0 });
      record?.(this.#bytes.subarray(address, address + template.lengthBytes), port);
      address += Math.ceil(template.lengthBytes / frameAlignment) * frameAlignment;
    }
  }

  /** Each of the vector's packets comes back as an answer, where it is. */
  #answerAll(record: Recorder): void {
    const { vector } = this.#instance;
    const frames = Array.from({ length: vector.count }, (_, index) => {
      const { byteOffset, length } = vector.outcome(index).frame;
      return { byteOffset, length };
    });
    vector.clear();
    for (const { byteOffset, length } of frames) {
      turnIntoAnswer(this.#view, byteOffset);
      vector.addInPlace(byteOffset, length, { port: uplink, timeMs: 0 });
      record(this.#bytes.subarray(byteOffset, byteOffset + length), uplink);
    }
  }

  #runOpening(): void {
    const { vector } = this.#instance;
    vector.run();
    for (let index = 0; index < vector.count; index++) {
      const { reason, verdict } = vector.peek(index);
      if (reason !== 0) {
        throw new Error(`a connection of the benchmark was refused: verdict ${verdict}, ${reason}`);
      }
    }
  }
}

function take(packets: Iterator<LoadPacket>, count: number): LoadPacket[] {
  return Array.from({ length: count }, () => packets.next().value as LoadPacket);
}
