// Our own dataplane, its packets shared out among several as a replay with workers shares them out:
// each answers for its part only. Beside them one gets every packet, which the parts must add up
// to; it goes on alone where a replay would give up sharing.

import { InseparableError, Partition } from '../../host/replay/shard.ts';
import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { everything } from './claims.ts';
import { SubjectError } from './subject.ts';
import type { Answer, Arrival, NodeSettings, Subject, SubjectSource } from './subject.ts';
import { writeHex } from './hex.ts';
import { WasmSubject } from './wasm-subject.ts';

const header = { link: 'raw' } as const;

class SharedSubject implements Subject {
  readonly #whole: WasmSubject;
  /** Empty once packets cannot be shared out any more. */
  #parts: readonly WasmSubject[];
  #partition: Partition | null = null;

  constructor(settings: NodeSettings, count: number) {
    this.#whole = new WasmSubject(settings);
    this.#parts = Array.from({ length: count }, () => new WasmSubject(settings));
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    this.#requireNoPackets();
    for (const one of this.#all()) await one.apply(objects);
  }

  delete(references: readonly ObjectReference[]): void {
    this.#requireNoPackets();
    for (const one of this.#all()) one.delete(references);
  }

  advance(timeMs: number): void {
    for (const one of this.#all()) one.advance(timeMs);
  }

  send(arrivals: readonly Arrival[]): Answer[] {
    return arrivals.map((arrival) => {
      const part = this.#partOf(arrival);
      const [answer] = this.#whole.send([arrival]);
      if (part === null) return answer!;
      const [own] = part.send([arrival]);
      if (textOf(own!) === textOf(answer!)) return own!;
      throw new SubjectError(`a part says ${textOf(own!)}, the whole ${textOf(answer!)}`);
    });
  }

  dump(): string {
    return this.#whole.dump();
  }

  close(): void {
    this.#endSharing();
    this.#whole.close();
  }

  #all(): WasmSubject[] {
    return [this.#whole, ...this.#parts];
  }

  /** Objects do not change during a replay. */
  #requireNoPackets(): void {
    if (this.#partition !== null) this.#endSharing();
  }

  #partOf({ frame }: Arrival): WasmSubject | null {
    const count = this.#parts.length;
    if (count === 0) return null;
    this.#partition ??= new Partition(this.#whole.node.dataplane, { index: 0, count });
    const span = { bytes: frame, start: 0, lengthBytes: frame.length };
    try {
      return this.#parts[this.#partition.partOf({ ...span, frame, header })]!;
    } catch (error) {
      if (!(error instanceof InseparableError)) throw error;
      this.#endSharing();
      return null;
    }
  }

  #endSharing(): void {
    for (const part of this.#parts) part.close();
    this.#parts = [];
  }
}

function textOf({ verdict, reason, port, service, frame }: Answer): string {
  return JSON.stringify({ verdict, reason, port, service, frame: writeHex(frame) });
}

/** Shared out among so many. */
export function wasmAcrossWorkers(count: number): SubjectSource {
  return {
    name: `the dataplane, shared out among ${count} workers`,
    claims: everything,
    start: (settings) => new SharedSubject(settings, count),
    close: () => {},
  };
}
