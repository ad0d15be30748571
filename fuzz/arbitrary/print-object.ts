// An object as people write it: a manifest in YAML, short enough to be read among others.

import { dump } from 'js-yaml';
import type { KubernetesObject } from '../../host/kubernetes/types.ts';
import { writeObject } from '../../host/kubernetes/write.ts';

/** A line for each field of the object itself. */
export function printObject(object: KubernetesObject): string {
  return dump(writeObject(object), { flowLevel: 1, noRefs: true, lineWidth: -1 }).trimEnd();
}
