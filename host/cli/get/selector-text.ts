// A label selector in kubectl's words.

import type { LabelSelector } from '../../kubernetes/types.ts';
import { none } from './resource.ts';

/** As metav1.FormatLabelSelector: `app=web,tier in (a,b),!old`. */
export function selectorText(selector: LabelSelector = {}): string {
  const labels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`;
  });
  const parts = [...labels, ...expressions];
  return parts.length === 0 ? none : parts.join(',');
}
