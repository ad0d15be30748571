// What the numbers of policies are called, and why a rule fits: for people who ask.

import { describe, expect, test } from 'vitest';
import { RulesetFlag } from '../../../host/abi/abi.gen.ts';
import type { NodeConfig, PolicyQuestion, RuleFit } from '../../../host/compile/desired.ts';
import { rankTiers } from '../../../host/compile/tier-ranks.ts';
import type { NetworkPolicyPeer, TierPolicy, TierRule } from '../../../host/kubernetes/types.ts';
import {
  clusterOf,
  meta,
  namespaceOf,
  nodeOf,
  podOf,
  policyOf,
  serviceOf,
} from './cluster-state.ts';
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
  tierOf('c-last', ['Admin', 20], [{ peers: [blue] }]),
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

/** The compiled state, and what is asked of it. */
function told(config: Partial<NodeConfig> = {}) {
  const { desired, names } = compile(state, config);
  const identities = new Map(
    entries(desired, 'identities').map(([{ address }, identity]) => [address, identity]),
  );
  return { desired, names, identities, ruleset: identities.get(web)!.ingress };
}

function fitsOf(question: Partial<PolicyQuestion>): Record<string, readonly RuleFit[]> {
  const { names, ruleset } = told();
  const whole = { ruleset, peer: outside, destination: web, protocol: 6, port: 8080, ...question };
  const { policies: list } = names.explainRuleset(whole);
  return Object.fromEntries(list.map(({ policy, rules }) => [policy.policy, rules]));
}

test('policies are told tier by tier, by priority', () => {
  const { names, ruleset } = told();
  const question = { ruleset, peer: outside, destination: web, protocol: 6, port: 8080 };
  const explained = names.explainRuleset(question);
  expect(explained.policies.map(({ policy }) => policy)).toEqual([
    {
      kind: 'ClusterNetworkPolicy',
      namespace: '',
      policy: 'b-early',
      path: 'spec.subject',
      source,
    },
    { kind: 'ClusterNetworkPolicy', namespace: '', policy: 'a-late', path: 'spec.subject' },
    { kind: 'ClusterNetworkPolicy', namespace: '', policy: 'c-last', path: 'spec.subject' },
    { namespace: 'default', policy: 'plain', path: 'spec.podSelector' },
    { kind: 'BaselineAdminNetworkPolicy', namespace: '', policy: 'default', path: 'spec.subject' },
  ]);
  expect(
    names.rulesets
      .get(ruleset)
      ?.map(({ policy }) => policy)
      .toSorted(),
  ).toEqual(explained.policies.map(({ policy }) => policy.policy).toSorted());
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
  const { names, identities } = told();
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
    services: [
      serviceOf({
        externalIPs: ['203.0.113.100', client],
        ingress: [{ ip: '198.51.100.1' }, { ip: '198.51.100.2' }, { hostname: 'lb' }],
      }),
    ],
  });
  const called = compile(taken).names.addresses;
  expect([called.get(web), called.get(client), called.get(host)]).toEqual([
    'node node-a',
    'pod default/client',
    undefined,
  ]);
  const ofService = ['10.96.0.10', '203.0.113.100', '198.51.100.2'];
  expect(ofService.map((address) => called.get(address))).toEqual(
    ofService.map(() => 'service default/web'),
  );
  expect(called.get('198.51.100.1')).toBe('pod default/vip');
});

test('a baseline is left out of what a NetworkPolicy selects, if that is asked for', () => {
  const namesIn = (baseline: 'pod' | 'direction') => {
    const { names, ruleset } = told({ policy: { baseline } });
    return names.rulesets.get(ruleset)!.map(({ policy }) => policy);
  };
  expect(namesIn('direction')).toContain('default');
  expect(namesIn('pod')).toEqual(['a-late', 'b-early', 'c-last', 'plain']);
});

test('a policy of a tier counts for the pods that it selects alone', () => {
  const { desired } = compile(clusterOf({ pods, tierPolicies }));
  const isJudged = (pod: string) =>
    entries(desired, 'identities').some(([{ address }, { ingress }]) => {
      return address === pod && ingress > 0;
    });
  expect([web, client, far].map(isJudged)).toEqual([true, false, false]);
});

test('a baseline stays where no NetworkPolicy selects the pod, whatever is asked for', () => {
  const inOther = policyOf({ namespace: 'shop', podSelector: { matchLabels: { app: 'web' } } });
  for (const baseline of ['pod', 'direction'] as const) {
    const { names } = compile(clusterOf({ pods, tierPolicies, policies: [inOther] }), {
      policy: { baseline },
    });
    expect(names.rulesets.get(1)!.map(({ policy }) => policy)).toContain('default');
  }
});

describe('classes of pods', () => {
  const ports = [http, { name: 'dns', containerPort: 53, protocol: 'UDP' as const }];
  const two = [
    podOf({ name: 'a', ip: '10.244.0.1', labels: { app: 'a' }, ports }),
    podOf({ name: 'b', ip: '10.244.0.2', labels: { app: 'b' }, ports: ports.toReversed() }),
    podOf({ name: 'c', ip: '10.244.0.3', labels: { app: 'b' }, ports: [http] }),
    podOf({ name: 'd', ip: '10.244.0.4', labels: { app: 'b' } }),
  ];
  const compiledWith = (...peers: NetworkPolicyPeer[]) => {
    const named = ['http', 'dns'].map((port) => ({ protocol: 'TCP' as const, port }));
    const rules = peers.map((peer) => ({ peers: [peer], ports: named }));
    const state2 = clusterOf({ pods: two, policies: [policyOf({ ingress: rules })] });
    const { desired } = compile(state2);
    const found = entries(desired, 'identities').map(
      ([{ address }, one]) => [address, one] as const,
    );
    const list = found.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    return { list, policies: desired.policies!.size, rulesets: entries(desired, 'rulesets') };
  };
  const ofApp = (app: string) => ({ podSelector: { matchLabels: { app } } });
  const all = { namespaceSelector: {} };

  test('selectors of every namespace make no neighbours', () => {
    const { list } = compiledWith({ ...all, ...ofApp('a') });
    expect(list.map(({ neighbour }) => neighbour)).toEqual([0, 0, 0, 0]);
    expect(new Set(list.map(({ identity }) => identity)).size).toBe(2);
  });

  test('selectors of one namespace make nothing else', () => {
    const { list } = compiledWith(ofApp('a'));
    expect(list.map(({ neighbour }) => neighbour > 0)).toEqual([true, false, false, false]);
    expect(new Set(list.map(({ identity }) => identity)).size).toBe(1);
  });

  test('the same names of ports are one table, whatever their order; none is no table', () => {
    const tables = compiledWith(ofApp('a')).list.map(({ namedPorts }) => namedPorts);
    expect([tables[0], tables[3]]).toEqual([tables[1], 0]);
    expect(new Set(tables).size).toBe(3);
  });

  test('who is told nothing else than a pod without labels has no entry', () => {
    const notZ = { matchExpressions: [{ key: 'app', operator: 'NotIn' as const, values: ['z'] }] };
    expect(compiledWith({ ...all, podSelector: notZ }).policies).toBe(0);
    expect(compiledWith({ ...all, podSelector: notZ }, { ...all, ...ofApp('a') }).policies).toBe(0);
    expect(compiledWith({ ...all, ...ofApp('a') }).policies).toBe(1);
    expect(compiledWith({ podSelector: {} }).policies).toBe(1);
  });

  test('a ruleset says whether it has blocks', () => {
    const flagsOf = (...peers: NetworkPolicyPeer[]) => compiledWith(...peers).rulesets[0]![1].flags;
    const { Present, Isolated, HasBlocks } = RulesetFlag;
    expect(flagsOf(ofApp('a'))).toBe(Present | Isolated);
    expect(flagsOf({ ipBlock: { cidr: '10.0.0.0/8', except: [] } })).toBe(
      Present | Isolated | HasBlocks,
    );
  });
});

test('an address of two pods is the one’s of the first namespace', () => {
  const twins = ['a-b', 'a'].map((name) => podOf({ name: 'p', namespace: name, ip: client }));
  const inA = policyOf({ namespace: 'a', ingress: [] });
  const { desired } = compile(clusterOf({ pods: twins.toReversed(), policies: [inA] }));
  expect(entries(desired, 'identities')[0]![1].ingress).toBeGreaterThan(0);
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
