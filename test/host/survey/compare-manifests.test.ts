// What a change of manifests loses and gains, and the policy that is said to do it.

import { describe, expect, test } from 'vitest';
import { compareManifests, type ManifestDifference } from '../../../host/index.ts';
import type { ConnectionChange } from '../../../host/index.ts';
import { isSame } from '../../../host/survey/compare-manifests.ts';
import { block, guarded, policy } from './block.ts';

const say = ({ from, to, ports, isPartial, cause }: ConnectionChange) => {
  const rules = (names: ConnectionChange['cause']['allowedBy']) =>
    names.map(({ namespace, policy: name, path }) => `${namespace}/${name} ${path}`).join();
  const why = cause.missing ?? `${cause.direction} ${rules(cause.allowedBy)}`;
  return `${from} > ${to}: ${ports.join()}${isPartial ? ' ~' : ''}, ${why}`;
};

const services = ({ services: { lost, gained } }: ManifestDifference) =>
  [lost, gained].map((changes) =>
    changes.map(({ from, service, port, reason }) => `${from} > ${service} ${port}: ${reason}`),
  );

const web = policy(
  'data/guard',
  'podSelector: { matchLabels: { app: db } }, ingress: [{ from: [{ namespaceSelector: ' +
    '{}, podSelector: { matchLabels: { app: job } } }], ports: [{ port: sql }, { port: ' +
    'stats }] }]',
);

describe('policies', () => {
  test('nothing is different where only names and order are', async () => {
    const other = guarded.replace('name: guard', 'name: other');
    const difference = await compareManifests(block(guarded), block(other));
    expect(isSame(difference)).toBe(true);
    expect(difference).toMatchObject({ version: 1, by: 'workload', lost: [], gained: [] });
  });

  test('a first policy isolates: what is lost is all but what it allows', async () => {
    const difference = await compareManifests(block(), block(guarded));
    expect(difference.gained).toEqual([]);
    const lost = difference.lost.map(say);
    expect(lost).toContain('shop/web > data/db: all but TCP 5432, ingress ');
    expect(lost).toContain('shop/job > data/db: any, ingress ');
    expect(difference.lost[0]?.cause.isolatedBy).toMatchObject([
      { namespace: 'data', policy: 'guard', source: { file: 'block.yaml' } },
    ]);
  });

  test('a rule that changes takes from one and gives to the other', async () => {
    const difference = await compareManifests(block(guarded), block(web));
    expect(difference.lost.map(say)).toEqual([
      'shop/web > data/db: TCP 5432, ingress data/guard spec.ingress[0]',
    ]);
    expect(difference.gained.map(say)).toEqual([
      'shop/job > data/db: TCP 5432,TCP 9187, ingress data/guard spec.ingress[0]',
    ]);
    expect(services(difference)).toEqual([
      ['shop/web > data/db TCP 3306: policy-denied-ingress'],
      ['shop/job > data/db TCP 3306: policy-denied-ingress'],
    ]);
  });

  test('the two directions are the same, seen from the other side', async () => {
    const there = await compareManifests(block(guarded), block(web));
    const back = await compareManifests(block(web), block(guarded));
    const plain = ({ from, to, ports }: ConnectionChange) => ({ from, to, ports });
    expect(back.lost.map(plain)).toEqual(there.gained.map(plain));
    expect(back.gained.map(plain)).toEqual(there.lost.map(plain));
  });

  test('some pods of a workload are some', async () => {
    const half = 'podSelector: { matchLabels: { half: a } }, ingress: []';
    const labelled = block(policy('shop/half', half));
    const pod = labelled.state.pods.find(({ metadata }) => metadata.name.startsWith('web-'))!;
    labelled.apply([{ ...pod, metadata: { ...pod.metadata, labels: { app: 'web', half: 'a' } } }]);
    const difference = await compareManifests(block(), labelled);
    expect(difference.lost.map(say)).toContain('shop/job > shop/web: any ~, ingress ');
    expect(difference.gained).toEqual([]);
  });
});

describe('Services', () => {
  test('one that selects nothing any more, and one that is gone', async () => {
    const after = block();
    const service = after.state.services.find(({ metadata }) => metadata.name === 'web')!;
    after.apply([{ ...service, spec: { ...service.spec, selector: { app: 'wbe' } } }]);
    after.delete([{ kind: 'Service', namespace: 'data', name: 'db' }]);
    const difference = await compareManifests(block(), after);
    expect([difference.lost, difference.gained]).toEqual([[], []]);
    const [lost, gained] = services(difference);
    expect(gained).toEqual([]);
    expect(lost).toContain('shop/job > shop/web TCP 80: reject-no-endpoints');
    expect(lost).toContain('shop/job > data/db TCP 3306: no-service');
  });
});

describe('workloads', () => {
  test('new ones are gained with all that reaches them', async () => {
    const before = block(guarded);
    before.delete([{ kind: 'Deployment', namespace: 'shop', name: 'job' }]);
    const difference = await compareManifests(before, block(guarded));
    expect(difference.added).toEqual(['shop/job']);
    expect(difference.gained.map(say)).toContain('shop/web > shop/job: any, shop/job');
    expect(difference.lost).toEqual([]);
    const back = await compareManifests(block(guarded), before);
    expect(back.removed).toEqual(['shop/job']);
    expect(isSame(back)).toBe(false);
  });
});
