// The objects that people wrote, by kind, namespace and name: the last one counts. Knows nothing of
// what is made of them.

import {
  readManifests,
  readObject,
  readReference,
  type ReadResult,
  type SkippedObject,
} from '../kubernetes/read.ts';
import { objectKey, type KubernetesObject, type ObjectReference } from '../kubernetes/types.ts';
import { findWritten, withApplied, withDeleted } from '../controllers/changes.ts';
import { groupObjects, type WrittenObjects as ObjectGroups } from '../controllers/written.ts';
import { InputError, type Problem } from '../problem.ts';

/** A manifest as plain data, as `kubectl get -o json` prints it. */
export interface PlainManifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/**
 * YAML or JSON text, what a reader made of it, or objects: plain ones, which are read, or ones that
 * were read before.
 */
export type Manifests =
  string | Uint8Array | ReadResult | readonly (KubernetesObject | PlainManifest)[];

/** What to delete: `{kind, namespace, name}`, or the objects themselves. */
export type References = readonly (Partial<ObjectReference> | KubernetesObject | PlainManifest)[];

/** What `delete` is called in problems: references have no file. */
const deleteFile = 'delete';

/** A collection that does not change: `with` and `without` make another. */
export class WrittenObjects {
  readonly skipped: readonly SkippedObject[];
  readonly warnings: readonly Problem[];
  readonly groups: ObjectGroups;

  constructor(
    groups: ObjectGroups = groupObjects([], { notes: [], problems: [] }),
    rest: Pick<WrittenObjects, 'skipped' | 'warnings'> = { skipped: [], warnings: [] },
  ) {
    this.groups = groups;
    this.skipped = rest.skipped;
    this.warnings = rest.warnings;
  }

  /** By kind, namespace and name. */
  list(): KubernetesObject[] {
    return Object.values(this.groups).flat();
  }

  /** With these added, or in the place of their predecessors. */
  with({ objects, skipped, warnings }: ReadResult): WrittenObjects {
    const last = new Map(objects.map((object) => [keyOf(object), object]));
    return new WrittenObjects(withApplied(this.groups, [...last.values()]), {
      skipped: [...this.skipped, ...skipped],
      warnings: [...this.warnings, ...warnings],
    });
  }

  /** Without these; throws InputError with all that are not there. */
  without(references: readonly ObjectReference[]): WrittenObjects {
    const found = new Set<KubernetesObject>();
    const missing = references.filter((reference) => {
      const object = findWritten(this.groups, reference);
      if (object !== undefined) found.add(object);
      return object === undefined;
    });
    if (missing.length > 0) throw new InputError(missing.map(objectKey).map(notFound));
    return new WrittenObjects(withDeleted(this.groups, [...found]), this);
  }
}

/**
 * Reads manifests in any form; throws InputError with every problem. `file` names texts and plain
 * objects in problems.
 */
export function readGiven(manifests: Manifests, file: string): ReadResult {
  if (typeof manifests === 'string' || manifests instanceof Uint8Array) {
    return readManifests(manifests, file);
  }
  if ('objects' in manifests) return manifests;
  const results = manifests.map((object) => readEither(object, file));
  return {
    objects: results.flatMap(({ objects }) => objects),
    skipped: results.flatMap(({ skipped }) => skipped),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}

/** Reads what to delete; throws InputError. */
export function readReferences(references: References): ObjectReference[] {
  return references.map((reference) => readReference(reference, deleteFile));
}

/** Objects that were read before carry no apiVersion. */
function readEither(object: KubernetesObject | PlainManifest, file: string): ReadResult {
  if ('apiVersion' in object) return readObject(object, file);
  return { objects: [object], skipped: [], warnings: [] };
}

function keyOf({ kind, metadata }: KubernetesObject): string {
  return objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
}

function notFound(key: string): Problem {
  return { file: deleteFile, message: `${key} not found`, expected: 'an object that was applied' };
}
