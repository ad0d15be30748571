// The door of this folder: texts and plain values to Kubernetes objects, complete with defaults, or
// every problem at once. Knows which kinds are read; what is of another kind is skipped and listed.

import { InputError, type Problem } from '../problem.ts';
import { readEndpointSlice } from './endpoint-slice.ts';
import { readEndpoints } from './endpoints.ts';
import { FieldReader, formatPath, type Finding } from './field-reader.ts';
import { expandLists, parseManifests, type ProblemLog } from './manifest.ts';
import { readNamespace } from './namespace.ts';
import { readNetworkPolicy } from './network-policy.ts';
import { readNode } from './node.ts';
import { readPod } from './pod.ts';
import type { Path, Position } from './positions.ts';
import { readService } from './service.ts';
import type { Kind, KubernetesObject, ObjectReference, Source } from './types.ts';
import {
  readAdminNetworkPolicy,
  readBaselineAdminNetworkPolicy,
  readClusterNetworkPolicy,
} from './tier-policy.ts';
import { readWorkload } from './workload.ts';

/** An object that podplane has no use for. */
export interface SkippedObject extends ObjectReference {
  readonly apiVersion: string;
  readonly source?: Source;
}

export interface ReadResult {
  readonly objects: KubernetesObject[];
  readonly skipped: SkippedObject[];
  readonly warnings: Problem[];
}

/** Where a plain value was written, for those who know. */
export type Locate = (path: Path) => Position;

interface KindReader {
  readonly apiVersion: string;
  readonly read: (root: FieldReader) => KubernetesObject;
}

const workload = (apiVersion: string, kind: Parameters<typeof readWorkload>[1]): KindReader => ({
  apiVersion,
  read: (root) => readWorkload(root, kind),
});

const kinds: Readonly<Record<Kind, KindReader>> = {
  Namespace: { apiVersion: 'v1', read: readNamespace },
  Node: { apiVersion: 'v1', read: readNode },
  Pod: { apiVersion: 'v1', read: readPod },
  Deployment: workload('apps/v1', 'Deployment'),
  ReplicaSet: workload('apps/v1', 'ReplicaSet'),
  StatefulSet: workload('apps/v1', 'StatefulSet'),
  DaemonSet: workload('apps/v1', 'DaemonSet'),
  Job: workload('batch/v1', 'Job'),
  Service: { apiVersion: 'v1', read: readService },
  Endpoints: { apiVersion: 'v1', read: readEndpoints },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', read: readEndpointSlice },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', read: readNetworkPolicy },
  ClusterNetworkPolicy: {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    read: readClusterNetworkPolicy,
  },
  AdminNetworkPolicy: {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    read: readAdminNetworkPolicy,
  },
  BaselineAdminNetworkPolicy: {
    apiVersion: 'policy.networking.k8s.io/v1alpha1',
    read: readBaselineAdminNetworkPolicy,
  },
};

const clusterWide: ReadonlySet<string> = new Set<Kind>([
  'Namespace',
  'Node',
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
]);

/**
 * The objects of a text: YAML or JSON, several documents, Lists. Empty documents are skipped.
 * Throws InputError with every problem of every document.
 */
export function readManifests(text: string | Uint8Array, file: string): ReadResult {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const reading = new Reading(file);
  for (const { value, position, locate } of parseManifests(bytes, file, reading)) {
    reading.read(value, { file, line: position.line }, locate);
  }
  return reading.finish();
}

/** As `readManifests`, for an object or List that is already a plain value. `file` names it. */
export function readObject(value: unknown, file: string, locate?: Locate): ReadResult {
  const reading = new Reading(file);
  const refuse = (path: Path) =>
    reading.log({ severity: 'error', path, message: 'Lists are nested too deeply' }, locate);
  for (const { value: object, path } of expandLists(value, refuse)) {
    const locateInner = locate && ((inner: Path) => locate([...path, ...inner]));
    reading.read(object, locateInner && { file, line: locateInner([]).line }, locateInner);
  }
  return reading.finish();
}

/**
 * What an object is known by, from the object itself or from `{kind, namespace, name}`. The
 * namespace is `default` unless written, and '' of kinds that have none. Throws InputError.
 */
export function readReference(value: unknown, file: string, locate?: Locate): ObjectReference {
  const reading = new Reading(file);
  const root = FieldReader.ofObject(value, (finding) => reading.log(finding, locate));
  const metadata = root.field('metadata');
  const place = metadata.isAbsent ? root : metadata;
  const kind = root.field('kind').requiredText();
  const name = place.field('name').requiredText();
  const namespace = place.field('namespace').text();
  reading.finish();
  return { kind, namespace: clusterWide.has(kind) ? '' : namespace || 'default', name };
}

/** One reading of a file: the objects so far, and what is wrong so far. */
class Reading implements ProblemLog {
  readonly errors: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #objects: KubernetesObject[] = [];
  readonly #skipped: SkippedObject[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  read(value: unknown, source: Source | undefined, locate: Locate | undefined): void {
    const seen = new Set<string>();
    const root = FieldReader.ofObject(value, (finding) => {
      const key = `${formatPath(finding.path)}: ${finding.message}`;
      if (!seen.has(key)) this.log(finding, locate);
      seen.add(key);
    });
    const place = source === undefined ? {} : { source };
    const kind = findKind(root);
    if (kind === 'skipped') this.#skipped.push({ ...describe(root), ...place });
    else if (kind !== null) this.#objects.push({ ...kinds[kind].read(root), ...place });
  }

  log({ severity, path, message, expected }: Finding, locate: Locate | undefined): void {
    const problem: Problem = {
      file: this.#file,
      ...locate?.(path),
      ...(path.length > 0 && { path: formatPath(path) }),
      message,
      ...(expected !== undefined && { expected }),
    };
    (severity === 'error' ? this.errors : this.warnings).push(problem);
  }

  finish(): ReadResult {
    if (this.errors.length > 0) throw new InputError(this.errors.sort(byPosition));
    const warnings = this.warnings.sort(byPosition);
    return { objects: this.#objects, skipped: this.#skipped, warnings };
  }
}

/** The kind to read the object as, `skipped`, or null after an error. */
function findKind(root: FieldReader): Kind | 'skipped' | null {
  if (!root.isObject()) return null;
  const kind = root.field('kind').requiredText();
  const apiVersion = root.field('apiVersion');
  const written = apiVersion.text();
  if (kind === '') return null;
  if (!isKind(kind)) return 'skipped';
  const expected = kinds[kind].apiVersion;
  if (written === undefined || written === '') {
    apiVersion.warn('Required value', `taken as ${expected}`);
    return kind;
  }
  if (written === expected) return kind;
  const isOfAPI = [groupOf(expected), 'extensions'].includes(groupOf(written));
  if (!isOfAPI) return 'skipped';
  apiVersion.unsupported([expected]);
  return null;
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(kinds, kind);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** What can be said of an object of an unknown kind. */
function describe(root: FieldReader): Omit<SkippedObject, 'source'> {
  const textOf = (reader: FieldReader) => (typeof reader.value === 'string' ? reader.value : '');
  const { value } = root.field('metadata');
  const isObject = typeof value === 'object' && !Array.isArray(value);
  const field = (name: string) => (isObject ? textOf(root.field('metadata').field(name)) : '');
  return {
    apiVersion: textOf(root.field('apiVersion')),
    kind: textOf(root.field('kind')),
    namespace: field('namespace'),
    name: field('name'),
  };
}

function byPosition(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
