// Which lines are not as they were in a revision, as git has it.

import { spawnSync } from 'node:child_process';
import { root } from '../root.js';

/** Whether a place is in such a line. Throws Error for a revision that git does not know. */
export function linesChangedSince(
  revision: string,
): (place: { readonly path: string; readonly line: number }) => boolean {
  const parameters = ['diff', '--unified=0', '--no-color', revision, '--', 'assembly', 'host'];
  const { status, stdout, stderr } = spawnSync('git', parameters, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const changed = new Set<string>();
  let path = '';
  for (const line of stdout.split('\n')) {
    path = /^\+\+\+ b\/(.*)/.exec(line)?.[1] ?? path;
    const [, first, count = '1'] = /^@@ \S+ \+(\d+)(?:,(\d+))?/.exec(line) ?? [];
    if (first === undefined) continue;
    for (let at = 0; at < Number(count); at++) changed.add(`${path}:${Number(first) + at}`);
  }
  return (place) => changed.has(`${place.path}:${place.line}`);
}
