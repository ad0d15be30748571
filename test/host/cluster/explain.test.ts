// Traces told in sentences: every code has one, and those about objects name them with their place.

import { describe, expect, test } from 'vitest';
import { Direction, PeerKind, Reason, Trace, type TraceStep } from '../../../host/abi/abi.gen.ts';
import { explainSteps } from '../../../host/cluster/explain.ts';
import type { Names } from '../../../host/compile/desired.ts';
import { Dataplane } from '../../../host/index.ts';
import { manifests, policy, synFrame } from './shop.ts';

const rule = {
  namespace: 'shop',
  policy: 'deny',
  path: 'spec.ingress[0]',
  source: { file: 'p.yaml', line: 7 },
};
const names: Names = {
  ports: new Map([
    [1, 'host'],
    [3, 'pod/shop/web'],
  ]),
  serviceKeys: [],
  services: new Map(),
  identities: new Map([[5, ['shop/web', 'shop/web-2']]]),
  blocks: new Map([[9, ['10.0.0.0/8']]]),
  addresses: new Map([['10.244.0.10', 'pod shop/web']]),
  portOf: () => 2,
  isolatedBy: () => [rule],
  admittedBy: () => [rule],
};

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
  test('a refusal names the end, the direction and the policies', () => {
    const denied = step(Trace.PolicyDenied, { first: 5, second: Direction.Ingress });
    expect(sentence(parsed, denied)).toMatchObject({
      text:
        'ingress of pod shop/web: isolated by NetworkPolicy shop/deny (p.yaml:7); ' +
        'no rule allows TCP 80 from 203.0.113.7',
      source: { line: 7 },
    });
  });

  test('without an address the end is called after the pods of its identity', () => {
    const isolated = step(Trace.PolicyNotIsolated, { first: 5, second: Direction.Egress });
    expect(sentence(isolated).text).toBe(
      'egress of a pod such as shop/web: no NetworkPolicy isolates it',
    );
  });

  test.each([
    [PeerKind.Any, 0, 'which names no peers'],
    [PeerKind.Identity, 5, 'by its labels'],
    [PeerKind.Block, 9, 'by its address in 10.0.0.0/8'],
  ])('an admission says why the peer counts: %s', (third, fourth, because) => {
    const allowed = step(Trace.PolicyAllowed, {
      first: 5,
      second: Direction.Ingress,
      third,
      fourth,
    });
    expect(sentence(parsed, allowed).text).toBe(
      'ingress of pod shop/web: TCP 80 from 203.0.113.7 is allowed ' +
        `by NetworkPolicy shop/deny spec.ingress[0] (p.yaml:7), ${because}`,
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
