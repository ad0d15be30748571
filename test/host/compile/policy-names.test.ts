// What the numbers of policies are called, and why a rule fits: for people who ask.

import { describe, expect, test } from 'vitest';
import type { PolicyQuestion, RuleFit } from '../../../host/compile/desired.ts';
import { rankTiers } from '../../../host/compile/tier-ranks.ts';
import type { TierPolicy, TierRule } from '../../../host/kubernetes/types.ts';
import { clusterOf, meta, namespaceOf, nodeOf, podOf, policyOf } from './cluster-state.ts';
import { compile, entries } from './compiled-maps.ts';

const web = '10.244.0.10';
const client = '10.244.0.11';
const far = '10.244.1.12';
const host = '192.168.0.2';
const outside = '203.0.113.9';
const http = { name: 'http', containerPort: 8080, protocol: 'TCP' as const };
const pods = [
  podOf({ name: 'client', ip: client, labels: { app: 'client' } }),
  podOf({ name: 'other', ip: far, namespace: 'shop', node: 'node-b', labels: { app: 'client' } }),
  podOf({ name: 'twin', ip: '10.244.0.12', labels: { app: 'client' } }),
  podOf({ name: 'web', ip: web, labels: { app: 'web' }, ports: [http] }),
  podOf({ name: 'agent', ip: host, hostNetwork: true }),
];
const namespaces = [namespaceOf('default'), namespaceOf('shop', { team: 'blue' })];

function tierOf(
  name: string,
  [tier, priority]: readonly ['Admin' | 'Baseline', number],
  ingress: readonly Partial<TierRule>[],
  kind: TierPolicy['kind'] = 'ClusterNetworkPolicy',
): TierPolicy {
  const rules = ingress.map((rule, at) => {
    return { name: '', action: 'Accept' as const, peers: [], path: `spec.ingress[${at}]`, ...rule };
  });
  const subject = { namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } };
  return {
    kind,
    metadata: meta(name, ''),
    spec: { tier, priority, subject, ingress: rules, egress: [] },
  };
}

const blue = { pods: { namespaceSelector: { matchLabels: { team: 'blue' } } } };
const source = { file: 'p.yaml', line: 7 };
const tierPolicies = [
  tierOf('a-late', ['Admin', 9], [{ peers: [blue], name: 'blue', action: 'Deny' }]),
  {
    ...tierOf('b-early', ['Admin', 2], [{ peers: [blue] }, { peers: [blue], action: 'Pass' }]),
    source,
  },
  tierOf('default', ['Baseline', 0], [{ peers: [blue] }], 'BaselineAdminNetworkPolicy'),
];
const clients = { podSelector: { matchLabels: { app: 'client' } } };
const blocks = [{ ipBlock: { cidr: '203.0.113.0/24', except: ['203.0.113.8/31'] } }];
const policies = [
  policyOf({
    name: 'plain',
    podSelector: { matchLabels: { app: 'web' } },
    ingress: [
      { peers: [clients], ports: [{ protocol: 'TCP', port: 'http' }] },
      { peers: [...blocks, { ipBlock: { cidr: '203.0.0.0/16', except: [] } }] },
      { ports: [{ protocol: 'UDP', port: 53 }] },
    ],
  }),
];
const state = clusterOf({ pods, namespaces, policies, tierPolicies });
const { desired, names } = compile(state);
const identities = new Map(
  entries(desired, 'identities').map(([{ address }, identity]) => [address, identity]),
);
const ruleset = identities.get(web)!.ingress;

function fitsOf(question: Partial<PolicyQuestion>): Record<string, readonly RuleFit[]> {
  const whole = { ruleset, peer: outside, destination: web, protocol: 6, port: 8080, ...question };
  const { policies: told } = names.explainRuleset(whole);
  return Object.fromEntries(told.map(({ policy, rules }) => [policy.policy, rules]));
}

test('policies are told tier by tier, by priority', () => {
  const question = { ruleset, peer: outside, destination: web, protocol: 6, port: 8080 };
  const told = names.explainRuleset(question);
  expect(told.policies.map(({ policy }) => policy)).toEqual([
    {
      kind: 'ClusterNetworkPolicy',
      namespace: '',
      policy: 'b-early',
      path: 'spec.subject',
      source,
    },
    { kind: 'ClusterNetworkPolicy', namespace: '', policy: 'a-late', path: 'spec.subject' },
    { namespace: 'default', policy: 'plain', path: 'spec.podSelector' },
    { kind: 'BaselineAdminNetworkPolicy', namespace: '', policy: 'default', path: 'spec.subject' },
  ]);
  expect(
    names.rulesets
      .get(ruleset)
      ?.map(({ policy }) => policy)
      .toSorted(),
  ).toEqual(told.policies.map(({ policy }) => policy.policy).toSorted());
  expect(names.explainRuleset({ ...question, ruleset: 99 })).toEqual({ policies: [] });
  expect(names.rulesets.get(99)).toBeUndefined();
});

test('rules are told with what they do, their names and their ranks', () => {
  const { 'b-early': early, 'a-late': late, plain } = fitsOf({});
  const admin = { kind: 'ClusterNetworkPolicy', namespace: '', tier: 'Admin' };
  expect(early!.map(({ rule }) => rule)).toEqual([
    { ...admin, policy: 'b-early', path: 'spec.ingress[0]', priority: 2, action: 'Accept', source },
    { ...admin, policy: 'b-early', path: 'spec.ingress[1]', priority: 2, action: 'Pass', source },
  ]);
  expect(late!.map(({ rule }) => rule)).toEqual([
    {
      ...admin,
      policy: 'a-late',
      path: 'spec.ingress[0]',
      priority: 9,
      action: 'Deny',
      rule: 'blue',
    },
  ]);
  expect(early!.some(({ rule }) => 'rule' in rule)).toBe(false);
  expect(late!.some(({ rule }) => 'source' in rule)).toBe(false);
  expect(plain!.map(({ rule }) => rule.path)).toEqual(
    ['0', '1', '2'].map((at) => `spec.ingress[${at}]`),
  );
  const ranks = rankTiers(tierPolicies);
  const [first, second] = early!;
  expect([first!.rank, second!.rank - first!.rank]).toEqual([ranks.get(tierPolicies[1]!), 1]);
  expect(late![0]!.rank).toBe(ranks.get(tierPolicies[0]!));
  expect(plain!.map(({ rank }) => rank)).toEqual([0, 0, 0]);
});

describe('a rule of a NetworkPolicy', () => {
  type Fit = [title: string, question: Partial<PolicyQuestion>, rule: number, expected: object];
  const no = { fitsPeer: false, because: null };
  const labels = { fitsPeer: true, because: 'labels' };
  const inBlock = { fitsPeer: true, because: 'address', cidr: '203.0.113.0/24' };

  test.each<Fit>([
    ['labels and a name', { peer: client }, 0, { ...labels, fitsPort: true }],
    ['labels, another port', { peer: client, port: 8081 }, 0, { ...labels, fitsPort: false }],
    ['labels, another protocol', { peer: client, protocol: 17 }, 0, { ...labels, fitsPort: false }],
    [
      'a name that the pod has not',
      { peer: web, destination: client },
      0,
      { ...no, fitsPort: false },
    ],
    ['another namespace', { peer: far }, 0, { ...no, fitsPort: true }],
    ['nobody', { peer: '10.9.9.9' }, 0, { ...no, fitsPort: true }],
    ['a block', { peer: '203.0.113.10' }, 1, { ...inBlock, fitsPort: true }],
    [
      'an exception of a block that another has',
      { peer: outside },
      1,
      { ...inBlock, cidr: '203.0.0.0/16', fitsPort: true },
    ],
    [
      'a protocol without ports',
      { protocol: 1, port: 0, peer: '203.0.113.10' },
      1,
      { ...inBlock, fitsPort: true },
    ],
    ['no block', { peer: client }, 1, { ...no, fitsPort: true }],
    ['no address', { peer: 'x' }, 1, { ...no, fitsPort: true }],
    ['anybody', { protocol: 17, port: 53 }, 2, { fitsPeer: true, because: 'any', fitsPort: true }],
    [
      'anybody by an unknown protocol',
      { protocol: 47, port: 0 },
      2,
      { fitsPeer: true, because: 'any', fitsPort: false },
    ],
  ])('fits: %s', (_, question, at, expected) => {
    const { fitsPeer, fitsPort, because, cidr } = fitsOf(question)['plain']![at]!;
    const fit = { fitsPeer, fitsPort, because, ...(cidr !== undefined && { cidr }) };
    expect(fit).toStrictEqual(expected);
  });
});

test('a rule of a tier fits by the labels of namespaces', () => {
  const fit = (peer: string) => fitsOf({ peer })['a-late']![0]!.because;
  expect([fit(far), fit(client), fit(outside)]).toEqual(['labels', null, null]);
});

test('identities are called by their pods, those that are in no class by nothing', () => {
  const { identity, neighbour } = identities.get(client)!;
  expect(names.identities.get(neighbour)).toEqual(['default/client', 'default/twin']);
  expect(names.identities.get(identity)).toEqual(['default/client', 'default/twin', 'default/web']);
  expect(names.identities.get(identities.get(far)!.identity)).toEqual(['shop/other']);
  expect(names.identities.get(0)).toBeUndefined();
  expect(names.identities.get(99)).toBeUndefined();
});

test('addresses are called by nodes before pods before Services', () => {
  const taken = clusterOf({
    nodes: [nodeOf('node-a', web)],
    pods: [...pods, podOf({ name: 'vip', ip: '198.51.100.1' })],
    services: [],
  });
  const called = compile(taken).names.addresses;
  expect([called.get(web), called.get(client), called.get(host)]).toEqual([
    'node node-a',
    'pod default/client',
    undefined,
  ]);
});

describe('ranks of tiers', () => {
  const rule = {};
  const of = (name: string, tier: 'Admin' | 'Baseline', priority: number) =>
    tierOf(name, [tier, priority], [rule]);

  test('go by priority, then by name; there is room for every rule between two', () => {
    const given = [
      of('d', 'Admin', 1),
      of('c', 'Admin', 0),
      of('b', 'Admin', 1),
      of('a', 'Admin', 1),
    ];
    const ranks = rankTiers(given);
    const sorted = given.toSorted((x, y) => ranks.get(x)! - ranks.get(y)!);
    expect(sorted.map(({ metadata }) => metadata.name)).toEqual(['c', 'a', 'b', 'd']);
    const numbers = sorted.map((one) => ranks.get(one)!);
    expect(numbers[0]).toBe(0);
    numbers.slice(1).forEach((rank, at) => expect(rank - numbers[at]!).toBeGreaterThanOrEqual(100));
  });

  test('are counted by tier', () => {
    const given = [of('a', 'Admin', 0), of('b', 'Baseline', 0)];
    expect([...rankTiers(given).values()]).toEqual([0, 0]);
  });

  test('of the last priority are numbers of 32 bits', () => {
    expect(
      rankTiers([of('a', 'Admin', 1000)])
        .values()
        .next().value,
    ).toBeLessThan(2 ** 32);
  });
});
