// The dataplane as it ships, in this process.

import { Instance } from '../../host/dataplane/instance.ts';
import { TrafficSender, type Recorder } from '../../host/cli/bench-connections.ts';
import { applyPlan } from '../../host/reconcile/apply.ts';
import type { Load } from './load.ts';
import type { Phase, Subject } from './subject.ts';

const pageBytes = 4096;
/** When no connection lives any more. */
const endOfTimeMs = 2 ** 50;

export class WasmSubject implements Subject {
  readonly name = 'podplane';
  readonly #load: Load;
  readonly #instance: Instance;
  readonly #sender: TrafficSender;

  static async open(load: Load): Promise<WasmSubject> {
    const { traffic, capacity } = load;
    const instance = await Instance.create({ capacity });
    applyPlan(instance, traffic.operations);
    touchMemory(instance);
    return new WasmSubject(load, instance);
  }

  private constructor(load: Load, instance: Instance) {
    this.#load = load;
    this.#instance = instance;
    this.#sender = new TrafficSender(instance, load.traffic);
  }

  async clear(): Promise<void> {
    this.#instance.sweep(endOfTimeMs, this.#load.connections * 2);
  }

  /** Opens all connections; `record` gets every packet that it takes. */
  async establish(record?: Recorder): Promise<void> {
    this.#sender.open(0, this.#load.connections, record);
  }

  async time(phase: Phase, packets: number): Promise<number> {
    return this.#sender.time(this.#load.packetsOf(phase), packets, () => performance.now());
  }

  /** A number made of everything that became of the packets. */
  digest(phase: Phase, packets: number): number {
    return this.#sender.digest(this.#load.packetsOf(phase), packets);
  }

  close(): void {}
}

/** Writes every page, so that no packet waits for one. */
function touchMemory({ memory }: Instance): void {
  const bytes = new Uint8Array(memory.buffer);
  for (let at = 0; at < bytes.length; at += pageBytes) bytes[at]! |= 0;
}
