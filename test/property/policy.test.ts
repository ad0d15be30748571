// Three opinions on policy that share nothing: the dataplane, the model, and sets of flows. And
// that the questions put to them are worth asking.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyNodes } from '../../fuzz/arbitrary/policy-cluster.ts';
import { policyQuestion } from '../../fuzz/arbitrary/policy-question.ts';
import { findRefusals } from '../../fuzz/reachability/reachability.ts';
import { findDisagreements } from '../../fuzz/targets/policy.ts';
import { completeCluster } from '../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../host/controllers/state.ts';

const controllers = { ...defaultControllerOptions, controllers: false };

test('dataplane, model and sets of flows deny the same flows', async () => {
  await fc.assert(
    fc.asyncProperty(policyQuestion(), async (question) => {
      expect(await findDisagreements(question)).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('one question in two has denied flows, of either direction and next to allowed ones', () => {
  const questions = fc.sample(policyQuestion(), { numRuns: 200, seed: 1 });
  const told = questions.map(({ objects, openPoints, flows }) => {
    const state = completeCluster(objects, controllers);
    return new Set(findRefusals({ state, node: policyNodes[0], openPoints, flows }));
  });
  const having = (reason: string | null) => told.filter((reasons) => reasons.has(reason)).length;
  expect(having(null)).toBeGreaterThan(190);
  expect(told.filter(({ size }) => size > 1).length).toBeGreaterThan(100);
  expect(having('policy-denied-egress')).toBeGreaterThan(60);
  expect(having('policy-denied-ingress')).toBeGreaterThan(60);
});
