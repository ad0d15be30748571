// What a trace says of policy is what decided: the rules that it names fit where the verdict needs
// one, and none fits where it was refused for want of one.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyNodes } from '../../fuzz/arbitrary/policy-cluster.ts';
import { policyQuestion, type PolicyQuestion } from '../../fuzz/arbitrary/policy-question.ts';
import { NodeUnderTest } from '../../fuzz/subject/node-under-test.ts';
import { packetOf } from '../../fuzz/targets/policy.ts';
import type { PolicyDecision } from '../../host/cluster/story.ts';
import { defaultNodeConfig } from '../../host/compile/compile-node.ts';
import { encodePacket } from '../../host/net/packet.ts';

async function decisionsOf({ objects, openPoints, flows }: PolicyQuestion) {
  const config = { ...defaultNodeConfig, policy: openPoints };
  const capacity = { identities: 64, policies: 1024, portSets: 2048, rulesets: 64 };
  const { dataplane } = await NodeUnderTest.create(objects, {
    node: policyNodes[0],
    config,
    capacity: { ...capacity, traceSteps: 64, connections4: 128, connections6: 128 },
  });
  return flows.flatMap((flow, index): PolicyDecision[] => {
    const frame = encodePacket(packetOf(flow, index), 'raw');
    const { names } = dataplane;
    const port = names.ports.get(names.portOf(flow.source))!;
    const { steps } = dataplane.trace(frame, { link: 'raw', port });
    return steps.flatMap(({ policy }) => policy ?? []);
  });
}

/** Null where the rules that are told of fit what was decided. */
function findContradiction({ tier, isAllowed, decidedBy, closest }: PolicyDecision): string | null {
  const count = decidedBy.length;
  if (tier === 'default') return count === 0 ? null : 'a rule decided, and none did';
  if (tier === 'network-policy') {
    if (closest?.fitsPeer && closest.fitsPort) return 'the closest rule fits';
    return count > 0 === isAllowed ? null : `${count} rules of NetworkPolicy`;
  }
  if (count !== 1) return `${count} rules of the ${tier} tier decided`;
  const isDenying = decidedBy[0]!.rule.action === 'Deny';
  return isDenying && isAllowed ? 'a rule that denies allowed it' : null;
}

test('the rules told of are those that decided', async () => {
  const tiers = new Set<string>();
  await fc.assert(
    fc.asyncProperty(policyQuestion(), async (question) => {
      for (const decision of await decisionsOf(question)) {
        tiers.add(`${decision.tier} ${decision.isAllowed}`);
        expect(findContradiction(decision), JSON.stringify(decision)).toBe(null);
      }
    }),
    { numRuns: 40 },
  );
  expect(tiers.size).toBeGreaterThan(5);
});
