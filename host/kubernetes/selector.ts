// Label selectors: reading, and whether labels match. An absent selector is the caller's question:
// fields differ in what it means. Source: k8s.io/apimachinery `pkg/labels/selector.go`,
// `pkg/apis/meta/v1/validation`.

import type { FieldReader } from './field-reader.ts';
import { checkLabelValue, checkQualifiedName } from './names.ts';
import type { Labels, LabelSelector } from './types.ts';
import { readLabels } from './values.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** A metav1.LabelSelector; undefined when absent. */
export function readLabelSelector(reader: FieldReader): LabelSelector | undefined {
  if (reader.isAbsent) return undefined;
  reader.warnOfUnknownFields(['matchLabels', 'matchExpressions']);
  const matchLabels = reader.field('matchLabels');
  const matchExpressions = reader.field('matchExpressions');
  return {
    ...(!matchLabels.isAbsent && { matchLabels: readLabels(matchLabels) }),
    ...(!matchExpressions.isAbsent && {
      matchExpressions: matchExpressions.items().map(readRequirement),
    }),
  };
}

function readRequirement(reader: FieldReader): Requirement {
  const keyReader = reader.field('key');
  const key = keyReader.requiredText();
  const keyFault = key === '' ? null : checkQualifiedName(key);
  if (keyFault !== null) keyReader.invalid(keyFault);
  const operator = readOperator(reader.field('operator'));
  const valuesReader = reader.field('values');
  const values = valuesReader.items().map(readValue);
  if (operator === undefined) return { key, operator: 'Exists' };
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0) {
    valuesReader.required("must be specified when `operator` is 'In' or 'NotIn'");
  }
  if (!takesValues && values.length > 0) {
    valuesReader.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  }
  return { key, operator, ...(takesValues && { values }) };
}

/** Undefined after an error. */
function readOperator(reader: FieldReader): Requirement['operator'] | undefined {
  const text = reader.requiredText();
  const operator = OPERATORS.find((candidate) => candidate === text);
  if (operator === undefined && text !== '') {
    reader.invalid('not a valid selector operator', `expected one of ${OPERATORS.join(', ')}`);
  }
  return operator;
}

function readValue(reader: FieldReader): string {
  const value = reader.text() ?? '';
  const fault = checkLabelValue(value);
  if (fault !== null) reader.invalid(fault);
  return value;
}

/** Whether labels satisfy every requirement of a selector; an empty selector matches everything. */
export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    matchesLabels(matchLabels, labels) &&
    matchExpressions.every((requirement) => matchesRequirement(requirement, labels))
  );
}

/** Whether every pair of the selector is among the labels; an empty selector matches everything. */
export function matchesLabels(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labelValue(labels, key) === value);
}

/** NotIn and DoesNotExist are content with a missing key, the others need it. */
function matchesRequirement({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labelValue(labels, key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Own properties only: a label may be called `constructor`. */
function labelValue(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
