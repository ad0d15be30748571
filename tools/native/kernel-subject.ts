// A program in this machine's kernel, which is given the same packets by the kernel's test-run.
// What that costs without the program is taken off.

import {
  endpointsPerService,
  firstAddresses,
  servicePort,
  targetPort,
} from '../../host/cli/bench-traffic.ts';
import { NativeChild } from './child.ts';
import { services, type Load } from './load.ts';
import type { Phase, Subject } from './subject.ts';

/** How a program is called in tables, and in the object file. */
export const kernelPrograms = {
  'eBPF, service path': 'service_path',
  'eBPF, flow cache': 'flow_cache',
} as const;
export type KernelProgram = keyof typeof kernelPrograms;

const slots: Readonly<Record<Phase, number>> = { established: 0, opening: 1 };
const checkedPackets = 1000;
/** Of these a table may have lost the connection: it forgets the least used. */
const strayShare = 0.01;

export interface KernelFiles {
  readonly program: string;
  readonly object: string;
  readonly packets: Readonly<Record<Phase, string>>;
}

export class KernelSubject implements Subject {
  readonly name: KernelProgram;
  readonly #child: NativeChild;
  readonly #connections: number;

  /** Throws Error if the program does not do what it should with the first packets. */
  static async open(name: KernelProgram, load: Load, files: KernelFiles): Promise<KernelSubject> {
    const { program, object, packets } = files;
    const words = [program, object, kernelPrograms[name], `${load.connections}`];
    const child = new NativeChild(words);
    const { service, endpoint } = firstAddresses;
    const maps = [services, service, servicePort, endpointsPerService, endpoint, targetPort];
    await child.ask(`services ${maps.join(' ')}`);
    for (const phase of ['established', 'opening'] as const) {
      await child.ask(`packets ${slots[phase]} ${packets[phase]}`);
      const wrong = await child.ask(`check ${slots[phase]} ${checkedPackets}`);
      if (wrong > 0) throw new Error(`${name}: ${wrong} packets left as they should not`);
    }
    await child.ask('clear');
    return new KernelSubject(name, child, load.connections);
  }

  private constructor(name: KernelProgram, child: NativeChild, connections: number) {
    this.name = name;
    this.#child = child;
    this.#connections = connections;
  }

  async clear(): Promise<void> {
    await this.#child.ask('clear');
  }

  async establish(): Promise<void> {
    await this.#child.ask(`time ${slots.established} ${this.#connections}`);
  }

  /** Throws Error if packets met what they should not: a connection, or none. */
  async time(phase: Phase, packets: number): Promise<number> {
    const nanoseconds = await this.#child.ask(`time ${slots[phase]} ${packets}`);
    const opened = await this.#child.ask('opened');
    const strays = Math.abs(opened - (phase === 'opening' ? packets : 0));
    if (strays > packets * strayShare) throw new Error(`${this.name}: ${opened} were opened`);
    return nanoseconds;
  }

  close(): void {
    this.#child.close();
  }
}
