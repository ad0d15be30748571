// What a node shares with its siblings must not show: compiled after another node, its maps are
// those that it would have on its own with the same numbers.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster } from '../../../fuzz/arbitrary/cluster.ts';
import { Cluster } from '../../../host/cluster/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import type { DesiredState } from '../../../host/compile/desired.ts';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../../host/controllers/state.ts';
import { clusterOf, nodeOf, serviceOf, sliceOf } from './cluster-state.ts';
import type { EndpointInput, ServiceInput } from './cluster-state.ts';

const textsOf = (desired: DesiredState): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(desired).map(([name, map]) => [
      name,
      [...map!].map(([key, value]) => `${key} ${value.join()}`).toSorted(),
    ]),
  );

const doors: [string, ServiceInput][] = [
  ['ClusterIP', {}],
  ['the node’s own ClusterIP', { clusterIP: '192.168.0.2' }],
  ['node port', { type: 'NodePort', ports: [{ nodePort: 30080 }] }],
  ['external address', { externalIPs: ['192.168.0.2'] }],
  [
    'load balancer',
    {
      type: 'LoadBalancer',
      ingress: [{ ip: '192.168.0.2' }],
      loadBalancerSourceRanges: ['192.168.0.3/32'],
    },
  ],
];
const ends: [string, EndpointInput][] = [
  ['nowhere', { ip: '10.244.9.1' }],
  ['here', { ip: '10.244.9.1', nodeName: 'node-a' }],
  ['there', { ip: '10.244.9.1', nodeName: 'node-b' }],
  ['for a node', { ip: '10.244.9.1', forNodes: ['node-a'] }],
  ['for a zone', { ip: '10.244.9.1', forZones: ['z'] }],
];

test.each(doors.flatMap((door) => ends.map((end) => [door[0], end[0], door[1], end[1]] as const)))(
  'one Service, %s, endpoint %s',
  (title, place, door, end) => {
    const other = { ip: '10.244.9.2', ...(end.forNodes ? { forNodes: ['node-b'] } : {}) };
    const zoned = { ip: '10.244.9.3', forZones: ['y'] };
    const hinted = [sliceOf([end, ...(end.forNodes ? [other] : end.forZones ? [zoned] : [])])];
    const nodes = ['node-a', 'node-b'].map((name, at) => {
      const made = nodeOf(name, `192.168.0.${at + 2}`);
      const labels = { 'topology.kubernetes.io/zone': at === 0 ? 'z' : 'y' };
      return { ...made, metadata: { ...made.metadata, labels } };
    });
    const state = clusterOf({ nodes, services: [serviceOf(door)], slices: hinted });
    for (const mode of ['nftables', 'iptables', 'ipvs'] as const) {
      const config = { ...defaultNodeConfig, mode };
      const { numbering, parts } = compileNode(state, 'node-b', config);
      const alone = compileNode(state, 'node-a', config, { numbering });
      const after = compileNode(state, 'node-a', config, { numbering, sibling: parts });
      expect(textsOf(after.desired)).toEqual(textsOf(alone.desired));
      const [owner, group] = [...parts.services.groups].find(([name]) => name !== '')!;
      const isShared = after.parts.services.groups.get(owner) === group;
      expect(isShared).toBe(title === 'ClusterIP' && place === 'nowhere');
    }
  },
);

test('numbers that only one of the nodes has are given out in the order of names', () => {
  const services = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, at) => {
    const ports = [{ nodePort: 30080 + at }];
    return serviceOf({ name, type: 'NodePort', clusterIP: `10.96.0.${at + 1}`, ports });
  });
  const state = clusterOf({ services });
  const config = { ...defaultNodeConfig, mode: 'ipvs' as const };
  const { numbering, parts } = compileNode(state, 'node-b', config);
  const alone = compileNode(state, 'node-a', config, { numbering });
  const after = compileNode(state, 'node-a', config, { numbering, sibling: parts });
  expect(textsOf(after.desired)).toEqual(textsOf(alone.desired));
});

test.each(['', 'node-b'])('numbers of policies do not tell of pods elsewhere (%s)', (other) => {
  const colours = ['blue', 'cyan', 'grey', 'lime', 'pink', 'teal'];
  const pod = (name: string, nodeName: string, colour: string, last: number) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { colour } } },
    spec: {
      nodeName,
      containers: [{ name: 'main', ports: [{ name: colour, containerPort: 80 }] }],
    },
    status: { phase: 'Running', podIP: `10.244.0.${last}` },
  });
  const state = Cluster.from(
    colours.flatMap((colour, at) => {
      const next = colours[(at + 2) % colours.length]!;
      const from = [{ podSelector: { matchLabels: { colour: next } } }];
      const spec = { podSelector: { matchLabels: { colour } } };
      return [
        pod(`far-${9 - at}`, 'node-b', colour, at + 1),
        pod(`near-${at}`, 'node-a', colour, at + 101),
        {
          ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
          metadata: { name: `policy-${at}` },
          spec: { ...spec, ingress: [{ from, ports: [{ port: next }] }] },
        },
      ];
    }),
  ).state;
  const { numbering, parts } = compileNode(state, other, defaultNodeConfig);
  const alone = compileNode(state, 'node-a', defaultNodeConfig, { numbering });
  const after = compileNode(state, 'node-a', defaultNodeConfig, { numbering, sibling: parts });
  expect(textsOf(after.desired)).toEqual(textsOf(alone.desired));
});

test.each(['nftables', 'iptables', 'ipvs'] as const)('in %s mode', (mode) => {
  const config = { ...defaultNodeConfig, mode };
  let shared = 0;
  fc.assert(
    fc.property(cluster(), fc.constantFrom('', 'node-b'), (objects, other) => {
      const state = completeCluster(objects, { ...defaultControllerOptions, controllers: false });
      const sibling = compileNode(state, other, config);
      const { numbering, parts } = sibling;
      const alone = compileNode(state, 'node-a', config, { numbering });
      const after = compileNode(state, 'node-a', config, { numbering, sibling: parts });
      expect(textsOf(after.desired)).toEqual(textsOf(alone.desired));
      for (const [owner, group] of after.parts.services.groups) {
        if (parts.services.groups.get(owner) === group) shared++;
      }
    }),
    { numRuns: 100 },
  );
  expect(shared).toBeGreaterThan(0);
});
