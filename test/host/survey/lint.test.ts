// Every finding on a cluster that has it and on one that has not, with its place and its cure.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cluster, lintCluster, lintCodes, surveyMatrix } from '../../../host/index.ts';
import type { LintCode, LintFinding } from '../../../host/index.ts';
import { clusterArbitrary } from '../compile/arbitrary-cluster.ts';
import { runs } from '../../property/setup.ts';
import { block, guarded, policy, tierPolicy } from './block.ts';

const lint = async (...policies: readonly string[]) =>
  (await lintCluster(block(...policies))).findings;

const say = ({ object, path, message }: LintFinding) => `${object} ${path}: ${message}`;

const web = 'podSelector: { matchLabels: { app: web } }';
const db = 'podSelector: { matchLabels: { app: db } }';
const job = 'podSelector: { matchLabels: { app: job } }';
const named = (name: string) =>
  `namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${name} } }`;
const toDNS = `{ to: [{ ${named('kube-system')} }], ports: [{ port: 53, protocol: UDP }] }`;

/** Admits a peer to every pod of the namespace of the database. */
const admit = (peer: string) =>
  policy('data/p', `podSelector: {}, ingress: [{ from: [{ ${peer} }] }]`);

/** A tier's rule on what may come to the shop's pods, by default from everywhere. */
const cut = (priority: number, action: string, labels = '{}') =>
  tierPolicy(
    `cut-${priority}`,
    `priority: ${priority}, ` +
      'subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }, ' +
      `ingress: [{ action: ${action}, from: [{ namespaces: { matchLabels: ${labels} } }] }]`,
  );

/** Policies that have a finding, what it says, and policies that have it not. */
const cases: Readonly<Record<LintCode, readonly [bad: string, says: string, good: string]>> = {
  'selects-nothing': [
    policy('shop/p', 'podSelector: { matchLabels: { app: wbe } }'),
    'NetworkPolicy/shop/p spec.podSelector: selects no pod of namespace shop',
    policy('shop/p', web),
  ],
  'matches-nobody': [
    policy('data/p', `${db}, ingress: [{ from: [{ ${named('shop')} }, { ${web} }] }]`),
    'NetworkPolicy/data/p spec.ingress[0].from[1]: matches no pod of namespace data',
    guarded,
  ],
  'service-address-block': [
    policy('shop/p', `${web}, egress: [{ to: [{ ipBlock: { cidr: 10.96.0.10/32 } }] }, ${toDNS}]`),
    'NetworkPolicy/shop/p spec.egress[0].to[0]: 10.96.0.10/32 is in the range of Service addresses',
    policy('shop/p', `${web}, egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]`),
  ],
  'unknown-port-name': [
    policy('data/p', `${db}, ingress: [{ ports: [{ port: mysql }] }]`),
    'NetworkPolicy/data/p spec.ingress[0].ports[0].port: no pod at the destination has a ' +
      'TCP port named "mysql"',
    policy('data/p', `${db}, ingress: [{ ports: [{ port: sql }] }]`),
  ],
  'service-port': [
    policy('shop/p', `${web}, egress: [{ to: [{ ${named('data')} }], ports: [{ port: 3306 }] }]`),
    'NetworkPolicy/shop/p spec.egress[0].ports[0].port: 3306 is the port of Service ' +
      'data/db; its pods listen on 5432',
    policy('shop/p', `${web}, egress: [{ to: [{ ${named('data')} }], ports: [{ port: 5432 }] }]`),
  ],
  'no-dns': [
    policy('shop/p', 'podSelector: {}, policyTypes: [Egress]'),
    'NetworkPolicy/shop/p spec.policyTypes: isolates shop/job, shop/web for egress, and ' +
      'no rule lets them ask for names',
    policy('shop/p', `podSelector: {}, policyTypes: [Egress], egress: [${toDNS}]`),
  ],
  'service-unreachable': [
    policy('data/p', `${db}, ingress: [{ ports: [{ port: stats }] }]`),
    'Service/data/db spec.ports[0]: port 3306: nobody may use it; its pods are isolated by data/p',
    guarded,
  ],
  'closed-to-outside': [
    policy('shop/p', `${web}, ingress: [{ from: [{ ${job} }] }]`),
    'Service/shop/web spec.ports[0]: port 80: it is published, and nobody outside may ' +
      'use it; its pods are isolated by shop/p',
    policy('shop/p', `${web}, ingress: [{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }]`),
  ],
  'never-matches': [
    `${cut(1, 'Deny')}---\n${cut(2, 'Accept')}`,
    'ClusterNetworkPolicy/cut-2 spec.ingress[0]: never matches: ClusterNetworkPolicy ' +
      'cut-1 spec.ingress[0] comes first',
    `${cut(1, 'Deny', '{ kubernetes.io/metadata.name: data }')}---\n${cut(2, 'Accept')}`,
  ],
  'covered-rule': [
    `${guarded}---\n${admit('namespaceSelector: {}')}`,
    'NetworkPolicy/data/guard spec.ingress[0]: NetworkPolicy data/p spec.ingress[0] ' +
      'allows all of it already',
    `${guarded}---\n${admit('podSelector: {}')}`,
  ],
  'no-policy': [
    policy('shop/p', web),
    'Deployment/shop/job : no policy selects its pods for ingress',
    policy('shop/p', 'podSelector: {}'),
  ],
};

describe.each(Object.entries(cases))('%s', (code, [bad, says, good]) => {
  test('is found', async () => {
    const found = (await lint(bad)).filter((finding) => finding.code === code);
    expect(found.map(say)).toContain(says);
    const [first] = found;
    expect(first).toMatchObject({ severity: lintCodes[code as LintCode][0] });
    expect(first?.cure).not.toBe('');
    expect(first?.source?.file).toBe('block.yaml');
  });

  test('is not found where it is not', async () => {
    const found = (await lint(good)).filter((finding) => finding.code === code);
    const subjects = found.map(({ object }) => object);
    expect(subjects.filter((object) => object.startsWith(says.split(' ')[0]!))).toEqual([]);
  });
});

test('warnings are counted, and findings are in the order of the lines', async () => {
  const report = await lintCluster(block(cases['matches-nobody'][0], cases['no-dns'][0]));
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  expect(report.warnings).toBe(warnings.length);
  const lines = report.findings.map(({ source }) => source!.line);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
});

test('the likely slip is named: the pods are in another namespace', async () => {
  const [finding] = (await lint(cases['matches-nobody'][0])).filter(
    ({ code }) => code === 'matches-nobody',
  );
  expect(finding?.cure).toContain('such pods are in shop');
});

describe('in any cluster', () => {
  /** The cluster as it is, and what becomes of it with other policies. */
  const clusterOf = (state: Cluster['state'], policies = state.policies) => {
    const cluster = new Cluster({ controllers: false, podCIDRs: state.podCIDRs });
    cluster.apply([...state.nodes, ...state.namespaces, ...state.pods, ...policies]);
    return cluster;
  };

  /** What is reached, by the names of ends that both clusters have. */
  const reached = async (cluster: Cluster, ends?: ReadonlySet<string>) => {
    const { connections } = await surveyMatrix(cluster, { by: 'pod' });
    const isKnown = ({ from, to }: { from: string; to: string }) =>
      ends === undefined || (ends.has(from) && ends.has(to));
    return connections.filter(isKnown);
  };

  test('a policy that selects nothing, or a rule that is covered, may be deleted', async () => {
    await fc.assert(
      fc.asyncProperty(clusterArbitrary, async (state) => {
        const { findings } = await lintCluster(clusterOf(state));
        const isIdle = ({ code }: LintFinding) =>
          ['selects-nothing', 'covered-rule'].includes(code);
        for (const { code, object, path } of findings.filter(isIdle)) {
          const policies = state.policies.flatMap((each) => {
            if (object !== `NetworkPolicy/${each.metadata.namespace}/${each.metadata.name}`)
              return [each];
            if (code === 'selects-nothing') return [];
            const keep = (rule: { path: string }) => rule.path !== path;
            const { ingress, egress } = each.spec;
            const rules = { ingress: ingress.filter(keep), egress: egress.filter(keep) };
            return [{ ...each, spec: { ...each.spec, ...rules } }];
          });
          const without = clusterOf(state, policies);
          const { from } = await surveyMatrix(without, { by: 'pod' });
          const ends = new Set(from.map(({ name }) => name));
          // Ports are described by where policies cut them: cells are compared by what is open.
          const plain = (each: { from: string; to: string }) => `${each.from} ${each.to}`;
          expect((await reached(without)).map(plain)).toEqual(
            (await reached(clusterOf(state), ends)).map(plain),
          );
        }
      }),
      runs(12),
    );
  }, 60_000);
});
