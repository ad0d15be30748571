// Reads what makes pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job. Only how many pods of
// which shape matters. Source: apps/v1, batch/v1, `pkg/apis/apps/validation`,
// `pkg/apis/apps/v1/defaults.go`.

import type { FieldReader } from './field-reader.ts';
import { readMeta } from './meta.ts';
import { checkDNSSubdomain } from './names.ts';
import { readPodSpec } from './pod.ts';
import { matchesSelector, readLabelSelector } from './selector.ts';
import type { LabelSelector, PodTemplate, Workload } from './types.ts';
import { readAnnotations, readLabels } from './values.ts';

export function readWorkload(root: FieldReader, kind: Workload['kind']): Workload {
  const spec = root.field('spec');
  const metadata = readMeta(root, { isNamespaced: true, checkName: checkDNSSubdomain });
  const template = readTemplate(spec.field('template'));
  const selector = readSelector(spec, kind, template);
  const serviceName = kind === 'StatefulSet' ? spec.field('serviceName').text() : undefined;
  const replicas = kind === 'Job' ? readParallelism(root) : readReplicas(spec, kind);
  return {
    kind,
    metadata,
    spec: {
      ...(replicas !== undefined && { replicas }),
      ...(selector !== undefined && { selector }),
      ...(serviceName !== undefined && { serviceName }),
      template,
    },
  };
}

function readReplicas(spec: FieldReader, kind: Workload['kind']): number | undefined {
  return kind === 'DaemonSet' ? undefined : (spec.field('replicas').integer(0) ?? 1);
}

/** Pods that a Job runs at one time: none when it is suspended or over. */
function readParallelism(root: FieldReader): number {
  const spec = root.field('spec');
  const parallelism = spec.field('parallelism').integer(0) ?? 1;
  const completions = spec.field('completions').integer(0) ?? parallelism;
  const isSuspended = spec.field('suspend').boolean() ?? false;
  const conditions = root.field('status').field('conditions').items();
  const isOver = conditions.some(
    (condition) =>
      ['Complete', 'Failed'].includes(condition.field('type').text() ?? '') &&
      condition.field('status').value === 'True',
  );
  return isSuspended || isOver ? 0 : Math.min(parallelism, completions);
}

function readTemplate(template: FieldReader): PodTemplate {
  if (template.isAbsent) template.required();
  const metadata = template.field('metadata');
  return {
    metadata: {
      labels: readLabels(metadata.field('labels')),
      annotations: readAnnotations(metadata.field('annotations')),
    },
    spec: readPodSpec(template.field('spec')),
  };
}

/**
 * The selector must be there and match the template's labels, except of a Job, whose selector an
 * API server makes.
 */
function readSelector(
  spec: FieldReader,
  kind: Workload['kind'],
  template: PodTemplate,
): LabelSelector | undefined {
  const reader = spec.field('selector');
  const selector = readLabelSelector(reader);
  if (kind === 'Job') return selector;
  if (selector === undefined) {
    reader.required();
  } else if (!matchesSelector(selector, template.metadata.labels)) {
    const labels = spec.field('template').field('metadata').field('labels');
    labels.invalid('`selector` does not match template `labels`');
  }
  return selector;
}
