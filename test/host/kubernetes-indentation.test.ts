// A Service manifest whose leading blanks were stripped is read as the one that it was.

import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { restoreIndentation } from '../../host/kubernetes/lost-indentation.ts';
import { readManifests } from '../../host/kubernetes/read.ts';

const name = fc.stringMatching(/^[a-z]([a-z0-9]{0,5})$/);
const labels = fc.dictionary(name, name, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const port = fc.integer({ min: 1, max: 65535 });

/** Services of fields in any order, as people write them. */
const service = fc
  .record({
    metadata: fc.record({ name, namespace: name, labels }, { requiredKeys: ['name'] }),
    spec: fc.record(
      {
        type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
        selector: labels,
        ports: fc.uniqueArray(fc.record({ name, port, targetPort: port }), {
          minLength: 1,
          maxLength: 3,
          selector: ({ name: portName, port: number }) => `${portName} ${number}`,
        }),
        sessionAffinity: fc.constant('ClientIP'),
        sessionAffinityConfig: fc.constant({ clientIP: { timeoutSeconds: 60 } }),
      },
      { requiredKeys: ['ports'] },
    ),
  })
  .map(({ metadata, spec }) => ({ apiVersion: 'v1', kind: 'Service', metadata, spec }));

const strip = (text: string): string => text.replaceAll(/^ +/gm, '');

describe('restoreIndentation', () => {
  it('gives back what was stripped', () => {
    fc.assert(
      fc.property(service, fc.boolean(), (object, isFlat) => {
        const text = dump(object, { noArrayIndent: isFlat, quotingType: '"', forceQuotes: true });
        const plain = text.replaceAll(/"([\w./-]+)"/g, '$1');
        expect(restoreIndentation(strip(plain))).toBe(
          dump(object, { quotingType: '"', forceQuotes: true }).replaceAll(/"([\w./-]+)"/g, '$1'),
        );
      }),
    );
  });

  it('leaves alone what has its indentation, and what it does not know', () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec: {}\n';
    expect(restoreIndentation(text)).toBeNull();
    const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\nname: a\n';
    expect(restoreIndentation(pod)).toBeNull();
    const unknown = 'apiVersion: v1\nkind: Service\nmetadata:\nname: a\nfoo: bar\n';
    expect(restoreIndentation(unknown)).toBeNull();
  });

  it('keeps comments and lines, and says what it did', () => {
    const text =
      '# a\napiVersion: v1\nkind: Service\nmetadata: # m\nname: a\nspec:\n' +
      'selector:\napp: b\n# c\nports:\n- port: 80 # p\ntargetPort: 70000\n';
    expect(() => readManifests(text, 'f')).toThrow(
      'f:12:19: spec.ports[0].targetPort: Invalid value: 70000',
    );
    const { objects, warnings } = readManifests(text.replace('70000', '8080'), 'f');
    expect(objects[0]).toMatchObject({ spec: { selector: { app: 'b' }, ports: [{ port: 80 }] } });
    expect(warnings).toEqual([
      {
        file: 'f',
        line: 1,
        message: 'the manifest has lost its indentation',
        expected: 'read as if it had it',
      },
    ]);
  });
});
