// Plain values as JSON or YAML text, for `-o json` and `-o yaml`.

import { dump } from 'js-yaml';

/** Text without the last line's end. */
export function serialize(value: unknown, format: 'json' | 'yaml'): string {
  if (format === 'json') return JSON.stringify(value, null, 2);
  return dump(value, { noRefs: true, lineWidth: -1, quotingType: '"' }).trimEnd();
}
