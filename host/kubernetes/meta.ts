// metadata of every kind. Source: k8s.io/apimachinery `pkg/api/validation/objectmeta.go`.

import type { FieldReader } from './field-reader.ts';
import { checkDNSLabel, type TextCheck } from './names.ts';
import type { Meta } from './types.ts';
import { readAnnotations, readChecked, readLabels } from './values.ts';

/** How objects of a kind are named. */
export interface Naming {
  readonly isNamespaced: boolean;
  readonly checkName: TextCheck;
}

/** The metadata of an object, with the namespace filled in. */
export function readMeta(root: FieldReader, naming: Naming): Meta {
  const metadata = root.field('metadata');
  const deletionTimestamp = metadata.field('deletionTimestamp').text();
  const controlledBy = readController(metadata.field('ownerReferences'));
  return {
    name: readName(root, naming.checkName),
    namespace: readNamespace(metadata.field('namespace'), naming.isNamespaced),
    labels: readLabels(metadata.field('labels')),
    annotations: readAnnotations(metadata.field('annotations')),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(controlledBy !== undefined && { controlledBy }),
  };
}

function readName(root: FieldReader, check: TextCheck): string {
  const metadata = root.field('metadata');
  const name = readChecked(metadata.field('name'), check);
  if (name !== undefined) return name;
  const prefix = metadata.field('generateName').text() ?? '';
  // An API server would add five random characters.
  if (prefix !== '') return `${prefix}0`;
  const isFlat = metadata.isAbsent && typeof root.field('name').value === 'string';
  const cure = isFlat
    ? 'indent the fields of metadata: the file has lost its indentation'
    : undefined;
  metadata.field('name').required('name or generateName is required', cure);
  return '';
}

function readNamespace(reader: FieldReader, isNamespaced: boolean): string {
  const namespace = readChecked(reader, checkDNSLabel);
  if (isNamespaced) return namespace ?? 'default';
  if (namespace !== undefined) reader.forbidden('not allowed on this type');
  return '';
}

/** `Kind/name` of the owner that manages the object. */
function readController(owners: FieldReader): string | undefined {
  const controller = owners.items().find((owner) => owner.field('controller').value === true);
  const kind = controller?.field('kind').text();
  const name = controller?.field('name').text();
  return kind === undefined || name === undefined ? undefined : `${kind}/${name}`;
}
