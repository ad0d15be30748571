// The whole of it: namespaces, Nodes, repetitions, and the laws that hold for any cluster.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions as options,
  type ClusterState,
} from '../../../host/controllers/state.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { node, objectsOf, pod, service, slice, workload } from './objects.ts';

describe('namespaces', () => {
  test('that are only mentioned exist, and every one carries its name', () => {
    const shop = { kind: 'Namespace', metadata: node('shop', { labels: { team: 'x' } }).metadata };
    const { namespaces } = completeCluster(
      [pod('web/p'), service('default/s'), pod('shop/p'), shop as KubernetesObject],
      options,
    );
    expect(namespaces.map(({ metadata }) => [metadata.name, metadata.labels])).toEqual([
      ['default', { 'kubernetes.io/metadata.name': 'default' }],
      ['shop', { team: 'x', 'kubernetes.io/metadata.name': 'shop' }],
      ['web', { 'kubernetes.io/metadata.name': 'web' }],
    ]);
  });
});

describe('Nodes', () => {
  const summary = ({ nodes }: ClusterState) =>
    nodes.map(({ metadata, spec, status }) => [
      metadata.name,
      status.addresses.map(({ address }) => address).join(),
      spec.podCIDRs.join(),
    ]);

  test('one is there if none is', () => {
    expect(summary(completeCluster([], options))).toEqual([
      ['node-1', '192.168.0.2', '10.244.1.0/24'],
    ]);
  });

  test('those that objects name are there if none is written', () => {
    const remote = slice('s', 'web', {
      endpoints: [
        {
          addresses: ['10.244.7.2'],
          conditions: {},
          nodeName: 'b',
          hints: { forZones: [], forNodes: [] },
        },
      ],
    });
    const state = completeCluster([pod('p', { spec: { nodeName: 'a' } }), remote], options);
    expect(summary(state).map(([name]) => name)).toEqual(['a', 'b']);
  });

  test('those that the options name are there besides the written ones', () => {
    const state = completeCluster([node('b')], { ...options, nodeNames: ['a', 'b'] });
    expect(summary(state)).toEqual([
      ['a', '192.168.0.2', '10.244.1.0/24'],
      ['b', '192.168.0.3', '10.244.2.0/24'],
    ]);
  });

  test('keep what is written, and the range that holds their written pods', () => {
    const state = completeCluster(
      [
        node('a', { addresses: ['192.168.0.2'], podCIDRs: ['10.244.2.0/23'] }),
        node('b'),
        node('c'),
        pod('p', { spec: { nodeName: 'c' }, status: { podIPs: ['10.244.9.5'] } }),
      ],
      options,
    );
    expect(summary(state)).toEqual([
      ['a', '192.168.0.2', '10.244.2.0/23'],
      ['b', '192.168.0.3', '10.244.4.0/24'],
      ['c', '192.168.0.4', '10.244.9.0/24'],
    ]);
  });
});

test('an object written twice counts as the last one, with a note at the first', () => {
  const first = {
    ...service('web', { selector: { v: '1' } }),
    source: { file: 'a.yaml', line: 1 },
  };
  const last = { ...service('web', { selector: { v: '2' } }), source: { file: 'a.yaml', line: 9 } };
  const { services, notes } = completeCluster([first, last], options);
  expect(services.map(({ spec }) => spec.selector)).toEqual([{ v: '2' }]);
  expect(notes).toContainEqual({
    object: 'Service/default/web',
    message: 'is written again at a.yaml:9: the last one counts',
    source: first.source,
  });
});

test('without controllers only what is written counts', () => {
  const objects = [pod('p'), service('web', { selector: { a: 'b' } }), workload('Deployment', 'd')];
  const state = completeCluster(objects, { ...options, controllers: false });
  expect([state.pods, state.services, state.workloads]).toEqual([
    [objects[0]],
    [objects[1]],
    [objects[2]],
  ]);
  expect([state.nodes, state.namespaces, state.slices, state.notes]).toEqual([[], [], [], []]);
});

test('a CIDR that is none is refused', () => {
  expect(() => completeCluster([], { ...options, podCIDRs: ['10.0.0.0/33'] })).toThrow(
    'config: podCIDRs[0]: Invalid value: "10.0.0.0/33"',
  );
});

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const path = fc.tuple(fc.constantFrom('default', 'shop'), name).map((parts) => parts.join('/'));
const app = fc.constantFrom('web', 'db');
const anObject: fc.Arbitrary<KubernetesObject> = fc.oneof(
  name.map((one) => node(one)),
  fc.tuple(path, app).map(([at, label]) => pod(at, { labels: { app: label } })),
  fc
    .tuple(
      fc.constantFrom('Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'),
      path,
      app,
      fc.nat(4),
    )
    .map(([kind, at, label, replicas]) => workload(kind, at, { app: label, replicas })),
  fc
    .tuple(path, app, fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'), fc.boolean())
    .map(([at, label, type, dual]) =>
      service(at, {
        type,
        selector: { app: label },
        ...(dual && { ipFamilyPolicy: 'PreferDualStack' }),
      }),
    ),
);
const cluster = fc.uniqueArray(anObject, {
  maxLength: 20,
  selector: ({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`,
});

/** Notes tell how a state came about, which is not part of it. */
function withoutNotes({ notes: _, ...state }: ClusterState) {
  return state;
}

/** Everything but EndpointSlices, which follow from the rest. */
function assignments(state: ClusterState) {
  const { pods, services, nodes } = state;
  return new Map(
    [...pods, ...services, ...nodes].map((one) => [
      `${one.kind}/${one.metadata.namespace}/${one.metadata.name}`,
      one,
    ]),
  );
}

describe('laws', () => {
  test('the order of manifests does not matter', () => {
    fc.assert(
      fc.property(
        cluster.chain((objects) =>
          fc.tuple(
            fc.constant(objects),
            fc.shuffledSubarray(objects, { minLength: objects.length }),
          ),
        ),
        ([objects, shuffled]) => {
          expect(withoutNotes(completeCluster(shuffled, options))).toEqual(
            withoutNotes(completeCluster(objects, options)),
          );
        },
      ),
    );
  });

  test('completing a completed state changes nothing', () => {
    fc.assert(
      fc.property(cluster, (objects) => {
        const state = completeCluster(objects, options);
        expect(withoutNotes(completeCluster(objectsOf(state), options))).toEqual(
          withoutNotes(state),
        );
      }),
    );
  });

  test('a state can be written as JSON: no field and no element of it is undefined', () => {
    const stuck = { nodeSelector: { disk: 'none' } };
    const lost = slice('s', 'lost', { endpoints: [] });
    const fixed = [
      pod('stuck', { spec: stuck }),
      workload('StatefulSet', 'stuck', { pod: stuck }),
      lost,
    ];
    fc.assert(
      fc.property(cluster, (objects) => {
        const state = completeCluster([...objects, ...fixed], options);
        expect(state).toStrictEqual(JSON.parse(JSON.stringify(state)));
      }),
    );
  });

  test('completing again after the state before changes nothing', () => {
    fc.assert(
      fc.property(cluster, (objects) => {
        const state = completeCluster(objects, options);
        expect(completeCluster(objects, options, state)).toEqual(state);
      }),
    );
  });

  test('a Service or pod more changes nobody else', () => {
    const added = fc.constantFrom(
      pod('shop/new', { labels: { app: 'new' } }),
      service('shop/new', { type: 'LoadBalancer' }),
    );
    fc.assert(
      fc.property(cluster, added, (objects, one) => {
        const before = completeCluster(objects, options);
        const after = assignments(completeCluster([...objects, one], options, before));
        for (const [key, object] of assignments(before)) expect(after.get(key)).toEqual(object);
      }),
    );
  });

  test('what a state before had assigned is kept when a rival for it comes', () => {
    fc.assert(
      fc.property(cluster, cluster, (objects, more) => {
        const before = completeCluster(objects, options);
        const keys = new Set(assignments(before).keys());
        const rivals = more.filter(
          ({ kind, metadata }) =>
            (kind === 'Service' || kind === 'Node') &&
            !keys.has(`${kind}/${metadata.namespace}/${metadata.name}`),
        );
        const after = assignments(completeCluster([...objects, ...rivals], options, before));
        for (const { metadata, spec } of before.services) {
          const now = after.get(`Service/${metadata.namespace}/${metadata.name}`);
          expect(now).toMatchObject({ spec: { clusterIP: spec.clusterIP, ports: spec.ports } });
        }
      }),
    );
  });

  test('no address and no node port is given twice', () => {
    fc.assert(
      fc.property(cluster, (objects) => {
        const { pods, services, nodes } = completeCluster(objects, options);
        const values = [
          ...pods.flatMap(({ status }) => status.podIPs),
          ...services.flatMap(({ spec }) => [
            ...spec.clusterIPs,
            ...spec.ports.flatMap(({ nodePort }) => (nodePort ? [String(nodePort)] : [])),
          ]),
          ...services.flatMap(({ status }) => status.ingress.map(({ ip }) => ip)),
          ...nodes.flatMap(({ status }) => status.addresses.map(({ address }) => address)),
          ...nodes.flatMap(({ spec }) => spec.podCIDRs),
        ];
        expect(new Set(values).size).toBe(values.length);
      }),
    );
  });
});
