// A native program that is told what to do in lines, and answers each with a number.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

export class NativeChild {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #name: string;
  #complaints = '';

  constructor([program, ...parameters]: readonly string[]) {
    this.#name = program!;
    this.#process = spawn(program!, parameters);
    this.#process.stderr.on('data', (text: Buffer) => (this.#complaints += text.toString()));
    const lines = createInterface({ input: this.#process.stdout });
    this.#answers = lines[Symbol.asyncIterator]();
  }

  /** Throws Error with what the program says if it ends. */
  async ask(line: string): Promise<number> {
    this.#process.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`${this.#name}: ${line}: ${this.#complaints}`);
    return Number(value);
  }

  close(): void {
    this.#process.stdin.end();
  }
}
