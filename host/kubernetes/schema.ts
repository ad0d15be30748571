// Checks of kinds that are defined by a CustomResourceDefinition: an API server holds them to an
// OpenAPI schema and to rules in CEL, and words what it finds otherwise than of its own kinds.
// Source: k8s.io/kube-openapi `pkg/validation/errors/schema.go`, apiextensions-apiserver
// `pkg/apiserver/validation/validation.go` and `pkg/apiserver/schema/cel/validation.go`.

import { formatPath, type FieldReader } from './field-reader.ts';
import { reportDuplicates } from './values.ts';

/** Least and most of something, both allowed. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A required whole number; `least` after an error. */
export function readNumber(reader: FieldReader, { least, most }: Bounds): number {
  if (reader.isAbsent) reader.required();
  const number = reader.integer(-Infinity) ?? least;
  if (number < least) violates(reader, `be greater than or equal to ${least}`);
  if (number > most) violates(reader, `be less than or equal to ${most}`);
  return number;
}

/** The items of a list whose length is bounded; an absent list is not too short. */
export function readItems(reader: FieldReader, { least, most }: Bounds): FieldReader[] {
  const items = reader.items();
  if (items.length > most) reader.tooMany(items.length, most);
  if (items.length < least && !reader.isAbsent) {
    violates(reader, `have at least ${least} items`, items.length);
  }
  return items;
}

/** As `readItems`, of texts that may occur once. */
export function readSet(reader: FieldReader, bounds: Bounds): FieldReader[] {
  const items = readItems(reader, bounds);
  reportDuplicates(
    items,
    (item) => item.text(),
    (index) => items[index]!,
  );
  return items;
}

/**
 * The only field of an object, null after an error. Fields that the API does not have are left out
 * first, as an API server does; without a list of names none are.
 */
export function readOnlyField(
  reader: FieldReader,
  known?: readonly string[],
): [string, FieldReader] | null {
  if (reader.isAbsent) {
    reader.required();
    return null;
  }
  if (known !== undefined) reader.warnOfUnknownFields(known);
  const fields = reader
    .entries()
    .filter(([name, field]) => !field.isAbsent && (known?.includes(name) ?? true));
  if (fields.length === 0 && reader.isObject()) violates(reader, 'have at least 1 properties', 0);
  if (fields.length > 1) reader.tooMany(fields.length, 1);
  return fields.length === 1 ? fields[0]! : null;
}

/** A text with a bounded number of bytes; '' when absent. */
export function readBoundedText(reader: FieldReader, mostBytes: number): string {
  const text = reader.text() ?? '';
  if (new TextEncoder().encode(text).length > mostBytes) reader.tooLong(mostBytes);
  return text;
}

/** The text does not match a pattern of the schema. */
export function reportMismatch(reader: FieldReader, pattern: RegExp): void {
  violates(reader, `match '${pattern.source}'`);
}

/** A rule in CEL does not hold: such messages name the type and not the value. */
export function reportRule(reader: FieldReader, message: string, expected?: string): void {
  const type = typeof reader.value === 'object' ? 'object' : typeof reader.value;
  reader.invalid(message, expected, type);
}

function violates(reader: FieldReader, should: string, value: unknown = reader.value): void {
  reader.invalid(`${formatPath(reader.path)} in body should ${should}`, undefined, value);
}
