// What the controllers have to say about the objects: notes for people, problems that refuse the
// whole input.

import { objectKey, type KubernetesObject } from '../kubernetes/types.ts';
import type { Problem } from '../problem.ts';
import type { Note } from './state.ts';

/** What is wrong with one field of an object. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
  readonly expected: string;
}

export interface Findings {
  readonly notes: Note[];
  readonly problems: Problem[];
}

/** `Service/default/web`. */
export function keyOf(object: KubernetesObject): string {
  const { namespace, name } = object.metadata;
  return objectKey({ kind: object.kind, namespace, name });
}

export function addNote(findings: Findings, object: KubernetesObject, message: string): void {
  const note = { object: keyOf(object), message };
  findings.notes.push(object.source === undefined ? note : { ...note, source: object.source });
}

/** A note about the cluster as a whole. */
export function addClusterNote(findings: Findings, message: string): void {
  findings.notes.push({ object: '', message });
}

/**
 * Refuses a field of an object. Objects that were never written to a file are named by their key.
 */
export function addProblem(
  findings: Findings,
  object: KubernetesObject,
  problem: FieldProblem,
): void {
  const { source } = object;
  findings.problems.push(
    source === undefined
      ? { file: keyOf(object), ...problem }
      : { file: source.file, line: source.line, ...problem },
  );
}

/** As `addProblem`, but once for what befalls many objects for one cause: a range that is full. */
export function addProblemOnce(
  findings: Findings,
  object: KubernetesObject,
  problem: FieldProblem,
): void {
  if (findings.problems.some(({ message }) => message === problem.message)) return;
  addProblem(findings, object, problem);
}
