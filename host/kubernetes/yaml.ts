// One YAML document to a plain value, with the scalars that kubectl's YAML library
// (sigs.k8s.io/yaml over go-yaml v2) would make of it: `n` is false, 0120 is 80, dates are strings.
// Knows nothing of Kubernetes objects.

import { FAILSAFE_SCHEMA, load, Type, type LoadOptions } from 'js-yaml';

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUES = new Set('y Y yes Yes YES true True TRUE on On ON'.split(' '));
const FALSES = new Set('n N no No NO false False FALSE off Off OFF'.split(' '));
const NOT_FINITE = /^(?:([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const DECIMAL = /^[-+]?(?:0|[1-9][0-9]*)$/;
/** A bare leading zero means octal, as in C. */
const PREFIXED = /^([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))$/;

/** The value of an unquoted scalar. Source: go-yaml v2 `resolve.go`. */
export function scalarValue(text: string): string | number | boolean | null {
  if (NULLS.has(text)) return null;
  if (TRUES.has(text)) return true;
  if (FALSES.has(text)) return false;
  return numberValue(text) ?? text;
}

function numberValue(text: string): number | null {
  if (!/^[-+.0-9]/.test(text)) return null;
  const notFinite = NOT_FINITE.exec(text);
  if (notFinite !== null)
    return notFinite[1] === undefined ? NaN : Number(`${notFinite[1]}Infinity`);
  const digits = text.replaceAll('_', '');
  if (DECIMAL.test(digits)) return Number(digits);
  const prefixed = PREFIXED.exec(digits);
  if (prefixed !== null) {
    const [, sign, hexadecimal, binary, octal] = prefixed;
    const radix = hexadecimal !== undefined ? 16 : binary !== undefined ? 2 : 8;
    const magnitude = Number.parseInt((hexadecimal ?? binary ?? octal)!, radix);
    return sign === '-' ? -magnitude : magnitude;
  }
  return FLOAT.test(digits) ? Number(digits) : null;
}

const isPlainString = (text: string) => typeof scalarValue(text) === 'string';

/** Unquoted scalars; the tag is never written, so any name that is no YAML tag serves. */
const plainScalar = new Type('!plain', {
  kind: 'scalar',
  resolve: (text: string) => !isPlainString(text),
  construct: scalarValue,
});

const mergeKey = new Type('tag:yaml.org,2002:merge', {
  kind: 'scalar',
  resolve: (text: string) => text === '<<',
});

const tagged = (tag: string, construct: (text: string) => unknown) =>
  new Type(`tag:yaml.org,2002:${tag}`, { kind: 'scalar', construct });

/** Tags that Go does not know are ignored: the node stays what it is, a scalar stays text. */
const ignoredTags = (['!', 'tag:'] as const).flatMap((prefix) =>
  (['scalar', 'sequence', 'mapping'] as const).map(
    (kind) => new Type(prefix, { kind, multi: true, construct: (value: unknown) => value }),
  ),
);

const schema = FAILSAFE_SCHEMA.extend({
  implicit: [plainScalar, mergeKey],
  explicit: [
    ...['null', 'bool', 'int', 'float'].map((tag) => tagged(tag, scalarValue)),
    tagged('binary', (text) => new TextDecoder().decode(bytesOfBase64(text))),
    ...ignoredTags,
  ],
});

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * The value of one document; undefined when it is empty. Throws YAMLException (with `mark`) for bad
 * syntax, and for a duplicated key unless `lastKeyWins`.
 */
export function parseYAML(
  text: string,
  options: { lastKeyWins?: boolean; listener?: NonNullable<LoadOptions['listener']> } = {},
): unknown {
  const { lastKeyWins = false, listener } = options;
  return load(text, { schema, json: lastKeyWins, ...(listener && { listener }) });
}
