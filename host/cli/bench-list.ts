// A whole cluster from one List, as `kubectl get -o json` or `-o yaml` prints it: what it takes to
// read it from a file, to complete, compile and load it, and what one endpoint's change costs then.
// The file is written first, object by object. Everything derives from numbers.

import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capacityFor } from '../cluster/capacity.ts';
import { Cluster } from '../cluster/cluster.ts';
import type { PlainManifest } from '../cluster/written-objects.ts';
import { compileNode, defaultNodeConfig } from '../compile/compile-node.ts';
import { Instance } from '../dataplane/instance.ts';
import { readManifestFiles } from '../files/manifests.ts';
import { applyPlan } from '../reconcile/apply.ts';
import { plan } from '../reconcile/plan.ts';
import { listItem, type ListSizes } from './bench-objects.ts';
import { medianOf } from './bench-parts.ts';
import { StepLog, type BenchStep } from './bench-steps.ts';
import { serialize } from './serialize.ts';
import type { Terminal } from './terminal.ts';

export type ListFormat = 'json' | 'yaml';

export interface ListReport {
  readonly format: ListFormat;
  readonly fileBytes: number;
  readonly objects: number;
  readonly steps: readonly BenchStep[];
  /** `Cluster.apply` of a slice of which one endpoint has changed: median. */
  readonly changeMilliseconds: number;
}

const node = 'node-0';
const changeRounds = 51;
/** Of text, before it is written. */
const writtenAtOnce = 1000;

export async function measureList(
  format: ListFormat,
  sizes: ListSizes,
  terminal: Terminal,
): Promise<ListReport> {
  const folder = mkdtempSync(join(tmpdir(), 'podplane-bench-'));
  try {
    const file = join(folder, `list.${format}`);
    const objects = writeList(file, format, sizes);
    const log = new StepLog(terminal);
    const cluster = await loadFile(file, log);
    const changeMilliseconds = measureChange(cluster, sizes, terminal);
    const fileBytes = statSync(file).size;
    return { format, fileBytes, objects, steps: log.steps, changeMilliseconds };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function loadFile(file: string, log: StepLog): Promise<Cluster> {
  const read = await log.time('read', () => readManifestFiles([file]));
  const cluster = await log.time('complete', () => Cluster.from(read));
  const { desired } = await log.time('compile for one node', () =>
    compileNode(cluster.state, node, defaultNodeConfig),
  );
  const instance = await Instance.create({ capacity: capacityFor(desired, defaultNodeConfig) });
  await log.time('load', () => applyPlan(instance, plan({}, desired)));
  await cluster.dataplane({ node });
  return cluster;
}

function measureChange(cluster: Cluster, sizes: ListSizes, terminal: Terminal): number {
  const costs: number[] = [];
  for (let round = 0; round < changeRounds; round++) {
    const slice = [listItem('slice', 7, sizes, round % 2 === 1)];
    const start = terminal.now();
    cluster.apply(slice);
    costs.push(terminal.now() - start);
  }
  return medianOf(costs);
}

/** Writes a List of everything; returns the number of its items. */
function writeList(path: string, format: ListFormat, sizes: ListSizes): number {
  const file = openSync(path, 'w');
  const head = { apiVersion: 'v1', kind: 'List' };
  writeSync(
    file,
    format === 'json' ? `{\n    "apiVersion": "v1",\n    "items": [\n` : 'apiVersion: v1\nitems:\n',
  );
  let items = 0;
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length > 0) writeSync(file, waiting.join(''));
    waiting = [];
  };
  for (const item of listItems(sizes)) {
    waiting.push(printItem(item, format, items === 0));
    items += 1;
    if (waiting.length === writtenAtOnce) flush();
  }
  flush();
  writeSync(file, format === 'json' ? `\n    ],\n    "kind": "${head.kind}"\n}\n` : 'kind: List\n');
  closeSync(file);
  return items;
}

function* listItems(sizes: ListSizes): Generator<PlainManifest> {
  for (let number = 0; number < sizes.nodes; number++) yield listItem('node', number, sizes);
  for (let number = 0; number < sizes.services; number++) {
    yield listItem('service', number, sizes);
    yield listItem('slice', number, sizes);
  }
  for (let number = 0; number < sizes.pods; number++) yield listItem('pod', number, sizes);
  for (let number = 0; number < sizes.policies; number++) yield listItem('policy', number, sizes);
}

function printItem(item: PlainManifest, format: ListFormat, isFirst: boolean): string {
  if (format === 'json') {
    const text = JSON.stringify(item, null, 4).replaceAll('\n', '\n        ');
    return `${isFirst ? '' : ',\n'}        ${text}`;
  }
  const lines = serialize(item, 'yaml').trimEnd().split('\n');
  return lines.map((line, index) => `${index === 0 ? '- ' : '  '}${line}\n`).join('');
}
