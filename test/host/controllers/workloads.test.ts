// Pods from workloads: how many, by what names and labels, on which Nodes, with which addresses.

import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { nameSuffix } from '../../../host/controllers/hash.ts';
import { defaultControllerOptions as options } from '../../../host/controllers/state.ts';
import type { KubernetesObject, Pod, Workload } from '../../../host/kubernetes/types.ts';
import { node, pod, workload } from './objects.ts';

const nodes = ['a', 'b', 'c'].map((name) => node(name));

function podsOf(...objects: KubernetesObject[]): readonly Pod[] {
  return completeCluster([...nodes, ...objects], options).pods;
}

function namesOf(pods: readonly Pod[]): string[] {
  return pods.map(({ metadata }) => metadata.name);
}

describe('Deployment', () => {
  test('makes its replicas, named and labelled by the template, over all Nodes', () => {
    const pods = podsOf(workload('Deployment', 'web', { replicas: 3 }));
    expect(pods).toHaveLength(3);
    for (const { metadata, spec, status } of pods) {
      const hash = metadata.labels['pod-template-hash'];
      expect(hash).toMatch(/^[a-z0-9]{10}$/);
      expect(metadata.name).toMatch(new RegExp(`^web-${hash}-[a-z0-9]{5}$`));
      expect(metadata).toMatchObject({ namespace: 'default', madeFrom: 'Deployment/web' });
      expect(metadata.labels['app']).toBe('web');
      expect(status.phase).toBe('Running');
      expect(status.conditions).toEqual([{ type: 'Ready', status: 'True' }]);
      expect(status.podIPs).toHaveLength(1);
      expect(spec.hostNetwork).toBe(false);
    }
    expect(pods.map(({ spec }) => spec.nodeName).sort()).toEqual(['a', 'b', 'c']);
  });

  test('counts written pods that its selector matches, but no finished or terminating ones', () => {
    const labels = { app: 'web' };
    const terminating = pod('gone', { labels });
    terminating.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const pods = podsOf(
      workload('Deployment', 'web', { replicas: 2 }),
      pod('mine', { labels }),
      pod('done', { labels, status: { phase: 'Succeeded' } }),
      pod('broken', { labels, status: { phase: 'Failed' } }),
      pod('elsewhere/other', { labels }),
      terminating,
    );
    expect(namesOf(pods).filter((name) => name.startsWith('web-'))).toHaveLength(1);
  });

  test('takes no name twice, whether of a written pod or of its own', () => {
    const [first] = podsOf(workload('Deployment', 'web', { replicas: 1 }));
    const stranger = pod(first!.metadata.name);
    const names = namesOf(podsOf(workload('Deployment', 'web', { replicas: 1 }), stranger));
    expect(new Set(names).size).toBe(2);
    // Names of which five letters of the hash are the same, early.
    const letters = (owner: string, turn: number) => nameSuffix(`${owner}/default/${turn}`, 5);
    expect(letters('Job/w4296', 34)).toBe(letters('Job/w4296', 32));
    expect(letters('Job/w25976', 9)).toBe(letters('ReplicaSet/w25976', 4));
    const distinct = (name: string, kinds: readonly Workload['kind'][], replicas: number) =>
      new Set(namesOf(podsOf(...kinds.map((kind) => workload(kind, name, { replicas }))))).size;
    expect(distinct('w4296', ['Job'], 40)).toBe(40);
    expect(distinct('w25976', ['ReplicaSet', 'Job'], 20)).toBe(40);
  });

  test('is content with the pods of its ReplicaSet', () => {
    const pods = podsOf(
      workload('Deployment', 'web', { replicas: 2 }),
      workload('ReplicaSet', 'web-5d8f7', { replicas: 2, app: 'web' }),
    );
    expect(namesOf(pods)).toHaveLength(2);
    for (const name of namesOf(pods)) expect(name).toMatch(/^web-5d8f7-[a-z0-9]{5}$/);
  });

  test('counts the pods of its ReplicaSets, and none that something else controls', () => {
    const labels = { app: 'web' };
    const replica = pod('web-5d8f7-x', { labels });
    replica.metadata.controlledBy = 'ReplicaSet/web-5d8f7';
    const foreign = pod('foreign', { labels });
    foreign.metadata.controlledBy = 'StatefulSet/web';
    const pods = podsOf(workload('Deployment', 'web', { replicas: 2 }), replica, foreign);
    expect(pods.filter(({ metadata }) => metadata.madeFrom !== undefined)).toHaveLength(1);
  });

  test('does not count the pods that another Deployment makes with the same labels', () => {
    const one = workload('Deployment', 'one', { replicas: 1, app: 'same' });
    const two = workload('Deployment', 'two', { replicas: 2, app: 'same' });
    expect(podsOf(one, two)).toHaveLength(3);
  });

  test('shares no written pod with another Deployment of the same labels', () => {
    const two = ['one', 'two'].map((name) =>
      workload('Deployment', name, { replicas: 1, app: 'same' }),
    );
    expect(podsOf(...two, pod('mine', { labels: { app: 'same' } }))).toHaveLength(2);
  });

  test.each([
    ['expressions', { matchExpressions: [{ key: 'app', operator: 'Exists' as const }] }, 1],
    ['one of its labels', { matchLabels: { tier: 'front' } }, 2],
  ])('counts pods by its selector: %s', (_, selector, count) => {
    const web = workload('Deployment', 'web', { replicas: 1, selector });
    expect(podsOf(web, pod('mine', { labels: { app: 'web' } }))).toHaveLength(count);
  });

  test('without selector counts pods by the labels of its template', () => {
    const { template } = workload('Deployment', 'web').spec;
    const web = { ...workload('Deployment', 'web'), spec: { template } };
    expect(namesOf(podsOf(web, pod('mine', { labels: { app: 'web' } })))).toEqual(['mine']);
  });

  test.each([
    { replicas: 0, count: 0 },
    { replicas: undefined, count: 1 },
  ])('makes $count pods for replicas: $replicas', ({ replicas, count }) => {
    const web = workload('Deployment', 'web', replicas === undefined ? {} : { replicas });
    expect(podsOf(web)).toHaveLength(count);
  });

  test('stays pending where no Node has the labels it asks for', () => {
    const web = workload('Deployment', 'web', {
      replicas: 1,
      pod: { nodeSelector: { gpu: 'yes' } },
    });
    const state = completeCluster([...nodes, web], options);
    expect(state.pods[0]?.status).toEqual({ phase: 'Pending', podIPs: [], conditions: [] });
    expect(state.pods[0]?.spec.nodeName).toBeUndefined();
    expect(state.notes.map(({ message }) => message)).toContain(
      'stays pending: no Node has the labels it asks for',
    );
  });
});

test('StatefulSet pods have ordinals, host names and the subdomain of their Service', () => {
  const db = workload('StatefulSet', 'db', { replicas: 3, serviceName: 'peers' });
  const pods = podsOf(db, pod('db-1', { status: { podIPs: ['10.244.9.9'] } }));
  expect(namesOf(pods)).toEqual(['db-0', 'db-1', 'db-2']);
  expect(pods[2]?.spec).toMatchObject({ hostname: 'db-2', subdomain: 'peers' });
  expect(pods[2]?.metadata.labels).toMatchObject({
    app: 'db',
    'statefulset.kubernetes.io/pod-name': 'db-2',
    'apps.kubernetes.io/pod-index': '2',
  });
  expect(pods[1]?.status.podIPs).toEqual(['10.244.9.9']);
});

test('StatefulSet pods without a Service have no subdomain, and go from Node to Node', () => {
  const pods = podsOf(workload('StatefulSet', 'db', { replicas: 4 }));
  for (const { spec } of pods) expect(spec).not.toHaveProperty('subdomain');
  const order = pods.map(({ spec }) => spec.nodeName).join('');
  expect('abcabcabc').toContain(order);
});

test('DaemonSet: one pod on each Node that its nodeSelector accepts and that has none yet', () => {
  const labelled = node('d', { labels: { disk: 'ssd' } });
  const agent = workload('DaemonSet', 'agent', { pod: { nodeSelector: { disk: 'ssd' } } });
  expect(podsOf(labelled, agent).map(({ spec }) => spec.nodeName)).toEqual(['d']);
  const linux = workload('DaemonSet', 'agent', {
    pod: { nodeSelector: { 'kubernetes.io/os': 'linux' } },
  });
  const present = pod('agent-x', { labels: { app: 'agent' }, spec: { nodeName: 'b' } });
  const placed = podsOf(linux, present).map(({ spec }) => spec.nodeName);
  expect(placed.sort()).toEqual(['a', 'b', 'c']);
});

test('DaemonSet pods are named and labelled by it', () => {
  const pods = podsOf(workload('DaemonSet', 'agent'));
  for (const { metadata } of pods) {
    expect(metadata.name).toMatch(/^agent-[a-z0-9]{5}$/);
    expect(metadata.labels).toEqual({
      app: 'agent',
      'controller-revision-hash': expect.stringMatching(/^[a-z0-9]{10}$/),
      'pod-template-generation': '1',
    });
  }
  expect(new Set(namesOf(pods)).size).toBe(3);
});

test('Job pods carry the name of the Job, and finished ones count', () => {
  const migrate = workload('Job', 'migrate', { replicas: 2 });
  const [first] = podsOf(migrate);
  expect(first?.metadata.labels).toMatchObject({
    app: 'migrate',
    'job-name': 'migrate',
    'batch.kubernetes.io/job-name': 'migrate',
  });
  const done = pod('migrate-done', {
    labels: { 'job-name': 'migrate' },
    status: { phase: 'Succeeded' },
  });
  expect(podsOf(migrate, done)).toHaveLength(2);
});

describe('written pods', () => {
  test('keep their Node, address and condition', () => {
    const written = pod('p', {
      spec: { nodeName: 'b' },
      status: {
        podIPs: ['10.9.9.9'],
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False' }],
      },
    });
    expect(podsOf(written)).toEqual([written]);
  });

  test('get an address from the range of their Node', () => {
    const at = node('z', { podCIDRs: ['10.50.0.0/24'] });
    const [made] = podsOf(at, pod('p', { spec: { nodeName: 'z' } }));
    expect(made?.status.podIPs[0]).toMatch(/^10\.50\.0\.\d+$/);
    const last = Number(made?.status.podIPs[0]?.split('.')[3]);
    expect(last).toBeGreaterThanOrEqual(2);
    expect(last).toBeLessThanOrEqual(254);
  });

  test('are placed on the Node whose range their address is in', () => {
    const at = node('z', { podCIDRs: ['10.50.0.0/22'] });
    const [placed] = podsOf(at, pod('p', { status: { podIPs: ['10.50.3.97'] } }));
    expect(placed?.spec.nodeName).toBe('z');
  });

  test.each([
    ['the address of a Node', ['192.0.2.7'], 'z'],
    ['an address in a range of IPv6', ['fd00:50::7'], 'z'],
    ['both', ['10.50.3.97', 'fd00:50::7'], 'z'],
    ['an address in no range', ['10.9.9.9'], 'y'],
    ['an address in no range, in IPv6', ['fd00:51::7'], 'y'],
  ])('are placed by %s', (_, podIPs, expected) => {
    const at = node('z', {
      addresses: ['192.0.2.7', '2001:db8::7'],
      podCIDRs: ['10.50.0.0/22', 'fd00:50::/64'],
    });
    const other = node('y', { labels: { disk: 'ssd' } });
    const selecting = pod('p', { spec: { nodeSelector: { disk: 'ssd' } }, status: { podIPs } });
    const { pods } = completeCluster([at, other, selecting], options);
    expect(pods[0]?.spec.nodeName).toBe(expected);
  });

  test('move to a Node that they select from one that they do not any more', () => {
    const ssd = node('d', { labels: { disk: 'ssd' } });
    const before = completeCluster([...nodes, ssd, pod('p', { spec: { nodeName: 'a' } })], options);
    const selecting = pod('p', { spec: { nodeSelector: { disk: 'ssd' } } });
    const { pods } = completeCluster([...nodes, ssd, selecting], options, before);
    expect(pods[0]?.spec.nodeName).toBe('d');
  });

  test('are not ready where nobody knows of them', () => {
    const [unknown] = podsOf(pod('p', { spec: { nodeName: 'a' }, status: { phase: 'Unknown' } }));
    expect(unknown?.status).toMatchObject({ phase: 'Unknown', conditions: [] });
  });

  test('on the host network have the address of their Node', () => {
    const at = node('z', { addresses: ['192.0.2.7'] });
    const [made] = podsOf(at, pod('p', { spec: { nodeName: 'z', hostNetwork: true } }));
    expect(made?.status.podIPs).toEqual(['192.0.2.7']);
  });

  test.each(['Pending', 'Succeeded', 'Failed'] as const)('get nothing when %s', (phase) => {
    const written = pod('p', { status: { phase } });
    expect(podsOf(written)).toEqual([written]);
  });

  test('on a Node that does not exist get no address, with a note', () => {
    const state = completeCluster([...nodes, pod('p', { spec: { nodeName: 'lost' } })], options);
    expect(state.pods[0]?.status.podIPs).toEqual([]);
    expect(state.notes.map(({ message }) => message)).toContain(
      'has no address: there is no Node lost',
    );
  });

  test('are refused once for a Node that is full, at the workload they come from', () => {
    const crowd = workload('Deployment', 'shop/web', { replicas: 300 });
    crowd.source = { file: 'web.yaml', line: 3 };
    const others = ['default/web', 'shop/api'].map((name) =>
      workload('Deployment', name, { replicas: 0 }),
    );
    expect(() => completeCluster([node('n'), ...others, crowd], options)).toThrow(
      /^web.yaml:3: spec.replicas: no free IPv4 address on Node n in 10.244.1.0\/24; [^\n]+$/,
    );
  });

  test('are refused in numbers that no cluster holds', () => {
    const many = workload('StatefulSet', 'db', { replicas: 1e9 });
    expect(() => completeCluster([many], options)).toThrow(
      'Invalid value: 1000000000: more pods than a cluster holds; at most 150000',
    );
  });

  test('are refused when the range of their Node is full', () => {
    const small = node('s', { podCIDRs: ['10.50.0.0/30'] });
    const crowd = ['p', 'q'].map((name) => pod(name, { spec: { nodeName: 's' } }));
    expect(() => completeCluster([small, ...crowd], options)).toThrow(
      'no free IPv4 address on Node s in 10.50.0.0/30',
    );
    const ranges = { podCIDRs: ['10.50.0.0/32', '10.50.1.0/32'] };
    expect(() => completeCluster([node('s', ranges), ...crowd, pod('r')], options)).toThrow(
      'no free IPv4 address on Node s in 10.50.0.0/32, 10.50.1.0/32',
    );
  });
});
