// Manifests in every form that kubectl takes, and where their objects stand.

import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { Path } from '../../host/kubernetes/positions.ts';
import {
  readManifests,
  readObject,
  readReference,
  type ReadResult,
} from '../../host/kubernetes/read.ts';
import { formatProblem, InputError, type Problem } from '../../host/problem.ts';

const namesOf = (result: ReadResult) => result.objects.map((object) => object.metadata.name);
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });

describe('readManifests', () => {
  const expected = ['a', 'b', 'c'];
  const pods = expected.map(pod);
  const list = { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: pods };
  const bare = pods.map(({ metadata }) => ({ metadata }));

  it.each<[string, string]>([
    ['YAML documents', pods.map((object) => dump(object)).join('---\n')],
    [
      'YAML documents with Windows line ends',
      pods
        .map((o) => dump(o))
        .join('---\n')
        .replaceAll('\n', '\r\n'),
    ],
    ['a byte order mark', `\uFEFF${pods.map((object) => dump(object)).join('---\n')}`],
    ['document ends and comments', pods.map((o) => `# x\n---\n${dump(o)}...\n`).join('--- # y\n')],
    ['a YAML List', dump(list)],
    ['a JSON List', JSON.stringify(list, null, 4)],
    ['a compact JSON List', JSON.stringify(list)],
    ['a JSON array', JSON.stringify(pods, null, 1)],
    ['a YAML sequence', dump(pods)],
    ['a List whose items come before its kind', JSON.stringify({ items: pods, kind: 'List' })],
    ['a List of Lists', JSON.stringify({ ...list, items: [{ ...list, items: pods }] })],
    ['a typed list', JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: bare })],
    ['a typed list in YAML', dump({ apiVersion: 'v1', kind: 'PodList', items: bare })],
    ['concatenated JSON', pods.map((object) => JSON.stringify(object)).join('')],
    ['JSON lines', pods.map((object) => JSON.stringify(object)).join('\n')],
    ['JSON between separators', pods.map((object) => JSON.stringify(object)).join('\n---\n')],
    ['JSON and YAML', `${JSON.stringify(pods[0])}\n---\n${dump(pods[1])}---\n${dump(pods[2])}`],
    ['flow YAML', pods.map((object) => dump(object, { flowLevel: 0 })).join('---\n')],
    ['JSON with a trailing comma', JSON.stringify(list).replace(']}', '],}')],
  ])('%s', (_, text) => {
    expect(namesOf(readManifests(text, 'f'))).toEqual(expected);
    expect(namesOf(readManifests(new TextEncoder().encode(text), 'f'))).toEqual(expected);
  });

  it.each(['', '\n# nothing\n', '---\n---\n', '--- # a\n\n...\n', '~'])(
    'finds nothing in %j',
    (text) => expect(readManifests(text, 'f')).toEqual({ objects: [], skipped: [], warnings: [] }),
  );

  it('knows the line of every object', () => {
    const documents = '# x\n\nkind: Pod\napiVersion: v1\nmetadata: {name: a}\n---\n\n\n';
    const text =
      `${documents}kind: List\nitems:\n- # y\n` +
      '  kind: Pod\n  apiVersion: v1\n  metadata: {name: b}\n';
    const json = `${text}---\n{"kind": "List",\n"items": [{},\n  {"kind": "Pod"}]}`
      .replace('{},', `${JSON.stringify(pod('c'))},\n`)
      .replace('{"kind": "Pod"}', JSON.stringify(pod('d')));
    const { objects } = readManifests(json, 'f');
    const lines = objects.map(({ source }) => source?.line);
    expect(lines).toEqual([3, 12, 17, 19]);
    expect(objects[0]?.source?.file).toBe('f');
  });

  it('skips and lists other kinds, also kinds of the same name', () => {
    const text = [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: ns}\ndata: {spec: 5}',
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: k}\nspec: {}',
      'kind: Scenario\napiVersion: podplane.io/v1alpha1\nmetadata: 7',
      'kind: Kustomization',
    ].join('\n---\n');
    const { objects, skipped } = readManifests(text, 'f');
    expect(objects).toEqual([]);
    expect(
      skipped.map(({ kind, namespace, name, source }) => [kind, namespace, name, source?.line]),
    ).toEqual([
      ['ConfigMap', 'ns', 'c', 1],
      ['Service', '', 'k', 6],
      ['Scenario', '', '', 11],
      ['Kustomization', '', '', 15],
    ]);
  });

  it('warns of duplicated keys, of which the last counts, and of a missing apiVersion', () => {
    const { objects, warnings } = readManifests(
      'kind: Pod\nmetadata:\n  name: a\n  name: b\n',
      'f',
    );
    expect(objects[0]?.metadata.name).toBe('b');
    expect(warnings.map(formatProblem)).toEqual([
      'f:1:1: apiVersion: Required value; taken as v1',
      'f:4:3: duplicated key "name"; the last one counts',
    ]);
  });

  it('reads YAML and JSON of one object alike', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.constantFrom('y', '010', '~', '1e3', '<<'),
    );
    const annotations = fc.dictionary(fc.constantFrom('a', 'b', 'c/d'), text);
    const port = fc.record(
      {
        port: fc.integer({ min: 1, max: 65535 }),
        targetPort: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom('http', 'y')),
        protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
      },
      { requiredKeys: ['port'] },
    );
    fc.assert(
      fc.property(annotations, port, (notes, onlyPort) => {
        const object = {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'a', annotations: notes },
          spec: { ports: [onlyPort] },
        };
        const withoutSource = (written: string) =>
          readManifests(written, 'f').objects.map((result) => ({ ...result, source: null }));
        const quoted = dump(object, { forceQuotes: true });
        expect(withoutSource(quoted)).toEqual(withoutSource(JSON.stringify(object)));
      }),
    );
  });

  it('is quick with aliases that would grow without end', () => {
    const layers = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
    const bomb = `l0: &l0 [x]\n${layers.join('\n')}`;
    const text = `${bomb}\nkind: Pod\napiVersion: v1\nmetadata: {name: *l30}\n`;
    expect(() => readManifests(text, 'f')).toThrow('metadata.name: must be a string, got a list');
  });

  it('takes no harm from keys that JavaScript knows', () => {
    const text =
      '{"apiVersion": "v1", "kind": "Pod", "__proto__": {"metadata": {"name": "evil"}}, ' +
      '"metadata": {"name": "a", "labels": {"constructor": "x"}}}';
    const [object] = readManifests(text, 'f').objects;
    expect(object?.metadata).toMatchObject({ name: 'a', labels: { constructor: 'x' } });
    expect(() => readManifests(text.replace('"name": "a", ', ''), 'f')).toThrow('metadata.name');
  });
});

describe('any bytes', () => {
  const good = new TextEncoder().encode(
    '# x\nkind: List\nitems:\n- &a {kind: Pod, apiVersion: v1, metadata: {name: "a"}}\n' +
      '- *a\n---\n' +
      '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "b\\n"}}]}\n{"kind": "X"}\n',
  );
  const piece = fc.oneof(
    fc.constantFrom(
      '\n',
      '---\n',
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ': ',
      '- ',
      '\t',
      '*a',
      '&a ',
      '#',
      '|\n',
    ),
    fc.constantFrom('!!int ', '? ', '<<: ', '\0', '\uFEFF', '%', '"items": ['),
  );
  const edits = fc.array(fc.tuple(fc.nat(good.length), fc.nat(3), piece), { maxLength: 6 });

  it('are read, or refused with problems', () => {
    fc.assert(
      fc.property(edits, fc.nat(good.length), (changes, end) => {
        const bytes = [...good.subarray(0, end)];
        for (const [at, cut, text] of changes)
          bytes.splice(at, cut, ...new TextEncoder().encode(text));
        try {
          readManifests(Uint8Array.from(bytes), 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as InputError).problems.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('readObject', () => {
  it('takes Lists, and finds places where it is told how', () => {
    const list = { kind: 'List', items: [pod('a'), pod('b')] };
    expect(namesOf(readObject(list, 'f'))).toEqual(['a', 'b']);
    const locate = (path: Path) => ({ line: Number(path[1] ?? 9), column: path.length + 1 });
    const { objects } = readObject(list, 'f', locate);
    expect(objects.map(({ source }) => source?.line)).toEqual([0, 1]);
    expect(() => readObject({ kind: 'List', items: [pod('a'), pod('B')] }, 'f', locate)).toThrow(
      'f:1:5: metadata.name: Invalid value: "B"',
    );
  });
});

describe('items of a List in JSON', () => {
  const breaks = fc.array(fc.constantFrom('', ' ', '\n', '\n\n', ' \n  '), { minLength: 12 });
  const numbers = Array.from({ length: 12 }, (_, index) => 1000 + index);
  const listOf = (items: readonly string[]): string => `{"kind":"List","items":[${items.join()}]}`;

  it('are found where they stand, wherever lines end', () => {
    fc.assert(
      fc.property(breaks, (ends) => {
        const items = numbers.map((number, index) => {
          return `${ends[index]}${JSON.stringify({ ...pod('p'), metadata: { name: number } })}`;
        });
        const rows = listOf(items).split('\n');
        const found = problemsIn(listOf(items)).map(({ line = 0, column = 0 }) => {
          return Number(rows[line - 1]!.slice(column - 1, column + 3));
        });
        expect(found).toEqual(numbers);
      }),
    );
  });

  it('are looked through for ends of lines once, though there are none', () => {
    let looked = 0;
    class Watched extends Uint8Array {
      override indexOf(byte: number, from = 0): number {
        looked += this.length - from;
        return super.indexOf(byte, from);
      }
    }
    const text = listOf(numbers.map((number) => JSON.stringify(pod(`p${number}`))));
    const bytes = Watched.from(new TextEncoder().encode(text));
    expect(readManifests(bytes, 'f').objects).toHaveLength(numbers.length);
    expect(looked).toBeLessThan(3 * bytes.length);
  });
});

function problemsIn(text: string): readonly Problem[] {
  try {
    readManifests(text, 'f');
    return [];
  } catch (error) {
    return (error as InputError).problems;
  }
}

describe('readReference', () => {
  it.each<[object, object]>([
    [
      { kind: 'Pod', name: 'p' },
      { kind: 'Pod', namespace: 'default', name: 'p' },
    ],
    [
      { kind: 'Pod', namespace: 'n', name: 'p' },
      { kind: 'Pod', namespace: 'n', name: 'p' },
    ],
    [
      { kind: 'Node', name: 'p' },
      { kind: 'Node', namespace: '', name: 'p' },
    ],
    [pod('p'), { kind: 'Pod', namespace: 'default', name: 'p' }],
  ])('%j', (value, reference) => expect(readReference(value, 'f')).toEqual(reference));

  it('refuses what names nothing', () => {
    expect(() => readReference({ kind: 'Pod' }, 'f')).toThrow('f: name: Required value');
    expect(() => readReference('Pod', 'f')).toThrow('f: must be an object, got string "Pod"');
  });
});
