// Every scalar of a text is found where it stands, whatever the style of the text.

import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { PositionFinder, type Path } from '../../host/kubernetes/positions.ts';

/** Values whose scalars are all different and can be seen in the text. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constant(0),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^k[a-z]{1,4}$/), tie('tree'), { maxKeys: 4 }),
  ),
}));

/** Numbers all zeros, and lists their paths. */
function numberScalars(value: unknown, path: Path, paths: Path[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => numberScalars(item, [...path, index], paths));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, numberScalars(item, [...path, key], paths)]),
    );
  }
  paths.push(path);
  return 1000 + paths.length;
}

const styles: Record<string, (value: unknown) => string> = {
  'block YAML': (value) => dump(value),
  'block YAML without list indentation': (value) => dump(value, { noArrayIndent: true }),
  'mixed YAML': (value) => dump(value, { flowLevel: 2 }),
  'flow YAML': (value) => dump(value, { flowLevel: 0 }),
  'compact JSON': (value) => JSON.stringify(value),
  'JSON with tabs': (value) => JSON.stringify(value, null, '\t'),
  'YAML with comments and blank lines': (value) =>
    dump(value)
      .split('\n')
      .map((line) => (line === '' ? '' : `${line}  # 1001\n\n# 1002 "x": [1003]`))
      .join('\n'),
};

describe('find', () => {
  it.each(Object.keys(styles))('finds every scalar of %s', (style) => {
    const place = fc.record({ line: fc.integer({ min: 1 }), column: fc.integer({ min: 1 }) });
    fc.assert(
      fc.property(tree, place, (shape, start) => {
        const paths: Path[] = [];
        const value = numberScalars(shape, [], paths);
        const text = styles[style]!(value);
        const finder = new PositionFinder({ text, ...start });
        for (const [index, path] of paths.entries()) {
          const { line, column } = finder.find(path);
          const row = text.split('\n')[line - start.line] ?? '';
          const offset = column - (line === start.line ? start.column : 1);
          expect(row.slice(offset, offset + 4)).toBe(String(1001 + index));
        }
      }),
      { numRuns: 60 },
    );
  });

  const text = [
    'metadata:',
    '  name:',
    'spec:',
    '  ports:',
    '  - port: 80',
    '  -',
    '  - &p',
    '    port: 81',
    '  - *p',
    '  <<: {x: 1}',
    '  ports2: [',
    '    {port: 1}]',
  ].join('\n');

  it.each<[string, Path, number, number]>([
    ['the root', [], 1, 1],
    ['a value that is not written', ['metadata', 'name'], 2, 3],
    ['a field that is not there', ['metadata', 'namespace'], 1, 1],
    ['a list, by its key', ['spec', 'ports'], 4, 3],
    ['an item, by its first key', ['spec', 'ports', 0], 5, 5],
    ['a field that an item lacks', ['spec', 'ports', 0, 'name'], 5, 5],
    ['an item after an empty one', ['spec', 'ports', 2, 'port'], 8, 11],
    ['an alias', ['spec', 'ports', 3, 'port'], 9, 5],
    ['an item beyond the list', ['spec', 'ports', 9], 4, 3],
    ['a flow item', ['spec', 'ports2', 0, 'port'], 12, 12],
  ])('finds %s', (_, path, line, column) =>
    expect(new PositionFinder({ text, line: 1, column: 1 }).find(path)).toEqual({ line, column }),
  );

  it('takes the last of two equal keys', () => {
    const finder = new PositionFinder({ text: 'a: {b: 1}\na: {b: 2}', line: 1, column: 1 });
    expect(finder.find(['a', 'b'])).toEqual({ line: 2, column: 8 });
    expect(finder.duplicatedKeys()).toEqual([{ path: ['a'], position: { line: 2, column: 1 } }]);
  });

  it('names the start of a text that cannot be read', () => {
    const finder = new PositionFinder({ text: 'a: [', line: 7, column: 3 });
    expect(finder.find(['a', 0])).toEqual({ line: 7, column: 3 });
  });
});
