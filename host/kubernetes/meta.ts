// metadata of every kind. Source: k8s.io/apimachinery `pkg/api/validation/objectmeta.go`.

import type { FieldReader } from './field-reader.ts';
import { checkDNSLabel, type TextCheck } from './names.ts';
import type { Meta } from './types.ts';
import { isPresent, readAnnotations, readChecked, readLabels } from './values.ts';

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
  const name = metadata.field('name');
  if (isPresent(name)) return readChecked(name, check) ?? '';
  const prefix = metadata.field('generateName').text() ?? '';
  // An API server would add five random characters.
  if (prefix !== '') return `${prefix}0`;
  if (metadata.isAbsent || metadata.isObject()) reportMissingName(root, name);
  return '';
}

function reportMissingName(root: FieldReader, name: FieldReader): void {
  const isFlat = root.field('metadata').isAbsent && typeof root.field('name').value === 'string';
  const cure = 'indent the fields of metadata: the file has lost its indentation';
  name.required('name or generateName is required', isFlat ? cure : undefined);
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
