// The answer at a health-check node port, case by case: what counts, what does not, and to the
// letter what is answered.

import { expect, test } from 'vitest';
import { answerHealthCheck, Cluster } from '../../../host/index.ts';
import { endpoint, manifests, serviceNamed, slice, town } from './town.ts';

function answer(cluster: Cluster, node: string) {
  return answerHealthCheck(cluster.state, node, serviceNamed(cluster, 'web'));
}

test('200 with the number of ready endpoints on the node; the draining one does not count', () => {
  expect(answer(town(), 'a')).toEqual({
    status: 200,
    headers: {
      'Content-Type': 'application/json',
      'X-Content-Type-Options': 'nosniff',
      'X-Load-Balancing-Endpoint-Weight': '1',
    },
    body:
      '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n' +
      '\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}',
  });
});

test('503 where none is ready, though a draining one may still be given clients', () => {
  const cluster = town();
  const draining = ', conditions: { ready: false, serving: true, terminating: true }';
  cluster.apply(slice('web', [endpoint('10.244.1.6', 'a', draining)]));
  expect(answer(cluster, 'a')).toMatchObject({
    status: 503,
    headers: { 'X-Load-Balancing-Endpoint-Weight': '0' },
  });
});

test('two ports of one address count once, and other families not at all', () => {
  const cluster = town();
  const endpoints = [endpoint('10.244.1.5', 'a'), endpoint('10.244.1.7', 'a')];
  cluster.apply(slice('web', endpoints));
  cluster.apply(slice('web', endpoints, 9090).replace('web-1,', 'web-2,'));
  const service = serviceNamed(cluster, 'web');
  expect(JSON.parse(answer(cluster, 'a')!.body)).toMatchObject({ localEndpoints: 2 });
  const other = answerHealthCheck(cluster.state, 'a', service, 6);
  expect(other).toMatchObject({ status: 503 });
});

test('nothing is answered for Services that load balancers do not ask about', () => {
  const cluster = Cluster.from(
    manifests
      .replace('externalTrafficPolicy: Local', 'externalTrafficPolicy: Cluster')
      .replace('  healthCheckNodePort: 32000\n', ''),
  );
  expect(answer(cluster, 'a')).toBeNull();
  const empty = serviceNamed(cluster, 'empty');
  expect(answerHealthCheck(cluster.state, 'a', empty)).toBeNull();
});
