// Policies of the whole cluster: what they become, and what is said about bad ones, in the wording
// of an API server that holds them to their CustomResourceDefinition.

import { describe, expect, it, test } from 'vitest';
import { readManifests, readReference } from '../../host/kubernetes/read.ts';
import type { TierPolicy } from '../../host/kubernetes/types.ts';
import { formatProblem } from '../../host/problem.ts';
import { problemsOf } from './problems-of.ts';

const versions = {
  ClusterNetworkPolicy: 'v1alpha2',
  AdminNetworkPolicy: 'v1alpha1',
  BaselineAdminNetworkPolicy: 'v1alpha1',
};

function manifest(kind: TierPolicy['kind'], spec: string, name = 'default'): string {
  const apiVersion = `policy.networking.k8s.io/${versions[kind]}`;
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
}

const clusterPolicy = (rules: string) =>
  manifest('ClusterNetworkPolicy', `tier: Admin, priority: 5, subject: {namespaces: {}}, ${rules}`);

function read(text: string): { spec: TierPolicy['spec']; warnings: string[] } {
  const { objects, warnings } = readManifests(text, 'f');
  const [policy] = objects as TierPolicy[];
  expect(policy!.metadata.namespace).toBe('');
  return { spec: policy!.spec, warnings: warnings.map(formatProblem) };
}

describe('what they become', () => {
  test('a ClusterNetworkPolicy with every kind of peer and port', () => {
    const peers =
      '{namespaces: {matchLabels: {a: b}}}, {pods: {podSelector: {}}}, {nodes: {}}, ' +
      '{networks: [10.1.0.0/8, "fd00::/8"]}, {domainNames: [Example.COM., "*.a.b"]}';
    const ports =
      '{tcp: {destinationPort: {number: 80}}}, ' +
      '{udp: {destinationPort: {range: {start: 1, end: 65535}}}}';
    const rule = `{name: all, action: Pass, to: [${peers}], protocols: [${ports}]}`;
    const { spec, warnings } = read(clusterPolicy(`egress: [${rule}]`));
    expect(spec).toEqual({
      tier: 'Admin',
      priority: 5,
      subject: { namespaceSelector: {} },
      ingress: [],
      egress: [
        {
          name: 'all',
          action: 'Pass',
          path: 'spec.egress[0]',
          peers: [
            { pods: { namespaceSelector: { matchLabels: { a: 'b' } } } },
            { pods: { namespaceSelector: {}, podSelector: {} } },
            { nodes: {} },
            { networks: ['10.0.0.0/8', 'fd00::/8'] },
            { domainNames: ['example.com', '*.a.b'] },
          ],
          ports: [
            { protocol: 'TCP', first: 80, last: 80 },
            { protocol: 'UDP', first: 1, last: 65535 },
          ],
        },
      ],
    });
    expect(warnings).toEqual([
      'f:4:190: spec.egress[0].to[3].networks[0]: bits are set beyond the length of the block, ' +
        'read as 10.0.0.0/8',
    ]);
  });

  test('an AdminNetworkPolicy, which says Allow for Accept', () => {
    const ports =
      '{portNumber: {port: 80}}, {portRange: {protocol: SCTP, start: 1, end: 2}}, {namedPort: web}';
    const rule = `{action: Allow, from: [{namespaces: {}}], ports: [${ports}]}`;
    const subject = 'subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}}';
    const text = manifest('AdminNetworkPolicy', `priority: 0, ${subject}, ingress: [${rule}]`, 'x');
    expect(read(text).spec).toEqual({
      tier: 'Admin',
      priority: 0,
      subject: { namespaceSelector: {}, podSelector: { matchLabels: { a: 'b' } } },
      egress: [],
      ingress: [
        {
          name: '',
          action: 'Accept',
          path: 'spec.ingress[0]',
          peers: [{ pods: { namespaceSelector: {} } }],
          ports: [
            { protocol: 'TCP', first: 80, last: 80 },
            { protocol: 'SCTP', first: 1, last: 2 },
            { name: 'web' },
          ],
        },
      ],
    });
  });

  test('a BaselineAdminNetworkPolicy, which has no priority', () => {
    const { spec } = read(manifest('BaselineAdminNetworkPolicy', 'subject: {namespaces: {}}'));
    expect(spec).toMatchObject({ tier: 'Baseline', priority: 0 });
  });

  it.each([
    ['ingress: [{action: Accept, from: [{serviceAccounts: {}}]}]', 'serviceAccounts'],
    ['ingress: [{action: Deny, from: [{networks: [0.0.0.0/0]}]}]', 'networks'],
    ['egress: [{action: Deny, to: [{namespaces: {sameLabels: [a]}}]}]', 'namespaces'],
  ])('keeps a peer of an unknown kind: %s', (rules, kind) => {
    const { spec, warnings } = read(clusterPolicy(rules));
    const [rule] = [...spec.ingress, ...spec.egress];
    expect(rule!.peers).toEqual([{}]);
    const [direction, peers] = spec.ingress.length > 0 ? ['ingress', 'from'] : ['egress', 'to'];
    const place = `spec.${direction}[0].${peers}[0].${kind}`;
    expect(withoutPlace(warnings)).toEqual([
      `${place}: unknown kind of peer; the rule fails closed`,
    ]);
  });

  test('they live in no namespace', () => {
    for (const kind of Object.keys(versions)) {
      expect(readReference({ kind, name: 'x' }, 'f').namespace).toBe('');
    }
  });
});

const NETWORK_PORTS =
  'peer cannot be set with namedPorts since there are no namedPorts for networks/nodes';
const FEW = 'in body should have at least 1 items';
const EMPTY = 'in body should have at least 1 properties';

describe('what is wrong with them', () => {
  it.each<[string, string[]]>([
    [
      'ingress: [{action: Allow, from: []}, {action: Deny}]',
      [
        'spec.ingress[0].action: Unsupported value: "Allow": supported values: "Accept", "Deny", ' +
          '"Pass"',
        `spec.ingress[0].from: Invalid value: 0: spec.ingress[0].from ${FEW}`,
        'spec.ingress[1].from: Required value',
      ],
    ],
    [
      'ingress: [{action: Deny, from: [{}, {namespaces: {}, pods: {}}, {pods: {}}]}]',
      [
        `spec.ingress[0].from[0]: Invalid value: 0: spec.ingress[0].from[0] ${EMPTY}`,
        'spec.ingress[0].from[1]: Too many: 2: must have at most 1 items',
        'spec.ingress[0].from[2].pods.podSelector: Required value',
      ],
    ],
    [
      `ingress: [${'{action: Deny, from: [{namespaces: {}}]}, '.repeat(26)}]`,
      ['spec.ingress: Too many: 26: must have at most 25 items'],
    ],
    [
      'egress: [{action: Deny, to: [{networks: [10.0.0.0/8, 10.0.0.0/8, 10.0.0.0/33]}]}]',
      [
        'spec.egress[0].to[0].networks[1]: Duplicate value: "10.0.0.0/8"',
        'spec.egress[0].to[0].networks[2]: Invalid value: "string": Invalid CIDR format ' +
          'provided; such as 10.0.0.0/8 or fd00::/8',
      ],
    ],
    [
      'egress: [{action: Deny, to: [{nodes: {}}], protocols: [{destinationNamedPort: a}]}]',
      [
        'spec.egress[0]: Invalid value: "object": networks/nodes/domainNames ' +
          `${NETWORK_PORTS}/domainNames`,
      ],
    ],
    [
      `egress: [{name: ${'é'.repeat(51)}, action: Deny, to: [{namespaces: {}}]}]`,
      ['spec.egress[0].name: Too long: may not be more than 100 bytes'],
    ],
  ])('%s', (rules, problems) => {
    expect(withoutPlace(problemsOf(clusterPolicy(rules)))).toEqual(problems);
  });

  it.each<[string, string]>([
    ['{tcp: {}}', `.tcp: Invalid value: 0: spec.ingress[0].protocols[0].tcp ${EMPTY}`],
    ['{icmp: {}}', `: Invalid value: 0: spec.ingress[0].protocols[0] ${EMPTY}`],
    [
      '{udp: {destinationPort: {range: {start: 5, end: 5}}}}',
      '.udp.destinationPort.range: Invalid value: "object": Start port must be less than End port',
    ],
  ])('port %s', (port, problem) => {
    const rule = `{action: Deny, from: [{namespaces: {}}], protocols: [${port}]}`;
    const problems = withoutPlace(problemsOf(clusterPolicy(`ingress: [${rule}]`)));
    expect(problems).toEqual([`spec.ingress[0].protocols[0]${problem}`]);
  });

  test('tier, priority and subject', () => {
    const text = manifest('ClusterNetworkPolicy', 'tier: admin, priority: 1001, subject: {}');
    expect(withoutPlace(problemsOf(text))).toEqual([
      'spec.tier: Unsupported value: "admin": supported values: "Admin", "Baseline"',
      'spec.priority: Invalid value: 1001: spec.priority in body should be less than or equal to ' +
        '1000',
      'spec.subject: Invalid value: 0: spec.subject in body should have at least 1 properties',
    ]);
    const negative = manifest('AdminNetworkPolicy', 'priority: -1, subject: {namespaces: {}}');
    expect(withoutPlace(problemsOf(negative))).toEqual([
      'spec.priority: Invalid value: -1: spec.priority in body should be greater than or equal ' +
        'to 0',
    ]);
    expect(withoutPlace(problemsOf(manifest('ClusterNetworkPolicy', '')))).toEqual([
      'spec.priority: Required value',
      'spec.tier: Required value',
      'spec.subject: Required value',
    ]);
  });

  test('domain names', () => {
    const rule = '{action: Accept, to: [{domainNames: ["*", a, "a.*.b"]}]}';
    const problems = withoutPlace(problemsOf(clusterPolicy(`egress: [${rule}]`)));
    expect(problems.map((text) => text.slice(0, 60))).toEqual([
      'spec.egress[0].to[0].domainNames[0]: Invalid value: "*": spe',
      'spec.egress[0].to[0].domainNames[1]: Invalid value: "a": spe',
      'spec.egress[0].to[0].domainNames[2]: Invalid value: "a.*.b":',
    ]);
  });

  test('the baseline is one object, of two actions, without domain names', () => {
    const rule = '{action: Pass, to: [{networks: ["::/0"]}], ports: [{namedPort: a}]}';
    const spec = `subject: {namespaces: {}}, egress: [${rule}]`;
    expect(withoutPlace(problemsOf(manifest('BaselineAdminNetworkPolicy', spec, 'x')))).toEqual([
      'Invalid value: "object": Only one baseline admin network policy with ' +
        'metadata.name="default" can be created in the cluster',
      `spec.egress[0]: Invalid value: "object": networks/nodes ${NETWORK_PORTS}`,
      'spec.egress[0].action: Unsupported value: "Pass": supported values: "Allow", "Deny"',
    ]);
  });
});

function withoutPlace(problems: readonly string[]): string[] {
  return problems.map((text) => text.replace(/^f:\d+:\d+: /, ''));
}
