// Whom a rule of the admin tiers means besides pods, what it does where it is not understood, and
// what a pod calls its ports. Source of the expectations: network-policy-api ClusterNetworkPolicy.

import { describe, expect, test } from 'vitest';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { Direction } from '../../../host/abi/abi.gen.ts';
import { readRules } from '../../../host/compile/policy-rule.ts';
import { specContains, specOfTierPorts } from '../../../host/compile/port-spec.ts';
import type {
  ContainerPort,
  Pod,
  Protocol,
  TierPolicy,
  TierPort,
  TierRule,
} from '../../../host/kubernetes/types.ts';
import { tierPolicy } from '../cluster/village.ts';
import { clusterOf, nodeOf, podOf, policyOf } from './cluster-state.ts';
import { compile, entries } from './compiled-maps.ts';

const client = '10.244.0.11';
const nodes = [nodeOf('node-a', '192.168.0.2'), nodeOf('node-b', '192.168.0.3', 'fd00::3')].map(
  (node, at) => {
    const labels = { role: at === 0 ? 'front' : 'back' };
    return { ...node, metadata: { ...node.metadata, labels } };
  },
);
const domainNames = {
  'example.com': ['203.0.113.1'],
  'www.example.com': ['203.0.113.2'],
  'a.b.example.com': ['203.0.113.3'],
  'example.org': ['203.0.113.4', '2001:db8::4'],
};
const outside = [
  ...['192.168.0.2', '192.168.0.3', 'fd00::3', '10.9.9.9'],
  ...Object.values(domainNames).flat(),
];

/** The addresses that the one rule of an Admin policy fits. */
function fitting(
  rule: Partial<TierRule>,
  config: Partial<NodeConfig> = { policy: { domainNames } },
) {
  const pods = [podOf({ name: 'client', ip: client, labels: { app: 'client' } })];
  const tierPolicies = [tierPolicy('p', ['Admin', 1], [rule])];
  const { desired, names } = compile(clusterOf({ nodes, pods, tierPolicies }), config);
  const ruleset = entries(desired, 'identities')[0]![1].egress;
  return outside.filter((peer) => {
    const question = { ruleset, peer, destination: peer, protocol: 6, port: 80 };
    return names.explainRuleset(question).policies[0]!.rules[0]!.fitsPeer;
  });
}

test.each<[string, Partial<TierRule>, string[]]>([
  [
    'networks',
    { peers: [{ networks: ['10.0.0.0/8', '192.168.0.3/32'] }] },
    ['192.168.0.3', '10.9.9.9'],
  ],
  ['a network that is none', { peers: [{ networks: ['none', '10.0.0.0/8'] }] }, ['10.9.9.9']],
  ['all Nodes', { peers: [{ nodes: {} }] }, ['192.168.0.2', '192.168.0.3', 'fd00::3']],
  [
    'some Nodes',
    { peers: [{ nodes: { matchLabels: { role: 'back' } } }] },
    ['192.168.0.3', 'fd00::3'],
  ],
  ['a domain', { peers: [{ domainNames: ['example.com'] }] }, ['203.0.113.1']],
  [
    'all below a domain',
    { peers: [{ domainNames: ['*.example.com'] }] },
    ['203.0.113.2', '203.0.113.3'],
  ],
  ['domains', { peers: [{ domainNames: ['x.y', 'example.org'] }] }, ['203.0.113.4', '2001:db8::4']],
  ['a domain nobody knows', { peers: [{ domainNames: ['ample.com'] }] }, []],
  [
    'several peers',
    { peers: [{ networks: ['10.0.0.0/8'] }, { domainNames: ['example.com'] }] },
    ['10.9.9.9', '203.0.113.1'],
  ],
])('a rule fits %s', (_, rule, expected) => {
  expect(fitting(rule)).toEqual(expected);
});

describe('a rule with a peer that is not understood', () => {
  const odd = [{}, { networks: ['10.0.0.0/8'] }];

  test('accepts nobody, or denies everybody', () => {
    expect(fitting({ peers: odd, action: 'Accept' })).toEqual([]);
    expect(fitting({ peers: odd, action: 'Deny' })).toEqual(outside);
    expect(fitting({ peers: odd, action: 'Pass' })).toEqual(outside);
  });

  test('denies whatever the port', () => {
    const policy: TierPolicy = tierPolicy(
      'p',
      ['Admin', 1],
      [{ peers: odd, action: 'Pass', ports: [{ name: 'http' }] }],
    );
    const [rule] = readRules(policy, Direction.Egress, { nodes: [], domainNames: {} });
    expect([rule!.action, rule!.ports.isAll]).toEqual([2, true]);
  });
});

describe('ports of a rule', () => {
  const named = (['TCP', 'UDP'] as const).map((protocol) => {
    return { protocol, name: 'http', containerPort: 8080 };
  });
  const range = { protocol: 'TCP' as const, first: 80, last: 90 };

  test.each<[string, readonly TierPort[] | undefined, string[]]>([
    ['that are not written are all', undefined, ['TCP 80', 'UDP 80', 'TCP 90', 'UDP 8080']],
    ['in a range', [range], ['TCP 80', 'TCP 90']],
    ['by name are of any protocol', [{ name: 'http' }], ['UDP 8080']],
    ['of both kinds', [{ name: 'http' }, range], ['TCP 80', 'TCP 90', 'UDP 8080']],
    ['by another name', [{ name: 'dns' }], []],
  ])('%s', (_, ports, expected) => {
    const spec = specOfTierPorts(ports);
    const asked = ['TCP 80', 'UDP 80', 'TCP 90', 'UDP 8080'];
    const found = asked.filter((text) => {
      const [protocol, number] = text.split(' ') as [Protocol, string];
      return specContains(spec, { protocol, number: Number(number) }, named);
    });
    expect(found).toEqual(expected);
  });

  test('are ranges or names, each of every protocol that a name may have', () => {
    const sizesOf = (...ports: readonly TierPort[]) => {
      const { isAll, ranges, labels } = specOfTierPorts(ports);
      return [isAll, ranges.length, labels.map(({ protocol }) => protocol).join()];
    };
    expect(sizesOf(range)).toEqual([false, 1, '']);
    expect(sizesOf({ name: 'http' })).toEqual([false, 0, 'TCP,UDP,SCTP']);
    expect(sizesOf({ name: 'http' }, range)).toEqual([false, 1, 'TCP,UDP,SCTP']);
  });
});

test('no domain has an address unless one is given', () => {
  expect(fitting({ peers: [{ domainNames: ['example.com'] }] }, {})).toEqual([]);
});

describe('names of ports', () => {
  const port = (name: string | undefined, containerPort: number): ContainerPort => {
    return { containerPort, protocol: 'TCP', ...(name !== undefined && { name }) };
  };
  const named = ['a', 'b', 'c', 'd'].map((name) => ({ protocol: 'TCP' as const, port: name }));
  const policies = [policyOf({ ingress: [{ ports: named }] })];
  const tableOf = (pod: Pod, config: Partial<NodeConfig> = {}) =>
    entries(compile(clusterOf({ pods: [pod], policies }), config).desired, 'port-names')
      .map(([key]) => `${key.port} ${key.position}`)
      .toSorted();
  const withPorts = (ports: ContainerPort[], sidecarPorts: ContainerPort[] = []) =>
    podOf({ name: 'p', ip: client, ports, sidecarPorts });

  test('several of one port stand one after the other', () => {
    const ports = [port('a', 80), port('b', 81), port('c', 80), port('d', 80)];
    expect(tableOf(withPorts(ports))).toEqual(['80 0', '80 1', '80 2', '81 0']);
  });

  test('a port without a name has none, nor one that no rule asks for', () => {
    expect(tableOf(withPorts([port(undefined, 80), port('z', 81), port('a', 82)]))).toEqual([
      '82 0',
    ]);
  });

  test('those of sidecars count unless the settings say otherwise', () => {
    const both = withPorts([port('a', 80)], [port('b', 81)]);
    expect(tableOf(both)).toEqual(['80 0', '81 0']);
    expect(tableOf(both, { policy: { sidecarPortNames: false } })).toEqual(['80 0']);
  });

  test('those of init containers that end do not', () => {
    const both = withPorts([port('a', 80)]);
    const initContainers = [{ name: 'init', ports: [port('b', 81)] }];
    expect(tableOf({ ...both, spec: { ...both.spec, initContainers } })).toEqual(['80 0']);
  });
});
