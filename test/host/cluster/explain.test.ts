// Traces told in sentences: every code has one, and those about objects name them with their place.

import { describe, expect, test } from 'vitest';
import { Direction, PolicyTier, Reason, Trace, type TraceStep } from '../../../host/abi/abi.gen.ts';
import { explainSteps } from '../../../host/cluster/explain.ts';
import type { Names, RuleFit, RuleName } from '../../../host/compile/desired.ts';
import { Dataplane } from '../../../host/index.ts';
import { manifests, policy, synFrame } from './shop.ts';

const rule = {
  namespace: 'shop',
  policy: 'deny',
  path: 'spec.ingress[0]',
  source: { file: 'p.yaml', line: 7 },
};
const fits = { fitsPeer: true, fitsPort: true, rank: 0 };

function namesWith(fit: Partial<RuleFit>): Names {
  const rules = [{ rule, because: 'labels' as const, ...fits, ...fit }];
  return {
    ports: new Map([
      [1, 'host'],
      [3, 'pod/shop/web'],
    ]),
    serviceKeys: [],
    services: new Map(),
    identities: new Map([[5, ['shop/web', 'shop/web-2']]]),
    rulesets: new Map([[7, [rule]]]),
    addresses: new Map([['10.244.0.10', 'pod shop/web']]),
    portOf: () => 2,
    explainRuleset: () => ({ policies: [{ policy: rule, rules }] }),
  };
}

const names = namesWith({});

function step(code: number, fields: Partial<TraceStep> = {}): TraceStep {
  const numbers = { packet: 0, first: 0, second: 0, third: 0, fourth: 0, fifth: 0, port: 0 };
  return { code, ...numbers, address: '::', ...fields };
}

function sentence(...steps: TraceStep[]): { text: string; source?: { line: number } } {
  return explainSteps(steps, { names, source: '203.0.113.7' }).at(-1)!;
}

test.each(Object.entries(Trace).filter(([name]) => name !== 'None'))(
  '%s has a sentence',
  (_, code) => {
    const [explained] = explainSteps([step(code)], { names, source: null });
    expect(explained!.text).not.toBe(explained!.code);
    expect(explained!.text).not.toContain('undefined');
  },
);

const parsed = step(Trace.Parsed, { first: 6, second: 2, address: '10.244.0.10', port: 80 });

test('a packet', () => {
  expect(sentence(parsed).text).toBe(
    'a packet from 203.0.113.7 to 10.244.0.10:80 (pod shop/web): TCP SYN',
  );
});

describe('policy', () => {
  const source = '203.0.113.7';
  const told = (code: number, fit: Partial<RuleFit>, fields: Partial<TraceStep> = {}) => {
    const judged = step(code, {
      first: 7,
      second: Direction.Ingress,
      third: PolicyTier.NetworkPolicy,
      fifth: 6,
      address: source,
      port: 80,
      ...fields,
    });
    return explainSteps([parsed, judged], { names: namesWith(fit), source }).at(-1)!;
  };

  test('a refusal names the end, the direction, the policies, and how close each rule came', () => {
    expect(told(Trace.PolicyDenied, { fitsPort: false })).toMatchObject({
      text:
        'ingress of pod shop/web: isolated by NetworkPolicy shop/deny (p.yaml:7); ' +
        'no rule allows TCP 80 from 203.0.113.7',
      details: [
        'NetworkPolicy shop/deny spec.ingress[0] (p.yaml:7): ' +
          'the peer fits, the port does not (closest)',
      ],
      policy: { direction: 'ingress', isAllowed: false, tier: 'network-policy' },
      source: { line: 7 },
    });
  });

  test('without an address the end is called after the pods of its identity', () => {
    const isolated = step(Trace.PolicyNotIsolated, { first: 5, second: Direction.Egress });
    expect(sentence(isolated).text).toBe('egress of a pod such as shop/web: no policy selects it');
  });

  test.each<[string, Partial<RuleFit>]>([
    ['which names no peers', { because: 'any' }],
    ['by its labels', { because: 'labels' }],
    ['by its address in 10.0.0.0/8', { because: 'address', cidr: '10.0.0.0/8' }],
  ])('an admission says why the peer counts: %s', (because, fit) => {
    expect(told(Trace.PolicyAllowed, fit).text).toBe(
      'ingress of pod shop/web: TCP 80 from 203.0.113.7 is allowed ' +
        `by NetworkPolicy shop/deny spec.ingress[0] (p.yaml:7), ${because}`,
    );
  });

  test('a tier says which rule, with its priority', () => {
    const tiered: RuleName = {
      ...rule,
      kind: 'ClusterNetworkPolicy',
      namespace: '',
      tier: 'Admin',
      priority: 10,
      rule: 'no-outside',
      action: 'Deny',
    };
    const denied = told(
      Trace.PolicyDenied,
      { rule: tiered, rank: 9 },
      { third: PolicyTier.Admin, fourth: 9 },
    );
    expect(denied.text).toBe(
      'ingress of pod shop/web: TCP 80 from 203.0.113.7 is denied by ClusterNetworkPolicy deny ' +
        'spec.ingress[0] “no-outside” (p.yaml:7), Admin tier, priority 10, Deny, by its labels',
    );
  });
});

test('the end: verdict, port, reason', () => {
  const end = (first: number, second: number, third: number) =>
    sentence(step(Trace.Decided, { first, second, third })).text;
  expect(end(1, 0, 3)).toBe('forward through pod/shop/web');
  expect(end(0, Reason.SourceRange, 0)).toBe('drop (source-range)');
});

test('told by the dataplane itself: each decision with the object behind it', async () => {
  const dataplane = await Dataplane.create({
    manifests: `${manifests}---\n${policy}`,
    file: 'shop.yaml',
    node: 'node-a',
  });
  const { steps } = dataplane.trace(synFrame({}), { port: 'pod/shop/client' });
  expect(steps.map(({ code }) => code)).toEqual([
    'parsed',
    'connection-new',
    'frontend-found',
    'endpoint-set-used',
    'endpoint-chosen',
    'policy-not-isolated',
    'policy-allowed',
    'routed',
    'connection-created',
    'destination-rewritten',
    'decided',
  ]);
  const told = Object.fromEntries(steps.map(({ code, ...rest }) => [code, rest]));
  expect(told['frontend-found']).toEqual({
    text: '10.96.0.10:80 is the ClusterIP of Service shop/web port main 80/TCP (shop.yaml:31)',
    source: { file: 'shop.yaml', line: 31 },
  });
  expect(told['policy-allowed']!.source).toEqual({ file: 'shop.yaml', line: 40 });
});

test('a pod of another node is not judged here, and the trace says by whom', async () => {
  const options = { manifests: `${manifests}---\n${policy}`, node: 'node-b' };
  const dataplane = await Dataplane.create(options);
  const frame = synFrame({ source: '192.168.0.3', destination: '10.244.0.10', port: 8080 });
  const { steps } = dataplane.trace(frame, { port: 'host' });
  expect(steps.map(({ text }) => text)).toContain(
    'policy does not apply to ingress: the pod is on another node, which judges it',
  );
});
