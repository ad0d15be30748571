// What a node shares with its siblings must not show: compiled after another node, its maps are
// those that it would have on its own with the same numbers.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster } from '../../../fuzz/arbitrary/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import type { DesiredState } from '../../../host/compile/desired.ts';
import { completeCluster } from '../../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../../host/controllers/state.ts';

const textsOf = (desired: DesiredState): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(desired).map(([name, map]) => [
      name,
      [...map!].map(([key, value]) => `${key} ${value.join()}`).toSorted(),
    ]),
  );

test.each(['nftables', 'iptables', 'ipvs'] as const)('in %s mode', (mode) => {
  const config = { ...defaultNodeConfig, mode };
  let shared = 0;
  fc.assert(
    fc.property(cluster(), fc.constantFrom('', 'node-b'), (objects, other) => {
      const state = completeCluster(objects, { ...defaultControllerOptions, controllers: false });
      const sibling = compileNode(state, other, config);
      const { numbering, parts } = sibling;
      const alone = compileNode(state, 'node-a', config, { numbering });
      const after = compileNode(state, 'node-a', config, { numbering, sibling: parts });
      expect(textsOf(after.desired)).toEqual(textsOf(alone.desired));
      for (const [owner, group] of after.parts.services.groups) {
        if (parts.services.groups.get(owner) === group) shared++;
      }
    }),
    { numRuns: 100 },
  );
  expect(shared).toBeGreaterThan(0);
});
