// What is said over a pipe to a dataplane in another process, and how its answers are read: one
// line of JSON each. Knows no process. The protocol for people: docs/reference/pipe-protocol.md.

import { parseHex } from './hex.ts';
import type { NodeConfig } from '../../host/compile/desired.ts';
import type { ObjectReference } from '../../host/kubernetes/types.ts';
import type { PlainObject } from '../../host/kubernetes/write.ts';
import { parseClaims, type Claims } from './claims.ts';
import type { Answer } from './subject.ts';
import { SubjectError } from './subject.ts';

export const pipeVersion = 1;

/** What is asked; every request has one answer. */
export type Request =
  | { readonly start: { readonly node: string; readonly config: NodeConfig } }
  | { readonly apply: readonly PlainObject[] }
  | { readonly delete: readonly ObjectReference[] }
  /** Milliseconds since an epoch. */
  | { readonly clock: number }
  /** From the IP header up, in hexadecimal. */
  | { readonly packet: { readonly port: string; readonly hex: string } }
  | { readonly dump: true };

export type Fields = Readonly<Record<string, unknown>>;

export interface Hello {
  readonly name: string;
  readonly claims: Claims;
}

const verdicts = ['forward', 'local', 'reply', 'drop'] as const;

/** Reads the first line of a subject; throws SubjectError with all that is wrong. */
export function parseHello(line: string): Hello {
  const fields = parseFields(line, `{"hello":${pipeVersion},…}`);
  const { hello, name = 'a subject' } = fields;
  if (hello !== pipeVersion) {
    const spoken = JSON.stringify(hello) ?? 'none';
    throw new SubjectError(`it speaks version ${spoken} of the protocol; expected ${pipeVersion}`);
  }
  const { claims, problems } = parseClaims(fields);
  const all = typeof name === 'string' ? problems : ['name: expected text', ...problems];
  if (all.length > 0) throw new SubjectError(`its hello is wrong: ${all.join('; ')}`);
  return { name: String(name), claims };
}

/** Reads the answer to a request; throws SubjectError. */
export function parseAnswer(line: string, id: number): Fields {
  const fields = parseFields(line, `an answer {"id":${id},…}`);
  if (fields['id'] !== id) {
    throw new SubjectError(`it answered ${excerpt(line)}; expected an answer with "id":${id}`);
  }
  if (fields['error'] !== undefined) {
    throw new SubjectError(`it refuses: ${String(fields['error'])}`);
  }
  return fields;
}

/** Reads what became of a packet; throws SubjectError with all that is wrong. */
export function parseOutcome(fields: Fields): Answer {
  const problems: string[] = [];
  const verdict = verdicts.find((known) => known === fields['verdict']);
  if (verdict === undefined) {
    problems.push(`verdict: ${told(fields['verdict'])}; expected one of ${verdicts.join(', ')}`);
  }
  const leaves = verdict !== 'drop';
  const port = fields['port'] ?? (verdict === 'local' ? 'host' : null);
  if (leaves && typeof port !== 'string') {
    problems.push(`port: ${told(port)}; expected where it leaves`);
  }
  const frame = leaves ? parseHex(fields['hex']) : new Uint8Array();
  if (frame === null) problems.push(`hex: ${told(fields['hex'])}; expected what leaves`);
  const { reason, service } = fields;
  if (reason !== undefined && reason !== null && typeof reason !== 'string') {
    problems.push(`reason: ${told(reason)}; expected a code, null or nothing`);
  }
  const named = parseService(service);
  if (named === 'wrong') {
    problems.push(`service: ${told(service)}; expected namespace/name, null or nothing`);
  }
  if (problems.length > 0 || verdict === undefined || frame === null || named === 'wrong') {
    throw new SubjectError(`its answer is wrong: ${problems.join('; ')}`);
  }
  return {
    verdict,
    port: leaves ? String(port) : null,
    frame,
    ...(reason !== undefined && { reason: reason === null ? null : String(reason) }),
    ...(named !== undefined && { service: named }),
  };
}

function parseService(value: unknown): Answer['service'] | 'wrong' {
  if (value === undefined || value === null) return value;
  const [namespace, name, ...rest] = typeof value === 'string' ? value.split('/') : [];
  const isWhole = namespace && name && rest.length === 0;
  return isWhole ? { namespace, name } : 'wrong';
}

function parseFields(line: string, expected: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SubjectError(`it said ${excerpt(line)}; expected ${expected}`);
}

const longestExcerpt = 200;

/** A line as a message quotes it. */
export function excerpt(line: string): string {
  const text = line.length > longestExcerpt ? `${line.slice(0, longestExcerpt)}…` : line;
  return `"${text}"`;
}

function told(value: unknown): string {
  return value === undefined || value === null ? 'none' : excerpt(JSON.stringify(value));
}
