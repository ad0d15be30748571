// A cluster and its dataplanes: what is applied counts, the last one wins, and a change is complete
// or not there.

import { expect, test } from 'vitest';
import { Cluster, Dataplane, InputError, MapError, PoisonedError } from '../../../host/index.ts';
import { dial, dump, manifests, policy } from './shop.ts';

const secondService = manifests
  .slice(manifests.lastIndexOf('---'))
  .replaceAll('name: web,', 'name: api,');
const another = secondService.replace('10.96.0.10', '10.96.0.11').replace('30080', '30081');

test('objects are known by kind, namespace and name; the last one counts', () => {
  const cluster = Cluster.from(manifests);
  expect(cluster.objects).toHaveLength(5);
  cluster.apply(manifests.replace('30080', '30090'));
  expect(cluster.objects).toHaveLength(5);
  expect(cluster.state.services[0]!.spec.ports[0]!.nodePort).toBe(30090);
});

test('manifests may be text, bytes, plain objects or objects that were read', () => {
  const cluster = Cluster.from(new TextEncoder().encode(manifests));
  const plain = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'extra' } };
  cluster.apply([plain]);
  const copy = Cluster.from(cluster.objects);
  expect(copy.state).toEqual(cluster.state);
  expect(copy.state.namespaces.map(({ metadata }) => metadata.name)).toContain('extra');
});

test('other kinds are skipped and listed', () => {
  const cluster = Cluster.from('{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}');
  expect(cluster.skipped).toMatchObject([{ kind: 'ConfigMap', name: 'x' }]);
});

test('a dataplane follows its cluster; established connections outlive a new denial', async () => {
  const cluster = Cluster.from(manifests);
  const dataplane = await cluster.dataplane({ node: 'node-a' });
  expect(
    dial(dataplane, { source: '203.0.113.7', destination: '10.244.0.10', port: 8080 }),
  ).toMatchObject({ verdict: 'forward', port: 'pod/shop/web' });
  cluster.apply(policy);
  expect(
    dial(dataplane, { source: '203.0.113.7', destination: '10.244.0.10', port: 8080 }).verdict,
  ).toBe('forward');
  expect(
    dial(dataplane, { source: '203.0.113.8', destination: '10.244.0.10', port: 8080 }).reason,
  ).toBe('policy-denied-ingress');
  expect(dial(dataplane, {}).verdict).toBe('forward');
  cluster.delete([{ kind: 'NetworkPolicy', namespace: 'shop', name: 'clients' }]);
  expect(
    dial(dataplane, { source: '203.0.113.8', destination: '10.244.0.10', port: 8080 }).verdict,
  ).toBe('forward');
});

test('the policy revision goes up with policies and with nothing else', async () => {
  const cluster = Cluster.from(manifests);
  const dataplane = await cluster.dataplane();
  const revision = () => dataplane.map('config').lookUp(0)!.policyRevision;
  const first = revision();
  cluster.apply(another);
  expect(revision()).toBe(first);
  cluster.apply(policy);
  expect(revision()).toBe(first + 1);
});

test('a closed dataplane stays as it is', async () => {
  const cluster = Cluster.from(manifests);
  const dataplane = await cluster.dataplane();
  const before = dump(dataplane);
  dataplane.close();
  cluster.apply(another);
  expect(dump(dataplane)).toEqual(before);
});

test.each([
  ['text that is no YAML', 'kind: [', InputError],
  ['an object that is refused', manifests.replace('port: 80,', 'port: 70000,'), InputError],
  ['a conflict between objects', another.replace('30081', '30080'), InputError],
  ['more than one of the dataplanes holds', another, MapError],
])('%s leaves everything as it was', async (_, bad, error) => {
  const cluster = Cluster.from(manifests);
  const roomy = await cluster.dataplane({ node: 'node-a' });
  const full = await cluster.dataplane({ node: 'node-b', capacity: { endpoints: 1 } });
  const before = [cluster.state, cluster.objects, dump(roomy), dump(full)];
  expect(() => cluster.apply(bad)).toThrow(error);
  expect([cluster.state, cluster.objects, dump(roomy), dump(full)]).toEqual(before);
  expect(dial(roomy, {}).verdict).toBe('forward');
});

test('what is not there cannot be deleted', () => {
  const cluster = Cluster.from(manifests);
  const references = [
    { kind: 'Pod', namespace: 'shop', name: 'web' },
    { kind: 'Pod', namespace: 'shop', name: 'nobody' },
  ];
  expect(() => cluster.delete(references)).toThrow('Pod/shop/nobody not found');
  expect(cluster.objects).toHaveLength(5);
});

test('an unknown node is refused with the nodes there are', async () => {
  await expect(Dataplane.create({ manifests, node: 'node-z' })).rejects.toThrow(
    'no Node is named node-z; one of node-a, node-b',
  );
});

test('a poisoned dataplane says so, and does not keep its cluster from changing', async () => {
  const cluster = Cluster.from(manifests);
  const dataplane = await cluster.dataplane();
  const key = { address: '10.96.0.99', port: 80, protocol: 6 };
  dataplane.map('frontends').update(key, { service: 4_000_000, kind: 1 });
  expect(() => dial(dataplane, { destination: '10.96.0.99' })).toThrow(PoisonedError);
  expect(() => dial(dataplane, {})).toThrow(PoisonedError);
  cluster.apply(policy);
  expect(cluster.state.policies).toHaveLength(1);
});
