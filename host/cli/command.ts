// What a command is: one entry of the table that parsing, --help and the reference pages are
// made from. Knows no command.

import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
  /** How the value is called in --help: `path`, `n`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** Part of --help: lines that each begin with a name, or none. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Positional arguments as --help shows them; '' when there are none. */
  readonly arguments: string;
  /** How many positional arguments it takes. */
  readonly argumentCount: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly Example[];
  /** What --help tells besides, in sections; it may have to be loaded. */
  readonly sections?: () => Promise<readonly Section[]>;
  /** Runs and returns the exit code: 0 fine, 1 an expectation failed or a difference was found. */
  run(call: Call): Promise<number>;
}

/** One invocation of a command. */
export interface Call {
  readonly arguments: readonly string[];
  readonly options: Options;
  readonly terminal: Terminal;
}

/** Values of the options that were given. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }

  /** A whole number of at least `least`. Throws UsageError. */
  number(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`--${name}: "${text}" is no whole number`, `a number from ${least}`);
  }
}

/** A call that cannot be understood: exit code 2. */
export class UsageError extends Error {
  readonly expected: string | undefined;

  constructor(message: string, expected?: string) {
    super(message);
    this.name = 'UsageError';
    this.expected = expected;
  }
}
