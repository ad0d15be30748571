// Where a command writes: data to standard output, everything else to standard error. Colour and
// progress only where a person looks on.

/** What of the process the commands may use; tests give their own. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds from any start. */
  now(): number;
}

const progressIntervalMs = 100;
const eraseLine = '\r\u001b[K';

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof styles;

export class Terminal {
  readonly #streams: Streams;
  #isQuiet = false;
  #shownAtMs = -Infinity;
  #hasProgress = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** From now on neither notes nor progress. */
  silence(): void {
    this.#isQuiet = true;
  }

  now(): number {
    return this.#streams.now();
  }

  /** Data: one or more whole lines, without the last line's end. */
  print(text: string): void {
    this.clearProgress();
    this.#streams.out(`${text}\n`);
  }

  /** An error; never silenced. */
  complain(text: string): void {
    this.clearProgress();
    this.#streams.err(`${text}\n`);
  }

  /** Something worth knowing that is no error. */
  note(text: string): void {
    if (!this.#isQuiet) this.complain(text);
  }

  /**
   * The state of long work, in one line that the next one replaces; at most ten a second. A
   * function is asked only for lines that are shown.
   */
  progress(text: string | (() => string)): void {
    if (this.#isQuiet || !this.#streams.isErrTerminal) return;
    const now = this.#streams.now();
    if (now - this.#shownAtMs < progressIntervalMs) return;
    this.#shownAtMs = now;
    this.#hasProgress = true;
    this.#streams.err(eraseLine + (typeof text === 'string' ? text : text()));
  }

  clearProgress(): void {
    if (this.#hasProgress) this.#streams.err(eraseLine);
    this.#hasProgress = false;
  }

  /** Text in a style, where standard output shows styles. */
  style(style: Style, text: string): string {
    const { isOutTerminal, environment } = this.#streams;
    const isPlain = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
    const isForced = !['', '0', undefined].includes(environment['FORCE_COLOR']);
    if (isPlain || !(isOutTerminal || isForced)) return text;
    return `\u001b[${styles[style]}m${text}\u001b[0m`;
  }
}
