// A dataplane in another process as a subject: every call is a request and waits for its answer.
// One process serves one story after the other; when it is broken, a new one is started.

import type { KubernetesObject, ObjectReference } from '../../host/kubernetes/types.ts';
import { writeObject } from '../../host/kubernetes/write.ts';
import type { Channel } from './channel.ts';
import type { Claims } from './claims.ts';
import { writeHex } from './hex.ts';
import type { Fields, Hello, Request } from './pipe-protocol.ts';
import { excerpt, parseAnswer, parseHello, parseOutcome } from './pipe-protocol.ts';
import type { Answer, Arrival, NodeSettings, Subject, SubjectSource } from './subject.ts';
import { SilenceError, SubjectError } from './subject.ts';

export interface PipeOptions {
  /** Starts the other side. */
  readonly open: () => Channel;
  /** How long an answer may take; the hello, for which a program has to start, five times that. */
  readonly timeoutMs: number;
}

const helloTimes = 5;

/** How often a subject may be silent, over all stories. */
const mostSilences = 5;

/** The other side of a pipe. */
export class PipeSource implements SubjectSource {
  readonly name: string;
  readonly claims: Claims;
  readonly #options: PipeOptions;
  #line: Line | null;
  #silences = 0;

  /** Starts the other side and waits for its hello; rejects with SubjectError. */
  static async open(options: PipeOptions): Promise<PipeSource> {
    const line = new Line(options);
    return new PipeSource(options, line, await line.hello());
  }

  private constructor(options: PipeOptions, line: Line, { name, claims }: Hello) {
    this.#options = options;
    this.#line = line;
    this.name = name;
    this.claims = claims;
  }

  get isGivenUp(): boolean {
    return this.#silences >= mostSilences;
  }

  async start({ node, config }: NodeSettings): Promise<Subject> {
    const line = await this.#connect();
    await this.#ask(line, { start: { node, config } });
    return new PipeSubject((request) => this.#ask(line, request));
  }

  async close(): Promise<void> {
    await this.#line?.close();
    this.#line = null;
  }

  async #connect(): Promise<Line> {
    if (this.#line !== null && !this.#line.isBroken) return this.#line;
    await this.close();
    this.#line = new Line(this.#options);
    await this.#line.hello();
    return this.#line;
  }

  async #ask(line: Line, request: Request): Promise<Fields> {
    try {
      return await line.ask(request);
    } catch (error) {
      if (error instanceof SilenceError) this.#silences += 1;
      throw error;
    }
  }
}

/** A channel to one process, with its numbers; broken once anything went wrong. */
class Line {
  readonly #channel: Channel;
  readonly #timeoutMs: number;
  #lastId = 0;
  isBroken = false;

  constructor({ open, timeoutMs }: PipeOptions) {
    this.#channel = open();
    this.#timeoutMs = timeoutMs;
  }

  async hello(): Promise<Hello> {
    const timeoutMs = helloTimes * this.#timeoutMs;
    return this.#whole('', async () => parseHello(await this.#channel.read(timeoutMs)));
  }

  async ask(request: Request): Promise<Fields> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, ...request });
    return this.#whole(`\nafter ${excerpt(text)}`, async () => {
      this.#channel.write(text);
      return parseAnswer(await this.#channel.read(this.#timeoutMs), id);
    });
  }

  close(): Promise<void> {
    this.isBroken = true;
    return this.#channel.close();
  }

  /** What goes wrong here ends the other side: nobody knows what it believes now. */
  async #whole<T>(place: string, talk: () => Promise<T>): Promise<T> {
    try {
      return await talk();
    } catch (error) {
      await this.close();
      if (error instanceof SubjectError) error.message += place;
      throw error;
    }
  }
}

class PipeSubject implements Subject {
  readonly #ask: (request: Request) => Promise<Fields>;

  constructor(ask: (request: Request) => Promise<Fields>) {
    this.#ask = ask;
  }

  async apply(objects: readonly KubernetesObject[]): Promise<void> {
    await this.#ask({ apply: objects.map(writeObject) });
  }

  async delete(references: readonly ObjectReference[]): Promise<void> {
    await this.#ask({ delete: references });
  }

  async advance(timeMs: number): Promise<void> {
    await this.#ask({ clock: timeMs });
  }

  async send(arrivals: readonly Arrival[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const { port, frame } of arrivals) {
      answers.push(parseOutcome(await this.#ask({ packet: { port, hex: writeHex(frame) } })));
    }
    return answers;
  }

  async dump(): Promise<string> {
    const { dump } = await this.#ask({ dump: true });
    if (dump === undefined || dump === null) return '';
    return typeof dump === 'string' ? dump : JSON.stringify(dump, null, 2);
  }

  /** The process goes on to the next story. */
  close(): void {}
}
