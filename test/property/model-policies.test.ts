// The model's NetworkPolicy rules as a table: who may talk to whom under one policy.

import { expect, test } from 'vitest';
import { namespaces, nodes, podSketches, subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import type { PolicySketch } from '../../fuzz/arbitrary/objects.ts';
import { podOf, policyOf } from '../../fuzz/arbitrary/objects.ts';
import type { Flow } from '../../fuzz/model/flow.ts';
import { judgePolicies } from '../../fuzz/model/policies.ts';
import { defaultModelSettings } from '../../fuzz/model/world.ts';
import { completeCluster } from '../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../host/controllers/state.ts';

/**
 * Pods of namespace default on this node, of the same on the other node, of namespace other; and
 * outside.
 */
const [p0, p1, p2, p3] = podSketches.map(({ ips }) => ips[0]!);
const outside = '203.0.113.7';
const node = '192.168.0.2';
const otherNode = '192.168.0.3';

const denyIn: PolicySketch = {
  name: 'n',
  podLabels: { app: 'p0' },
  policyTypes: ['Ingress'],
  ingress: [],
  egress: [],
};
const denyOut: PolicySketch = { ...denyIn, policyTypes: ['Egress'] };
const inFrom = (peers: PolicySketch['ingress'][number]['peers'], ports = [] as never[]) => ({
  ...denyIn,
  ingress: [{ peers, ports }],
});
const inAt = (ports: PolicySketch['ingress'][number]['ports']) => ({
  ...denyIn,
  ingress: [{ peers: [], ports }],
});
const outAt = (ports: PolicySketch['egress'][number]['ports']) => ({
  ...denyOut,
  egress: [{ peers: [], ports }],
});

const ingress = 'policy-denied-ingress';
const egress = 'policy-denied-egress';

type Case = [string, PolicySketch, Partial<Flow>, string | null];

const cases: Case[] = [
  ['an isolated pod', denyIn, { source: p1!, destination: p0! }, ingress],
  ['is isolated for ICMP too', denyIn, { source: p1!, destination: p0!, protocol: 1 }, ingress],
  ['may still call', denyIn, { source: p0!, destination: p1! }, null],
  ['its neighbour is not isolated', denyIn, { source: p0!, destination: p1! }, null],
  ['its own node gets in', denyIn, { source: node, destination: p0! }, null],
  ['another node does not', denyIn, { source: otherNode, destination: p0! }, ingress],
  ['it reaches itself', denyIn, { source: p0!, destination: p0! }, null],
  ['egress alone', denyOut, { source: p0!, destination: outside }, egress],
  ['egress to its own node is judged', denyOut, { source: p0!, destination: node }, egress],
  ['egress leaves ingress open', denyOut, { source: p1!, destination: p0! }, null],
  ['a rule without peers', inFrom([]), { source: outside, destination: p0! }, null],
  ['a pod selector', inFrom([{ podSelector: {} }]), { source: p2!, destination: p0! }, null],
  [
    'means the own namespace',
    inFrom([{ podSelector: {} }]),
    { source: p3!, destination: p0! },
    ingress,
  ],
  ['and pods only', inFrom([{ podSelector: {} }]), { source: outside, destination: p0! }, ingress],
  [
    'a namespace selector',
    inFrom([{ namespaceSelector: { matchLabels: { team: 'blue' } } }]),
    { source: p3!, destination: p0! },
    null,
  ],
  [
    'both selectors must match',
    inFrom([{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'p1' } } }]),
    { source: p3!, destination: p0! },
    ingress,
  ],
  [
    'a block contains pods',
    inFrom([{ ipBlock: { cidr: '10.244.0.0/16', except: [] } }]),
    { source: p1!, destination: p0! },
    null,
  ],
  [
    'but not its exceptions',
    inFrom([{ ipBlock: { cidr: '10.244.0.0/16', except: ['10.244.1.0/24'] } }]),
    { source: p1!, destination: p0! },
    ingress,
  ],
  ['a port', inAt([{ protocol: 'TCP', port: 8080 }]), { source: p1!, destination: p0! }, null],
  [
    'another port',
    inAt([{ protocol: 'TCP', port: 80 }]),
    { source: p1!, destination: p0! },
    ingress,
  ],
  [
    'another protocol',
    inAt([{ protocol: 'UDP', port: 8080 }]),
    { source: p1!, destination: p0! },
    ingress,
  ],
  ['every port', inAt([{ protocol: 'TCP' }]), { source: p1!, destination: p0! }, null],
  [
    'ports do not admit ICMP',
    inAt([{ protocol: 'TCP' }]),
    { source: p1!, destination: p0!, protocol: 1, destinationPort: null },
    ingress,
  ],
  [
    'a range',
    inAt([{ protocol: 'TCP', port: 8000, endPort: 8080 }]),
    { source: p1!, destination: p0! },
    null,
  ],
  ['a name', inAt([{ protocol: 'TCP', port: 'web' }]), { source: p1!, destination: p0! }, null],
  [
    'a name at the other end',
    outAt([{ protocol: 'TCP', port: 'web' }]),
    { source: p0!, destination: p1! },
    null,
  ],
  [
    'which only pods have',
    outAt([{ protocol: 'TCP', port: 'web' }]),
    { source: p0!, destination: outside },
    egress,
  ],
];

test.each(cases)('%s', (_, sketch, flow, reason) => {
  const pods = podSketches.map((found) => podOf({ ...found, labels: { app: found.name } }));
  const objects = [...nodes, ...namespaces, ...pods, policyOf(sketch)];
  const state = completeCluster(objects, { ...defaultControllerOptions, controllers: false });
  const world = { state, node: subjectNode, settings: defaultModelSettings };
  const tcp = { source: outside, destination: p0!, protocol: 6, destinationPort: 8080 };
  expect(judgePolicies(world, { ...tcp, ...flow })).toBe(reason);
});
