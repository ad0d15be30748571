// The very module compiled by clang, in a process of its own: what V8 could reach at best. It is
// given the same packets, and does the same with them, which a digest of all outcomes shows.

import { NativeChild } from './child.ts';
import type { Phase, Subject } from './subject.ts';

/** Files that the twin is given. */
export interface TwinFiles {
  readonly script: string;
  /** All packets that open and answer the connections. */
  readonly handshakes: string;
  readonly handshakePackets: number;
  readonly packets: Readonly<Record<Phase, string>>;
}

const slots = { established: 0, opening: 1, handshakes: 2 } as const;

export class TwinSubject implements Subject {
  readonly name = 'native twin';
  readonly #child: NativeChild;
  readonly #files: TwinFiles;

  static async open(program: string, files: TwinFiles): Promise<TwinSubject> {
    const child = new NativeChild([program]);
    const subject = new TwinSubject(child, files);
    await child.ask(`packets ${slots.handshakes} ${files.handshakes}`);
    for (const phase of ['established', 'opening'] as const) {
      await child.ask(`packets ${slots[phase]} ${files.packets[phase]}`);
    }
    await child.ask(`script ${files.script}`);
    return subject;
  }

  private constructor(child: NativeChild, files: TwinFiles) {
    this.#child = child;
    this.#files = files;
  }

  async clear(): Promise<void> {
    await this.#child.ask(`clear ${this.#files.handshakePackets}`);
  }

  async establish(): Promise<void> {
    await this.#child.ask(`time ${slots.handshakes} ${this.#files.handshakePackets}`);
  }

  time(phase: Phase, packets: number): Promise<number> {
    return this.#child.ask(`time ${slots[phase]} ${packets}`);
  }

  /** A number made of everything that became of the packets. */
  digest(phase: Phase, packets: number): Promise<number> {
    return this.#child.ask(`digest ${slots[phase]} ${packets}`);
  }

  close(): void {
    this.#child.close();
  }
}
