// What a Service is in outline. Most of its fields are allowed or not, and have defaults or not,
// depending on this.

import type { FieldReader } from './field-reader.ts';
import type { Service } from './types.ts';
import { isPresent } from './values.ts';

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;

export interface ServiceShape {
  readonly type: Service['spec']['type'];
  /** Has no cluster address on purpose. */
  readonly isHeadless: boolean;
  /** Has a front-end outside the cluster network. */
  readonly isExternal: boolean;
}

export function readShape(spec: FieldReader): ServiceShape {
  const typeReader = spec.field('type');
  // A slip in the type must not bring on complaints about the fields of the type that was meant.
  const type = typeReader.oneOf(TYPES) ?? (isPresent(typeReader) ? 'LoadBalancer' : 'ClusterIP');
  const addresses = [spec.field('clusterIP'), ...spec.field('clusterIPs').items()];
  return {
    type,
    isHeadless: type !== 'ExternalName' && addresses.some(({ value }) => value === 'None'),
    isExternal:
      type === 'NodePort' ||
      type === 'LoadBalancer' ||
      (type === 'ClusterIP' && spec.field('externalIPs').items().length > 0),
  };
}
