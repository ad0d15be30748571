// Reads scenario files: YAML or JSON, several documents; documents of other kinds are left
// alone. Everything that is wrong is said at once, with its place.

import { FieldReader, formatPath, type Finding } from '../kubernetes/field-reader.ts';
import { parseManifests, type Manifest } from '../kubernetes/manifest.ts';
import { readObject, readReference, type Locate } from '../kubernetes/read.ts';
import type { KubernetesObject, ObjectReference } from '../kubernetes/types.ts';
import { readAnnotations } from '../kubernetes/values.ts';
import { canonicalAddress } from '../net/address.ts';
import { InputError, type Problem } from '../problem.ts';
import { present, readConfig } from './read-config.ts';
import { readAt, readFlow } from './read-flow.ts';
import { wholeCluster } from './scenario.ts';
import type { Change, Flow, Place, Scenario, ScenarioConfig } from './scenario.ts';

const apiVersion = 'podplane.io/v1alpha1';
const specFields = ['node', 'nodeAddresses', 'config', 'manifests', 'objects', 'flows'];

export interface ScenarioFile {
  readonly scenarios: Scenario[];
  readonly warnings: Problem[];
}

/**
 * The scenarios of a text. Throws InputError with every problem of every document, or if there is
 * no scenario.
 */
export function readScenarios(text: string | Uint8Array, file: string): ScenarioFile {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const log: Log = { file, errors: [], warnings: [] };
  const scenarios: Scenario[] = [];
  for (const manifest of parseManifests(bytes, file, log)) {
    if (kindOf(manifest) === 'Scenario') scenarios.push(readScenario(manifest, log));
  }
  if (scenarios.length === 0 && log.errors.length === 0) {
    const expected = `a document with apiVersion: ${apiVersion} and kind: Scenario`;
    log.errors.push({ file, message: 'no scenario in this file', expected });
  }
  if (log.errors.length > 0) throw new InputError(log.errors);
  return { scenarios, warnings: log.warnings };
}

/** Settings of a file that holds nothing else. Throws InputError. */
export function readConfigFile(text: string | Uint8Array, file: string): ScenarioConfig {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const log: Log = { file, errors: [], warnings: [] };
  const configs = [...parseManifests(bytes, file, log)].map((manifest) =>
    readConfig(readerOf(manifest, log)),
  );
  const problems = [...log.errors, ...log.warnings];
  if (problems.length > 0) throw new InputError(problems);
  return Object.assign({ controllers: true }, ...configs) as ScenarioConfig;
}

interface Log {
  readonly file: string;
  readonly errors: Problem[];
  readonly warnings: Problem[];
}

function kindOf({ value }: Manifest): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}

function readerOf({ value, locate }: Manifest, log: Log): FieldReader {
  return FieldReader.ofObject(value, (finding: Finding) => {
    const { severity, path, message, expected } = finding;
    const problem = { file: log.file, ...locate(path), path: formatPath(path), message };
    const list = severity === 'error' ? log.errors : log.warnings;
    list.push({ ...problem, ...present('expected', expected) });
  });
}

function readScenario(manifest: Manifest, log: Log): Scenario {
  const root = readerOf(manifest, log);
  if (root.field('apiVersion').requiredText() !== apiVersion) {
    root.field('apiVersion').unsupported([apiVersion]);
  }
  const spec = root.field('spec');
  spec.warnOfUnknownFields(specFields);
  const node = spec.field('node').text();
  const isWhole = node === wholeCluster;
  const nodeAddresses = spec.field('nodeAddresses');
  if (isWhole && !nodeAddresses.isAbsent) {
    nodeAddresses.forbidden('belongs to one node; in a whole cluster each has its own');
  }
  return {
    name: root.field('metadata').field('name').requiredText(),
    file: log.file,
    annotations: readAnnotations(root.field('metadata').field('annotations')),
    config: readConfig(spec.field('config')),
    manifests: spec
      .field('manifests')
      .items()
      .map((item) => item.requiredText()),
    objects: readObjects(spec.field('objects'), manifest, log),
    steps: readSteps({ reader: spec.field('flows'), isWhole }, manifest, log),
    ...present('node', node),
    ...present('nodeAddresses', readAddresses(nodeAddresses)),
  };
}

function readAddresses(reader: FieldReader): string[] | undefined {
  if (reader.isAbsent) return undefined;
  return reader.items().map((item) => {
    const text = item.requiredText();
    const address = canonicalAddress(text);
    if (address === null) item.invalid('must be an IP address');
    return address ?? text;
  });
}

/** Steps in the order in which they run: by time, then as written. */
function readSteps(
  { reader, isWhole }: { readonly reader: FieldReader; readonly isWhole: boolean },
  manifest: Manifest,
  log: Log,
): (Flow | Change)[] {
  const steps = reader.items().map((item): Flow | Change => {
    const atMs = readAt(item.field('at'));
    const place: Place = {
      file: log.file,
      ...manifest.locate(item.path),
      path: formatPath(item.path),
    };
    const change = item.field('change');
    if (change.isAbsent) return { ...readFlow(item, { atMs, isWhole }), place };
    item.warnOfUnknownFields(['name', 'change', 'at']);
    change.warnOfUnknownFields(['apply', 'delete']);
    return {
      type: 'change',
      place,
      atMs,
      apply: readObjects(change.field('apply'), manifest, log),
      delete: readReferences(change.field('delete'), manifest, log),
    };
  });
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function readObjects(reader: FieldReader, manifest: Manifest, log: Log): KubernetesObject[] {
  return collect(reader, manifest, log, (value, locate) => {
    const { objects, warnings } = readObject(value, log.file, locate);
    log.warnings.push(...warnings);
    return objects;
  });
}

function readReferences(reader: FieldReader, manifest: Manifest, log: Log): ObjectReference[] {
  return collect(reader, manifest, log, (value, locate) => [
    readReference(value, log.file, locate),
  ]);
}

/** Reads each item as a thing of its own, its problems placed in this file. */
function collect<Item>(
  reader: FieldReader,
  manifest: Manifest,
  log: Log,
  read: (value: unknown, locate: Locate) => Item[],
): Item[] {
  return reader.items().flatMap((item) => {
    try {
      return read(item.value, (path) => manifest.locate([...item.path, ...path]));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      log.errors.push(...error.problems);
      return [];
    }
  });
}
