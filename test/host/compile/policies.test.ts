// NetworkPolicy, case by case: a policy in, the verdict of the compiled maps out.
// Source of the expectations: Kubernetes NetworkPolicySpec and the upstream end-to-end suite.

import { describe, expect, test } from 'vitest';
import { PortShape } from '../../../host/abi/abi.gen.ts';
import { parseIpBlock } from '../../../host/compile/ip-block.ts';
import { listNumbered } from '../../../host/compile/numbering.ts';
import type { NetworkPolicy } from '../../../host/kubernetes/types.ts';
import { clusterOf, namespaceOf, podOf, policyOf, type PolicyInput } from './cluster-state.ts';
import { compile, entries, PolicyMaps, type Flow } from './compiled-maps.ts';

const http = { name: 'http', containerPort: 8080, protocol: 'TCP' as const };
const httpElsewhere = { ...http, containerPort: 9090 };

const web = '10.244.0.10';
const client = '10.244.0.11';
const other = '10.244.1.12';
const db = '10.244.1.20';
const finished = '10.244.1.30';
const outside = '203.0.113.9';

const pods = [
  podOf({ name: 'web', ip: [web, 'fd00::10'], labels: { app: 'web' }, ports: [http] }),
  podOf({ name: 'client', ip: client, labels: { app: 'client', tier: '' } }),
  podOf({ name: 'other', ip: other, namespace: 'shop', node: 'node-b', labels: { app: 'client' } }),
  podOf({ name: 'db', ip: db, node: 'node-b', labels: { app: 'db' }, ports: [httpElsewhere] }),
  podOf({ name: 'job', ip: finished, labels: { app: 'client' }, phase: 'Succeeded' }),
];
const namespaces = [namespaceOf('default'), namespaceOf('shop', { team: 'shop' })];
const forWeb = { podSelector: { matchLabels: { app: 'web' } } };
const forClient = { podSelector: { matchLabels: { app: 'client' } } };

function judge(policies: readonly NetworkPolicy[], flow: Partial<Flow>): string {
  const { desired } = compile(clusterOf({ pods, namespaces, policies }));
  const whole = { source: client, destination: web, protocol: 0, port: 8080, ...flow };
  return new PolicyMaps(desired).judge(whole);
}

type Case = [title: string, policy: PolicyInput, flow: Partial<Flow>, expected: string];

const denied = 'denied-ingress';
const peer = (ingress: NonNullable<PolicyInput['ingress']>): PolicyInput => ({
  ...forWeb,
  ingress,
});
const clients = [{ podSelector: { matchLabels: { app: 'client' } } }];

describe('isolation', () => {
  test('no policy: everything is allowed', () => {
    expect(judge([], {})).toBe('allowed');
  });

  test.each<Case>([
    ['an empty rule list isolates', { ...forWeb }, {}, denied],
    ['an absent selector means every pod', {}, {}, denied],
    ['one empty rule allows everything', peer([{}]), { source: outside }, 'allowed'],
    ['one empty rule allows every protocol', peer([{}]), { protocol: 3 }, 'allowed'],
    ['a policy of another namespace does not count', { namespace: 'shop' }, {}, 'allowed'],
    ['directions are independent', { types: ['Egress'], ...forWeb }, {}, 'allowed'],
    ['rules of a direction that is not listed', { types: [], ...forWeb }, {}, 'allowed'],
    ['the source end counts', { types: ['Egress'], ...forClient }, {}, 'denied-egress'],
    ['a pod reaches itself', {}, { source: web }, 'allowed'],
    ['the own node gets in', {}, { source: '192.168.0.2' }, 'allowed'],
    ['loopback is the own node', {}, { source: '127.0.0.1' }, 'allowed'],
    ['another node does not', {}, { source: '192.168.0.3' }, denied],
    ['a pod of another node is judged there', {}, { destination: db }, 'allowed'],
    ['both families', {}, { source: 'fd00::99', destination: 'fd00::10' }, denied],
  ])('%s', (_, policy, flow, expected) => {
    expect(judge([policyOf(policy)], flow)).toBe(expected);
  });

  test('policies only add', () => {
    const policies = [policyOf(forWeb), policyOf({ name: 'allow', ...peer([{ peers: clients }]) })];
    expect(judge(policies, {})).toBe('allowed');
    expect(judge(policies, { source: db })).toBe(denied);
  });
});

test('a pod that lacks one of two labels and has a third is told apart', () => {
  const port = (number: number) => [{ protocol: 'TCP' as const, port: number }];
  const ingress = [
    { peers: [{ namespaceSelector: {}, podSelector: lacking('app') }], ports: port(1) },
    { peers: [{ namespaceSelector: {}, podSelector: lacking('tier') }], ports: port(2) },
    { peers: [{ namespaceSelector: {}, ...clients[0] }], ports: port(3) },
  ];
  const open = (source: string) =>
    [1, 2, 3].filter(
      (number) => judge([policyOf(peer(ingress))], { source, port: number }) === 'allowed',
    );
  expect([open(client), open(other)]).toEqual([[3], [2, 3]]);
});

const shop = { namespaceSelector: { matchLabels: { team: 'shop' } } };
const named = { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } };
const lacking = (key: string) => ({
  matchExpressions: [{ key, operator: 'DoesNotExist' as const }],
});
const block = (cidr: string, ...except: string[]) => [{ ipBlock: { cidr, except } }];

test.each<Case>([
  ['own namespace only', peer([{ peers: clients }]), { source: other }, denied],
  ['a namespace', peer([{ peers: [shop] }]), { source: other }, 'allowed'],
  ['a namespace, not the own one', peer([{ peers: [shop] }]), {}, denied],
  ['both selectors: intersection', peer([{ peers: [{ ...shop, ...clients[0] }] }]), {}, denied],
  ['two entries: union', peer([{ peers: [shop, ...clients] }]), {}, 'allowed'],
  ['all namespaces', peer([{ peers: [{ namespaceSelector: {} }] }]), {}, 'allowed'],
  [
    'no namespace is outside',
    peer([{ peers: [{ namespaceSelector: {} }] }]),
    { source: outside },
    denied,
  ],
  [
    'a namespace by name',
    peer([{ peers: [{ namespaceSelector: named }] }]),
    { source: other },
    'allowed',
  ],
  ['finished pods have no address', peer([{ peers: clients }]), { source: finished }, denied],
  [
    'peers that match nobody',
    peer([{ peers: [{ podSelector: { matchLabels: { app: 'x' } } }] }]),
    {},
    denied,
  ],
  [
    'a key with an empty value',
    peer([{ peers: [{ podSelector: { matchLabels: { tier: '' } } }] }]),
    {},
    'allowed',
  ],
  [
    'an absent key is no empty value',
    peer([{ peers: [{ podSelector: { matchLabels: { tier: '' } } }] }]),
    { source: db },
    denied,
  ],
  [
    'pods without a label, in any namespace',
    peer([{ peers: [{ namespaceSelector: {}, podSelector: lacking('tier') }] }]),
    { source: other },
    'allowed',
  ],
  [
    'a pod with that label',
    peer([{ peers: [{ namespaceSelector: {}, podSelector: lacking('tier') }] }]),
    {},
    denied,
  ],
  ['a block', peer([{ peers: block('203.0.113.0/24') }]), { source: outside }, 'allowed'],
  ['a block that is none', peer([{ peers: block('all') }]), { source: outside }, denied],
  [
    'an exception that is none',
    peer([{ peers: block('203.0.113.0/24', 'none') }]),
    { source: outside },
    'allowed',
  ],
  ['a block of the other family', peer([{ peers: block('::/0') }]), { source: outside }, denied],
  ['a pod in a block', peer([{ peers: block('10.244.0.11/32') }]), {}, 'allowed'],
  [
    'a node in a block',
    peer([{ peers: block('192.168.0.0/24') }]),
    { source: '192.168.0.3' },
    'allowed',
  ],
  [
    'an exception',
    peer([{ peers: block('203.0.113.0/24', '203.0.113.8/30') }]),
    { source: outside },
    denied,
  ],
  [
    'beside an exception',
    peer([{ peers: block('203.0.113.0/24', '203.0.113.8/30') }]),
    { source: '203.0.113.12' },
    'allowed',
  ],
  [
    'an exception is its own block’s',
    peer([{ peers: [...block('203.0.113.0/24', '203.0.113.8/30'), ...block('203.0.0.0/16')] }]),
    { source: outside },
    'allowed',
  ],
  [
    'an inner block keeps what the outer allows',
    peer([
      { peers: block('203.0.0.0/16') },
      { peers: block('203.0.113.0/24'), ports: [{ protocol: 'TCP', port: 1 }] },
    ]),
    { source: outside },
    'allowed',
  ],
])('peers: %s', (_, policy, flow, expected) => {
  expect(judge([policyOf(policy)], flow)).toBe(expected);
});

test('blocks are equal by what they hold, not by how they are written', () => {
  const textOf = (cidr: string, ...except: string[]) =>
    parseIpBlock({ ipBlock: { cidr, except } })?.text;
  const text = textOf('10.0.0.0/8', '10.1.0.0/16', '10.2.0.0/16');
  expect(textOf('10.0.0.0/8', '10.2.0.0/16', '10.1.0.0/16')).toBe(text);
  expect(textOf('10.0.0.0/8', '10.1.0.0/16')).not.toBe(text);
  expect(textOf('10.0.0.0/9', '10.1.0.0/16', '10.2.0.0/16')).not.toBe(text);
});

const ports = (...list: NonNullable<NonNullable<PolicyInput['ingress']>[0]['ports']>) =>
  peer([{ ports: list }]);

test.each<Case>([
  ['the number', ports({ protocol: 'TCP', port: 8080 }), {}, 'allowed'],
  ['another number', ports({ protocol: 'TCP', port: 80 }), {}, denied],
  ['another protocol', ports({ protocol: 'UDP', port: 8080 }), {}, denied],
  ['a whole protocol', ports({ protocol: 'TCP' }), {}, 'allowed'],
  ['a whole protocol with port 0', ports({ protocol: 'TCP' }), { port: 0 }, 'allowed'],
  ['a whole protocol is no other', ports({ protocol: 'TCP' }), { protocol: 1 }, denied],
  ['a whole protocol without ICMP', ports({ protocol: 'TCP' }), { protocol: 3 }, denied],
  [
    'a whole protocol beside another’s port',
    ports({ protocol: 'SCTP' }, { protocol: 'TCP', port: 1 }),
    {},
    denied,
  ],
  ['first of a range', ports({ protocol: 'TCP', port: 8080, endPort: 8090 }), {}, 'allowed'],
  ['last of a range', ports({ protocol: 'TCP', port: 8070, endPort: 8080 }), {}, 'allowed'],
  ['beyond a range', ports({ protocol: 'TCP', port: 8070, endPort: 8079 }), {}, denied],
  ['a name', ports({ protocol: 'TCP', port: 'http' }), {}, 'allowed'],
  ['a name is its own pod’s', ports({ protocol: 'TCP', port: 'http' }), { port: 9090 }, denied],
  ['a name of another protocol', ports({ protocol: 'UDP', port: 'http' }), { protocol: 1 }, denied],
  ['an unknown name', ports({ protocol: 'TCP', port: 'https' }), {}, denied],
])('ports: %s', (_, policy, flow, expected) => {
  expect(judge([policyOf(policy)], flow)).toBe(expected);
});

test('two names of one port are both known', () => {
  const both = podOf({
    name: 'w',
    ip: web,
    labels: { app: 'web' },
    ports: [http, { ...http, name: 'alias' }],
  });
  for (const name of ['http', 'alias']) {
    const policies = [policyOf(ports({ protocol: 'TCP', port: name }))];
    const { desired } = compile(clusterOf({ pods: [both], policies }));
    const flow = { source: outside, destination: web, protocol: 0, port: 8080 };
    expect(new PolicyMaps(desired).judge(flow)).toBe('allowed');
  }
});

describe('the set of ports that a ruleset refers to', () => {
  const rulesetOf = (policy: PolicyInput) => {
    const { desired, numbering } = compile(
      clusterOf({ pods, namespaces, policies: [policyOf(policy)] }),
    );
    const [, value] = entries(desired, 'rulesets')[0]!;
    const sets = [...listNumbered(numbering, 'port-sets')].map(([, number]) => number);
    expect(new Set(entries(desired, 'port-rulings').map(([key]) => key.portSet))).toEqual(
      new Set(sets),
    );
    const { anySet, anyShape, podsSet, podsShape } = value;
    return { anySet, anyShape, podsSet, podsShape };
  };
  const empty = { anySet: 0, anyShape: 0, podsSet: 0, podsShape: 0 };
  const one = [{ protocol: 'TCP' as const, port: 8080 }];
  const everyPod = [{ namespaceSelector: {} }];
  const single = 1 << 16;

  test.each<[string, PolicyInput, typeof empty]>([
    ['none, where there are no rules', forWeb, empty],
    ['none, where rules mean pods of some labels', peer([{ peers: clients }]), empty],
    ['of everybody', peer([{ ports: one }]), { ...empty, anySet: 1, anyShape: single }],
    [
      'of every pod',
      peer([{ peers: everyPod, ports: one }]),
      { ...empty, podsSet: 1, podsShape: single },
    ],
    [
      'of both',
      peer([{ ports: one }, { peers: everyPod }]),
      { anySet: 1, anyShape: single, podsSet: 2, podsShape: PortShape.AnyProtocol },
    ],
  ])('%s', (_, policy, expected) => {
    expect(rulesetOf(policy)).toEqual(expected);
  });
});

const egress = (rule: NonNullable<PolicyInput['egress']>[0]): PolicyInput => ({
  ...forClient,
  types: ['Egress'],
  egress: [{ ports: [{ protocol: 'TCP', port: 'http' }], ...rule }],
});
const everywhere = [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.244.1.0/24'] } }];

test.each<Case>([
  ['looked up on the destination', egress({}), { destination: db, port: 9090 }, 'allowed'],
  ['one pod’s number does not leak', egress({}), { destination: db, port: 8080 }, 'denied-egress'],
  ['with a selector', egress({ peers: [{ podSelector: {} }] }), {}, 'allowed'],
  ['on an address that is no pod', egress({}), { destination: outside }, 'denied-egress'],
  ['on a pod in a block', egress({ peers: everywhere }), {}, 'allowed'],
  [
    'on a pod in an exception',
    egress({ peers: everywhere }),
    { destination: db, port: 9090 },
    'denied-egress',
  ],
])('ports: egress name: %s', (_, policy, flow, expected) => {
  expect(judge([policyOf(policy)], flow)).toBe(expected);
});

test('ports: a name in a sidecar counts', () => {
  const sidecar = podOf({ name: 'w', ip: web, sidecarPorts: [http] });
  const policies = [policyOf({ ingress: [{ ports: [{ protocol: 'TCP', port: 'http' }] }] })];
  const { desired } = compile(clusterOf({ pods: [sidecar], policies }));
  const flow = { source: outside, destination: web, protocol: 0, port: 8080 };
  expect(new PolicyMaps(desired).judge(flow)).toBe('allowed');
  expect(new PolicyMaps(desired).judge({ ...flow, port: 8081 })).toBe(denied);
});
