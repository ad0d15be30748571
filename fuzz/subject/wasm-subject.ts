// Our own dataplane as a subject: one packet at a time, in vectors, read anew from text at every
// change, or replaced by its own snapshot. Knows how to drive it, not what is right.

import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { writeObject } from '../../host/kubernetes/write.ts';
import { everything } from './claims.ts';
import { NodeUnderTest } from './node-under-test.ts';
import type { Answer, Arrival, NodeSettings, Subject, SubjectSource } from './subject.ts';

export class WasmSubject implements Subject {
  readonly #settings: NodeSettings;
  readonly #isReloaded: boolean;
  #node: NodeUnderTest | null = null;
  #timeMs = 0;

  /** `isReloaded`: after each change every object is written, read again and applied again. */
  constructor(settings: NodeSettings, isReloaded = false) {
    this.#settings = settings;
    this.#isReloaded = isReloaded;
  }

  /** The node as it is; objects are applied before. */
  get node(): NodeUnderTest {
    if (this.#node === null) throw new Error('objects are applied before anything else');
    return this.#node;
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    if (this.#node === null) this.#node = await NodeUnderTest.create(objects, this.#settings);
    else this.#node.dataplane.cluster.apply(objects);
    this.#reload();
  }

  delete(references: readonly ObjectReference[]): void {
    this.node.dataplane.cluster.delete(references);
    this.#reload();
  }

  advance(timeMs: number): void {
    this.#timeMs = timeMs;
  }

  send(arrivals: readonly Arrival[]): Answer[] {
    const timed = arrivals.map(({ frame, port }) => {
      return { frame, port, link: 'raw' as const, timeMs: this.#timeMs };
    });
    return this.node.sendAll(timed).map(({ outcome, frame }) => {
      const { verdict, port, reason, service } = outcome;
      return { verdict, port, frame, reason, service };
    });
  }

  dump(): string {
    const connections = this.node.dataplane.connections();
    return connections.map((connection) => JSON.stringify(connection)).join('\n');
  }

  close(): void {
    this.#node?.dataplane.close();
  }

  /** Goes on in another instance, from a snapshot. */
  async restore(): Promise<void> {
    this.#node = await this.node.restored();
  }

  #reload(): void {
    if (!this.#isReloaded) return;
    const { cluster } = this.node.dataplane;
    cluster.apply(
      cluster.objects
        .map(writeObject)
        .map((object) => JSON.stringify(object))
        .join('\n---\n'),
    );
  }
}

const own = { claims: everything, close: () => {} };

/** One packet at a time. */
export const wasmSubjects: SubjectSource = {
  ...own,
  name: 'the dataplane',
  start: (settings) => new WasmSubject(settings),
};

/** As many packets at a time as there are in a row, up to a number; at most 64. */
export function wasmInVectors(vectorPackets: number): SubjectSource {
  const name = `the dataplane in vectors of ${vectorPackets}`;
  return { ...wasmSubjects, name, vectorPackets };
}

/** Every object is written, read again and applied again at every change. */
export const reloadedWasmSubjects: SubjectSource = {
  ...own,
  name: 'the dataplane, reloaded',
  start: (settings) => new WasmSubject(settings, true),
};

/** After so many packets another instance goes on, from a snapshot. */
export function wasmRestored(afterPackets: number): SubjectSource {
  const start = (settings: NodeSettings): Subject => {
    const subject = new WasmSubject(settings);
    let packets = 0;
    return {
      apply: (objects) => subject.apply(objects),
      delete: (references) => subject.delete(references),
      advance: (timeMs) => subject.advance(timeMs),
      send: async (arrivals) => {
        const answers = subject.send(arrivals);
        packets += arrivals.length;
        if (packets % afterPackets === 0) await subject.restore();
        return answers;
      },
      dump: () => subject.dump(),
      close: () => subject.close(),
    };
  };
  return { ...own, name: `the dataplane, restored after every ${afterPackets} packets`, start };
}
