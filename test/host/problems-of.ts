// What is said about a bad manifest: shared by the tables of bad manifests.

import { expect } from 'vitest';
import { readManifests } from '../../host/kubernetes/read.ts';
import { formatProblem, InputError, type Problem } from '../../host/problem.ts';

/** Every problem of a text, as it is printed; none when it is read. */
export function problemsOf(text: string | Uint8Array): string[] {
  try {
    readManifests(text, 'f');
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { problems } = error as InputError;
    if (typeof text === 'string') for (const problem of problems) checkPlace(text, problem);
    return problems.map(formatProblem);
  }
}

/** A problem that quotes a value of a field must stand where that value stands. */
function checkPlace(text: string, { line = 1, column = 1, message, path }: Problem): void {
  const value = /^(?:Invalid|Unsupported|Duplicate) value: "?([-\w.:]+)"?(?::|$)/.exec(
    message,
  )?.[1];
  if (value === undefined || path?.startsWith('metadata.labels')) return;
  // Of a CustomResourceDefinition: the number of items, or the type.
  if (/ in body should have |^Invalid value: "(object|string)": /.test(message)) return;
  const rest = text.split('\n')[line - 1]!.slice(column - 1);
  expect(rest.replace(/^"/, '').slice(0, value.length)).toBe(value);
}

export const NOT_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
export const NOT_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
export const NOT_SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " +
  "'.', and must start and end with an alphanumeric character (e.g. 'example.com')";
