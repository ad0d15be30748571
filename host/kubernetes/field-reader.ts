// Reads one field after the other of a parsed object, collects everything that is wrong in
// Kubernetes' wording, and goes on with what can be used. Knows paths, not positions: those are
// found for the few findings afterwards. Source of the wording: k8s.io/apimachinery
// `pkg/util/validation/field/errors.go`.

import type { Path } from './positions.ts';

/** Something to say about a field. Errors refuse the object, warnings do not. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
}

export type Report = (finding: Finding) => void;

/** One value of an object and where it stands. Absent and null are the same, as in Go. */
export class FieldReader {
  readonly value: unknown;
  readonly #report: Report;
  readonly #parent: FieldReader | null;
  readonly #key: string | number;

  private constructor(
    value: unknown,
    report: Report,
    parent: FieldReader | null,
    key: string | number,
  ) {
    this.value = value ?? undefined;
    this.#report = report;
    this.#parent = parent;
    this.#key = key;
  }

  static ofObject(value: unknown, report: Report): FieldReader {
    return new FieldReader(value, report, null, '');
  }

  get path(): Path {
    return this.#parent === null ? [] : [...this.#parent.path, this.#key];
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  /** Whether fields can be read; anything else but an absent value is reported. */
  isObject(): this is { value: Record<string, unknown> } {
    if (typeof this.value === 'object' && !Array.isArray(this.value)) return true;
    if (!this.isAbsent) this.#reportType('an object');
    return false;
  }

  /** A field of an object; absent when this is none. */
  field(name: string): FieldReader {
    const value = this.isObject() && Object.hasOwn(this.value, name) ? this.value[name] : undefined;
    return new FieldReader(value, this.#report, this, name);
  }

  /** The items of a list; none when absent. */
  items(): FieldReader[] {
    if (this.isAbsent) return [];
    if (Array.isArray(this.value)) {
      return this.value.map((item, index) => new FieldReader(item, this.#report, this, index));
    }
    this.#reportType('a list');
    return [];
  }

  /** The entries of a map; none when absent. */
  entries(): [string, FieldReader][] {
    return this.isObject() ? Object.keys(this.value).map((key) => [key, this.field(key)]) : [];
  }

  text(): string | undefined {
    if (this.isAbsent || typeof this.value === 'string') return this.value as string | undefined;
    this.#reportType('a string', typeof this.value === 'object' ? undefined : 'quote it');
    return undefined;
  }

  /** As `text`, but absent and empty are errors. '' after an error. */
  requiredText(): string {
    if (this.isAbsent || this.value === '') this.required();
    return this.text() ?? '';
  }

  boolean(): boolean | undefined {
    if (this.isAbsent || typeof this.value === 'boolean') return this.value as boolean | undefined;
    const isQuoted = this.value === 'true' || this.value === 'false';
    this.#reportType('a boolean', isQuoted ? 'remove the quotes' : undefined);
    return undefined;
  }

  /** A whole number within the range; undefined when absent or wrong. */
  integer(minimum: number, maximum = Infinity): number | undefined {
    if (this.isAbsent) return undefined;
    if (typeof this.value !== 'number' || !Number.isInteger(this.value)) {
      const isQuoted = typeof this.value === 'string' && /^-?[0-9]+$/.test(this.value);
      this.#reportType('an integer', isQuoted ? 'remove the quotes' : undefined);
      return undefined;
    }
    if (this.value >= minimum && this.value <= maximum) return this.value;
    const range =
      maximum === Infinity
        ? `must be greater than or equal to ${minimum}`
        : `must be between ${minimum} and ${maximum}, inclusive`;
    this.invalid(range);
    return undefined;
  }

  /** One of a few words; undefined when absent, empty or wrong. */
  oneOf<Word extends string>(words: readonly Word[]): Word | undefined {
    const text = this.text();
    if (text === undefined || text === '') return undefined;
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) this.unsupported(words);
    return word;
  }

  /** As `oneOf`, but absent and empty are errors. */
  requiredOneOf<Word extends string>(words: readonly Word[]): Word | undefined {
    if (this.isAbsent || this.value === '') this.required();
    return this.oneOf(words);
  }

  required(detail?: string, expected?: string): void {
    this.#error(detail === undefined ? 'Required value' : `Required value: ${detail}`, expected);
  }

  /** `value` stands in the message for what is written: its key, say, or its length. */
  invalid(detail: string, expected?: string, value: unknown = this.value): void {
    this.#error(`Invalid value: ${quote(value)}: ${detail}`, expected);
  }

  forbidden(detail: string): void {
    this.#error(`Forbidden: ${detail}`);
  }

  duplicate(value: unknown = this.value): void {
    this.#error(`Duplicate value: ${quote(value)}`);
  }

  unsupported(words: readonly string[]): void {
    const supported = words.map((word) => `"${word}"`).join(', ');
    this.#error(`Unsupported value: ${quote(this.value)}: supported values: ${supported}`);
  }

  tooMany(count: number, maximum: number): void {
    this.#error(`Too many: ${count}: must have at most ${maximum} items`);
  }

  tooLong(maximumBytes: number): void {
    this.#error(`Too long: may not be more than ${maximumBytes} bytes`);
  }

  warn(message: string, expected?: string): void {
    this.#say('warning', message, expected);
  }

  /**
   * Warns of fields that the API does not have here: a slip of the pen would otherwise go unseen.
   */
  warnOfUnknownFields(known: readonly string[]): void {
    for (const [name, field] of this.entries()) {
      if (!known.includes(name)) field.warn('unknown field', 'it is ignored');
    }
  }

  #reportType(wanted: string, cure?: string): void {
    this.#error(`must be ${wanted}, got ${describe(this.value)}`, cure);
  }

  #error(message: string, expected?: string): void {
    this.#say('error', message, expected);
  }

  #say(severity: Finding['severity'], message: string, expected?: string): void {
    this.#report({
      severity,
      path: this.path,
      message,
      ...(expected !== undefined && { expected }),
    });
  }
}

/**
 * A path in the API's spelling: `spec.ports[0].port`, `metadata.labels[app.kubernetes.io/name]`.
 */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number' || !/^[A-Za-z][A-Za-z0-9]*$/.test(step)) text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** A value of a message, short whatever it is: an aliased YAML node can be endless. */
function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  return typeof value === 'object' || value === undefined ? kindOf(value) : String(value);
}

function describe(value: unknown): string {
  return typeof value === 'object' ? kindOf(value) : `${kindOf(value)} ${quote(value)}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value;
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
