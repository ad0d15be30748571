// What happened in a story, in words for people: packets as tcpdump would write them and as bytes,
// objects as manifests.

import { describeFrame } from '../../host/net/describe.ts';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { objectKey } from '../../host/kubernetes/types.ts';
import { printObject } from '../arbitrary/print-object.ts';
import { writeHex } from '../subject/hex.ts';
import type { Answer, Arrival } from '../subject/subject.ts';

export function tellChange(verb: 'apply' | 'delete', object: KubernetesObject): string {
  const { kind, metadata } = object;
  const key = objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
  const isApplied = verb === 'apply';
  return [`${verb} ${key}`, ...(isApplied ? indented(printObject(object)) : [])].join('\n');
}

/** A packet and what became of it; null while nobody knows. */
export function tellPacket({ frame, port }: Arrival, answer: Answer | null): string {
  const came = [`${port}: ${describeFrame(frame, 'raw')}`, `  ${writeHex(frame)}`];
  return [...came, ...(answer === null ? [] : tellAnswer(answer))].join('\n');
}

function tellAnswer({ verdict, reason, port, frame }: Answer): string[] {
  const why = reason ? ` (${reason})` : '';
  if (frame.length === 0) return [`  => ${verdict}${why}`];
  return [`  => ${verdict}${why}, ${port}: ${describeFrame(frame, 'raw')}`, `  ${writeHex(frame)}`];
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`);
}
