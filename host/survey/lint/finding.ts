// What lint says of an object: a stable code, a sentence, and the cure. Knows no rules.

import { objectKey, type KubernetesObject, type Source } from '../../kubernetes/types.ts';

/** Every code, with its severity and what it means. A warning makes the exit code 1. */
export const lintCodes = {
  'selects-nothing': ['warning', 'A policy selects no pod: it does nothing.'],
  'matches-nobody': ['warning', 'A peer of a rule means no pod: it lets nobody in or out.'],
  'service-address-block': [
    'warning',
    'An ipBlock lies in the range of Service addresses: policies see the pod behind a Service.',
  ],
  'unknown-port-name': ['warning', 'A port name that no pod at the destination end carries.'],
  'service-port': [
    'warning',
    'A rule names the port of a Service where its pods listen elsewhere.',
  ],
  'no-dns': ['warning', 'Pods are isolated and may not ask the cluster for names.'],
  'service-unreachable': ['warning', 'Policies let nobody reach the pods of a Service.'],
  'closed-to-outside': [
    'warning',
    'A Service is published, but policies refuse the world outside.',
  ],
  'never-matches': ['warning', 'Rules before it in its tier take everything that a rule is for.'],
  'covered-rule': ['info', 'Everything that a rule allows is allowed by another one.'],
  'no-policy': ['info', 'No policy selects a workload for ingress.'],
} as const satisfies Record<string, readonly ['warning' | 'info', string]>;

export type LintCode = keyof typeof lintCodes;

export interface LintFinding {
  readonly code: LintCode;
  readonly severity: 'warning' | 'info';
  /** `NetworkPolicy/shop/web`. */
  readonly object: string;
  /** Field of the object: `spec.ingress[0].from[1]`; '' for the object as a whole. */
  readonly path: string;
  readonly message: string;
  readonly cure: string;
  /** Where the object is written; absent for one that podplane made. */
  readonly source?: Source;
}

export type Said = Pick<LintFinding, 'message' | 'cure'> & { readonly path?: string };

/** A finding about an object. */
export function findingOf(
  code: LintCode,
  { kind, metadata, source }: KubernetesObject,
  { path = '', message, cure }: Said,
): LintFinding {
  const { namespace, name } = metadata;
  const object = objectKey({ kind, namespace, name });
  const severity = lintCodes[code][0];
  return { code, severity, object, path, message, cure, ...(source && { source }) };
}

/** `shop/a, shop/b and 3 more`. */
export function listNames(names: readonly string[], most = 3): string {
  const rest = names.length - most;
  if (rest <= 1) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${rest} more`;
}
