// The manifests of five pages about Services, each file read as it stands and completed.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions as options } from '../../../host/controllers/state.ts';
import { readManifests } from '../../../host/kubernetes/read.ts';

const folder = fileURLToPath(new URL('../../../examples/seeds/', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

function completeFile(file: string) {
  const { objects, skipped } = readManifests(readFileSync(folder + file), file);
  return { skipped, state: completeCluster(objects, options) };
}

/**
 * name, type, ClusterIP or None, number of node ports, number of ingress addresses, ready
 * endpoints.
 */
function rows(file: string) {
  const { state } = completeFile(file);
  return state.services.map(({ metadata, spec, status }) => {
    const slices = state.slices.filter(
      (slice) => slice.metadata.labels['kubernetes.io/service-name'] === metadata.name,
    );
    return [
      `${metadata.namespace}/${metadata.name}`,
      spec.type,
      spec.clusterIP?.replace(/^10\.96\..*/, 'IP') ?? '-',
      spec.ports.filter(({ nodePort }) => nodePort !== undefined).length,
      status.ingress.length,
      slices.flatMap(({ endpoints }) => endpoints).length,
    ];
  });
}

describe('what the Services became', () => {
  test.each([
    [
      'services-and-namespaces.yaml',
      [
        ['default/mongo-headless', 'ClusterIP', 'None', 0, 0, 0],
        ['finance/payment-service', 'ClusterIP', 'IP', 0, 0, 0],
      ],
    ],
    [
      'services-and-networking.yaml',
      [
        ['default/backend', 'ClusterIP', 'IP', 0, 0, 0],
        ['default/cassandra', 'ClusterIP', 'None', 0, 0, 0],
        ['default/external-db', 'ExternalName', '-', 0, 0, 0],
        ['default/frontend', 'LoadBalancer', 'IP', 1, 1, 0],
      ],
    ],
    [
      'services-beginner.yaml',
      [
        ['default/backend', 'ClusterIP', 'IP', 0, 0, 3],
        ['default/mysql', 'ClusterIP', 'None', 0, 0, 0],
      ],
    ],
    [
      'service-networking.yaml',
      [
        ['default/external-db-alias', 'ExternalName', '-', 0, 0, 0],
        ['default/my-internal-service', 'ClusterIP', 'IP', 0, 0, 0],
        ['default/my-lb-service', 'LoadBalancer', 'IP', 1, 1, 0],
        ['default/my-nodeport-service', 'NodePort', 'IP', 1, 0, 0],
      ],
    ],
    [
      'services-deep-dive.yaml',
      [
        ['default/db', 'ClusterIP', 'None', 0, 0, 0],
        ['default/web', 'LoadBalancer', 'IP', 1, 1, 0],
        ['prod/api', 'ClusterIP', 'IP', 0, 0, 0],
      ],
    ],
  ])('%s', (file, expected) => {
    expect(rows(file)).toEqual(expected);
  });

  test('no file is forgotten', () => {
    expect(files).toHaveLength(5);
  });
});

test('other kinds are skipped and listed, policies are kept, repetitions are noted', () => {
  const { skipped, state } = completeFile('services-and-networking.yaml');
  expect(skipped.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
    'ConfigMap/kube-proxy-config',
    'Ingress/main-ingress',
  ]);
  expect(state.policies.map(({ metadata }) => metadata.name)).toEqual([
    'allow-frontend-to-backend',
    'deny-all',
  ]);
  expect(state.notes.filter(({ message }) => message.includes('written again'))).toHaveLength(1);
});

test('the Deployment became three ready pods', () => {
  const { state } = completeFile('services-beginner.yaml');
  expect(state.pods.map(({ metadata }) => metadata.madeFrom)).toEqual(
    Array(3).fill('Deployment/backend'),
  );
  const { endpoints } = state.slices.find(({ metadata }) => metadata.name.startsWith('backend-'))!;
  expect(endpoints.map(({ conditions }) => conditions.ready)).toEqual([true, true, true]);
});

test('all files together are one cluster too', () => {
  const objects = files.flatMap((file) => readManifests(readFileSync(folder + file), file).objects);
  const { services } = completeCluster(objects, options);
  expect(services).toHaveLength(14);
});
