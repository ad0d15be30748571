// Many packets through one dataplane, each a connection of its own that is forgotten again: the
// bulk form of a probe. Reads verdicts and judges nothing.

import type { RawOutcome } from '../../dataplane/outcome.ts';
import type { Dataplane } from '../../cluster/cluster.ts';
import type { ExplainedStep } from '../../cluster/explain.ts';
import { Verdict } from '../../abi/abi.gen.ts';
import { familyOf } from '../../net/address.ts';
import { encodePacket } from '../../net/packet.ts';
import { PortTemplate } from '../../net/port-template.ts';
import { hasPorts, openingPacket, protocolIn } from '../../scenario/probe.ts';

/** May this address open a connection to that one? */
export interface Question {
  readonly source: string;
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Ignored by protocols without ports. */
  readonly port: number;
  /** Port by which the packet enters. */
  readonly entersBy: number;
  /** To a Service: the endpoint that is to serve, where it may. */
  readonly endpoint?: { readonly address: string; readonly port: number };
}

/** Source ports go round here, so that no packet belongs to the connection of one before. */
const firstSourcePort = 61_000;
const sourcePorts = 4000;
/** Longer than any connection lives: five days for TCP. */
const pauseMs = 10 * 24 * 3600 * 1000;
const everyEntry = 0xffff_ffff;

/** Asks a dataplane. It forgets the connections of the questions before. */
export class Interview {
  readonly #dataplane: Dataplane;
  #timeMs = 0;
  #entered = 0;
  #asked = 0;
  /** Questions about one pair of ends follow each other. */
  #template: PortTemplate | null = null;
  #templateKey = '';

  constructor(dataplane: Dataplane) {
    this.#dataplane = dataplane;
  }

  /** Whether each is let through, in order. */
  ask(questions: readonly Question[]): boolean[] {
    const answers: boolean[] = [];
    this.judge(questions, (_, { verdict }) => {
      answers.push(verdict === Verdict.Forward || verdict === Verdict.Local);
    });
    return answers;
  }

  /** Calls `decided` with what becomes of each, in order. */
  judge(
    questions: readonly Question[],
    decided: (index: number, outcome: RawOutcome) => void,
  ): void {
    const { vector } = this.#dataplane.instance;
    for (let next = 0; next < questions.length;) {
      this.#forget(vector.capacity);
      const first = next;
      vector.clear();
      while (next < questions.length && this.#add(questions[next]!)) next++;
      vector.run();
      for (let index = first; index < next; index++) decided(index, vector.outcome(index - first));
    }
  }

  /** What the dataplane does with the packet of a question, step by step. */
  trace(question: Question): ExplainedStep[] {
    this.#later();
    const port = this.#dataplane.portName(question.entersBy);
    const frame = this.#frameFor(question, firstSourcePort);
    return this.#dataplane.trace(frame, { port, timeMs: this.#timeMs, link: 'raw' }).steps;
  }

  /** Whether there was room. */
  #add(question: Question): boolean {
    const { vector } = this.#dataplane.instance;
    const frame = this.#frameFor(question, firstSourcePort + (this.#asked % sourcePorts));
    if (!vector.hasRoom(frame.length)) return false;
    const { entersBy: port, endpoint } = question;
    const place = { port, timeMs: this.#timeMs, link: 'raw' as const };
    vector.add(frame, endpoint === undefined ? place : { ...place, choice: { endpoint } });
    this.#asked += 1;
    return true;
  }

  #frameFor({ source, destination, port, ...asked }: Question, sourcePort: number): Uint8Array {
    const protocol = protocolIn(asked.protocol, familyOf(source));
    const open = () =>
      openingPacket({ source, destination, protocol, sourcePort, destinationPort: port });
    if (!hasPorts(protocol)) return encodePacket(open(), 'raw');
    const key = `${source} ${destination} ${protocol}`;
    if (key !== this.#templateKey) {
      this.#template = new PortTemplate(open());
      this.#templateKey = key;
    }
    return this.#template!.withPorts(sourcePort, port);
  }

  /** Makes room for so many connections before the table of either family is half full. */
  #forget(count: number): void {
    const { connections4, connections6 } = this.#dataplane.instance.capacity;
    this.#entered += count;
    if (this.#entered < Math.min(connections4, connections6) / 2) return;
    this.#entered = count;
    this.#later();
  }

  /** Lets so much time pass that no connection lives. */
  #later(): void {
    this.#timeMs += pauseMs;
    this.#dataplane.sweep(this.#timeMs, everyEntry);
  }
}
