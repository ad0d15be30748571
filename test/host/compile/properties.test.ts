// Laws of compilation: the maps say what the objects say, whatever the order of the objects, and an
// unrelated change leaves entries as they are.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Direction } from '../../../host/abi/abi.gen.ts';
import type { DesiredState } from '../../../host/compile/desired.ts';
import { emptyNumbering, NumberingDraft, type Numbering } from '../../../host/compile/numbering.ts';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions, type ClusterState } from '../../../host/controllers/state.ts';
import type { KubernetesObject } from '../../../host/kubernetes/types.ts';
import { clusterArbitrary, flowsOf } from './arbitrary-cluster.ts';
import { clusterOf, podOf, policyOf, serviceOf, sliceOf } from './cluster-state.ts';
import { compile, PolicyMaps } from './compiled-maps.ts';
import { judgeByObjects } from './policy-oracle.ts';

/** Maps as comparable text, key by key. */
function texts(desired: DesiredState): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.entries(desired).map(([name, map]) => [
      name,
      Object.fromEntries([...map!].map(([key, value]) => [key, value.join()])),
    ]),
  );
}

function objectsOf(state: ClusterState): KubernetesObject[] {
  const { nodes, namespaces, pods, services, slices, policies } = state;
  return [...nodes, ...namespaces, ...pods, ...services, ...slices, ...policies];
}

describe('policies', () => {
  // In parts, so that a failure shows early.
  test.each([1, 2, 3, 4, 5, 6])('the maps judge as the objects do, part %i', (seed) => {
    fc.assert(
      fc.property(clusterArbitrary, (state) => {
        const maps = new PolicyMaps(compile(state).desired);
        for (const flow of flowsOf(state)) {
          const verdict = { flow, verdict: maps.judge(flow) };
          expect(verdict).toEqual({ flow, verdict: judgeByObjects(state, 'node-a', flow) });
        }
      }),
      { numRuns: 50, seed },
    );
  });

  test('a rule fits where an isolated pod admits, and none where it refuses', () => {
    fc.assert(
      fc.property(clusterArbitrary, (state) => {
        const { desired, names } = compile(state);
        const maps = new PolicyMaps(desired);
        for (const flow of flowsOf(state)) {
          const ruleset = maps.rulesetOf(flow.destination, Direction.Ingress);
          if (ruleset === 0) continue;
          const { policies } = names.explainRuleset({
            ruleset,
            peer: flow.source,
            destination: flow.destination,
            protocol: [6, 17, 132, 1][flow.protocol]!,
            port: flow.protocol === 3 ? 0 : flow.port,
          });
          const rules = policies.flatMap((policy) => policy.rules);
          const isFitting = rules.some(({ fitsPeer, fitsPort }) => fitsPeer && fitsPort);
          expect({ flow, isFitting }).toEqual({
            flow,
            isFitting: maps.admits(flow, Direction.Ingress),
          });
          expect(names.rulesets.get(ruleset)).toEqual(policies.map(({ policy }) => policy));
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('the order of the objects does not matter', () => {
  const complete = (objects: readonly KubernetesObject[]) =>
    texts(compile(completeCluster(objects, defaultControllerOptions)).desired);
  fc.assert(
    fc.property(clusterArbitrary, fc.infiniteStream(fc.nat()), (state, random) => {
      const objects = objectsOf(state);
      const shuffled = objects.map((object) => ({ object, at: random.next().value as number }));
      const reordered = shuffled.toSorted((a, b) => a.at - b.at).map(({ object }) => object);
      expect(complete(reordered)).toEqual(complete(objects));
    }),
    { numRuns: 50 },
  );
});

describe('numbering', () => {
  const slice = (service: string, ip: string) =>
    sliceOf([{ ip }], { name: `${service}-1`, service });
  const services = [
    serviceOf({ name: 'b', clusterIP: '10.96.0.2' }),
    serviceOf({ name: 'c', clusterIP: '10.96.0.3' }),
  ];
  const pods = [podOf({ name: 'b', ip: '10.244.0.2', labels: { app: 'b' } })];
  const range = { protocol: 'TCP' as const, port: 1, endPort: 9 };
  const policies = [policyOf({ name: 'b', ingress: [{ ports: [range] }] })];
  const slices = [slice('b', '10.244.0.2'), slice('c', '10.244.0.3')];
  const small = clusterOf({ services, slices, pods, policies });
  const more = clusterOf({
    services: [serviceOf({ name: 'a', clusterIP: '10.96.0.1' }), ...services],
    slices: [slice('a', '10.244.0.1'), ...slices],
    pods: [podOf({ name: 'a', ip: '10.244.0.1', labels: { app: 'a' } }), ...pods],
    policies: [
      policyOf({
        name: 'a',
        podSelector: { matchLabels: { app: 'a' } },
        ingress: [{ ports: [{ protocol: 'TCP', port: 443 }] }],
      }),
      ...policies,
    ],
  });

  test('names that sort before others leave their entries byte for byte', () => {
    const before = compile(small);
    const after = compile(more, {}, before.numbering);
    for (const name of [
      'services',
      'frontends',
      'endpoints',
      'identities',
      'ports',
      'routes',
      'port-rulings',
    ] as const) {
      const now = texts(after.desired)[name];
      expect(now).toMatchObject(texts(before.desired)[name]!);
      expect(Object.keys(now!).length).toBeGreaterThan(before.desired[name]!.size);
    }
  });

  test('the same objects and numbering give the same bytes and numbering', () => {
    const once = compile(more);
    const twice = compile(more, {}, once.numbering);
    expect(texts(twice.desired)).toEqual(texts(once.desired));
    expect(twice.numbering).toEqual(once.numbering);
  });

  test('the number of a name that vanished rests for one compilation', () => {
    const numbersOf = (name: string, numbering: Numbering) => {
      const draft = new NumberingDraft(numbering);
      draft.askAgain('ports');
      return { number: draft.numberOf('ports', name), numbering: draft.finish() };
    };
    const first = numbersOf('a', emptyNumbering);
    const second = numbersOf('b', first.numbering);
    const third = numbersOf('c', second.numbering);
    expect([first, second, third].map(({ number }) => number)).toEqual([3, 4, 3]);
  });

  test('the number of a Service that is gone rests until 1,024 more were given back', () => {
    const number = (name: string, numbering: Numbering) => {
      const draft = new NumberingDraft(numbering);
      draft.askAgain('services');
      return { number: draft.numberOf('services', name), numbering: draft.finish() };
    };
    let { numbering } = number('s0', emptyNumbering);
    const given: number[] = [];
    for (let round = 1; round <= 1027; round++) {
      const next = number(`s${round}`, numbering);
      given.push(next.number);
      numbering = next.numbering;
    }
    expect(given.slice(0, 3)).toEqual([2, 3, 4]);
    expect(given.slice(-3)).toEqual([1026, 1, 2]);
  });
});
