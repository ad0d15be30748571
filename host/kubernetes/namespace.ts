// Reads a Namespace.

import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSLabel } from './names.ts';
import type { Namespace } from './types.ts';

/**
 * The label by which policies name a namespace; an API server sets it and lets nobody change it.
 */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

export function readNamespace(root: FieldReader): Namespace {
  const metadata = readMeta(root, { isNamespaced: false, checkName: checkDNSLabel });
  const labels = { ...metadata.labels, [NAMESPACE_NAME_LABEL]: metadata.name };
  return { kind: 'Namespace', metadata: { ...metadata, labels } };
}
