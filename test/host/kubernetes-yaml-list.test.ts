// Lists in YAML are read item by item where that is the same as reading the whole.

import { describe, expect, test } from 'vitest';
import { findYAMLItems } from '../../host/kubernetes/yaml-list.ts';
import { readManifests } from '../../host/kubernetes/read.ts';
import { InputError } from '../../host/problem.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const itemsOf = (text: string): string[] | null =>
  findYAMLItems(bytesOf(text))?.items.map(({ start, end, line }) => {
    return `${line}: ${text.slice(start, end)}`;
  }) ?? null;
const pod = (name: string): string => `  kind: Pod
  metadata: { name: ${name} }
  spec: { nodeName: a, containers: [{ name: c, image: i }] }
  status:
    podIP: 10.0.0.1
`;
const listOf = (...items: string[]): string =>
  `apiVersion: v1\nitems:\n${items.join('')}kind: List\nmetadata:\n  resourceVersion: ""\n`;

describe('items', () => {
  test('begin with a dash, and end where the next one or a key begins', () => {
    expect(itemsOf('a: 1\nitems:\n- b: |\n    - c\n\n  d: 2\n- e\nkind: List\n')).toEqual([
      '2: - b: |\n    - c\n\n  d: 2\n',
      '6: - e\n',
    ]);
  });

  test('may be the last of the file, or its first', () => {
    expect(itemsOf('items:\r\n- a\r\n- b')).toEqual(['1: - a\r\n', '2: - b']);
  });

  test.each([
    ['in brackets', 'items: [a]\nkind: List\n'],
    ['indented', 'items:\n  - a\nkind: List\n'],
    ['none', 'items:\nkind: List\n'],
    ['with comments between them', 'items:\n- a\n# b\n- c\n'],
    ['twice', 'items:\n- a\nkind: List\nitems:\n- b\n'],
    ['that share an anchor', 'items:\n- a: &x 1\n- b: *x\n'],
    ['of another document form', '%YAML 1.2\nitems:\n- a\n'],
  ])('of another form are not looked for: %s', (_, text) => {
    expect(itemsOf(text)).toBeNull();
  });
});

describe('a List is read', () => {
  test('as the same objects on their own, each in its place', () => {
    const items = ['first', 'second'].map((name) => `- apiVersion: v1\n${pod(name)}`);
    const { objects } = readManifests(listOf(...items), 'list.yaml');
    const alone = ['first', 'second'].flatMap(
      (name) => readManifests(`  apiVersion: v1\n${pod(name)}`, 'list.yaml').objects,
    );
    const plain = (object: object): object => ({ ...object, source: undefined });
    expect(objects.map(plain)).toEqual(alone.map(plain));
    expect(objects.map(({ source }) => source?.line)).toEqual([3, 9]);
  });

  test('as what its kind says, where items do not', () => {
    const text = listOf('- metadata: { name: a }\n').replace('kind: List', 'kind: NamespaceList');
    expect(readManifests(text, 'list.yaml').objects).toMatchObject([{ kind: 'Namespace' }]);
  });

  test('with every problem, where it is', () => {
    const broken = '- apiVersion: v1\n  kind: Pod\n  metadata: { name: [ }\n';
    const wrong =
      '- apiVersion: v1\n  kind: Service\n  metadata: { name: s }\n  spec: { ports: 7 }\n';
    const read = (): unknown => readManifests(listOf(broken, wrong), 'list.yaml');
    expect(read).toThrow(InputError);
    try {
      read();
    } catch (error) {
      expect((error as InputError).problems.map(({ line }) => line)).toEqual([5, 9, 9]);
    }
  });
});
