// A process as the other side of a channel: lines to its standard input, lines from its standard
// output, its last words from its standard error. Node only, and loaded only when it is asked for.

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Channel } from './channel.ts';
import { SilenceError, SubjectError } from './subject.ts';

/** A line that is longer is no answer. */
const longestLine = 1 << 24;
const longestWords = 2000;
/** How long a process has to end by itself once its input has ended. */
const patienceMs = 500;

/**
 * Starts a program, without a shell. What it writes to standard error is kept for the message of
 * the error that it may end with.
 */
export function openProcess(words: readonly string[]): Channel {
  const [program = '', ...rest] = words;
  return new ProcessChannel(spawn(program, rest, { stdio: 'pipe', windowsHide: true }));
}

interface Reader {
  readonly resolve: (line: string) => void;
  readonly reject: (error: SubjectError) => void;
}

class ProcessChannel implements Channel {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: string[] = [];
  readonly #ended: Promise<void>;
  #rest = '';
  #lastWords = '';
  #end: SubjectError | null = null;
  #reader: Reader | null = null;

  constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    process.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-longestWords);
    });
    // Whether it still reads is told by its end, not by an error of the pipe.
    process.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      process.on('error', ({ message }) => {
        this.#finish(`it cannot be started: ${message}`);
        resolve();
      });
      process.on('close', (code, signal) => {
        this.#finish(`it ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`);
        resolve();
      });
    });
  }

  write(line: string): void {
    if (this.#process.stdin.writable) this.#process.stdin.write(`${line}\n`);
  }

  read(timeoutMs: number): Promise<string> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#end !== null) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#reader = null;
        reject(new SilenceError(this.#withLastWords(`no answer within ${timeoutMs} ms`)));
      }, timeoutMs);
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer);
          this.#reader = null;
          settle(value);
        };
      };
      this.#reader = { resolve: settled(resolve), reject: settled(reject) };
    });
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    // What it has started itself may keep its output open: nobody waits for that.
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, 2 * patienceMs).unref());
    await Promise.race([this.#ended, deadline]);
    clearTimeout(timer);
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines.map((written) => written.replace(/\r$/, ''))) {
      if (this.#reader === null) this.#lines.push(line);
      else this.#reader.resolve(line);
    }
    if (this.#rest.length <= longestLine) return;
    this.#rest = '';
    this.#process.kill('SIGKILL');
    this.#finish(`it wrote ${longestLine} characters without an end of line`);
  }

  #finish(why: string): void {
    this.#end ??= new SubjectError(this.#withLastWords(why));
    this.#reader?.reject(this.#end);
  }

  #withLastWords(why: string): string {
    const words = this.#lastWords.trim();
    return words === '' ? why : `${why}; its last words:\n${words}`;
  }
}
