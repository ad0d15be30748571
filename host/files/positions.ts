// Where fields of objects stand in the files that the objects were read from. The files are read
// once more, and only where something is to be said about them.

import { readFile } from 'node:fs/promises';
import { parseManifests, type Manifest } from '../kubernetes/manifest.ts';
import type { Path, Position } from '../kubernetes/positions.ts';
import type { Source } from '../kubernetes/types.ts';

/** A field of an object that was read from a file. */
export interface PlacedField {
  readonly source: Source;
  /** `spec.ingress[0].from[1]`; '' for the object. */
  readonly path: string;
}

/** Finds fields in files that were read before, and may be read again. */
export class FieldFinder {
  readonly #manifests = new Map<string, Map<number, Manifest>>();

  /** Position of a field; null where the file cannot be read again: standard input. */
  async find({ source, path }: PlacedField): Promise<Position | null> {
    let manifests = this.#manifests.get(source.file);
    if (manifests === undefined) {
      manifests = await readByLine(source.file);
      this.#manifests.set(source.file, manifests);
    }
    return manifests.get(source.line)?.locate(parsePath(path)) ?? null;
  }
}

/** The objects of a file by the lines that they start on. */
async function readByLine(file: string): Promise<Map<number, Manifest>> {
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return new Map();
  const objects = [...parseManifests(bytes, file, { errors: [], warnings: [] })];
  return new Map(objects.map((object) => [object.position.line, object]));
}

/** `spec.ingress[0].from` as keys and indices. */
function parsePath(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, key]) =>
    index === undefined ? key! : Number(index),
  );
}
