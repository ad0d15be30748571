// An update of what changed leads where a fresh start leads: whatever happens, in whatever order,
// the cluster and the maps of its nodes are those of a cluster that was never anything else.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster as arbitraryCluster, replacement } from '../../../fuzz/arbitrary/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import type { Compiled } from '../../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { completeCluster } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import { objectKey, type KubernetesObject, type Pod } from '../../../host/kubernetes/types.ts';
import { plan } from '../../../host/reconcile/plan.ts';
import { pod, service } from '../controllers/objects.ts';

type Step = { readonly apply: KubernetesObject } | { readonly delete: number };

function keyOf({ kind, metadata }: KubernetesObject): string {
  return objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
}

/** Services with selectors, their pods in every condition, and a slice that may take their place. */
const selectable: fc.Arbitrary<KubernetesObject> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom('web', 'api'),
      app: fc.constantFrom('a', 'b'),
      sessionAffinity: fc.constantFrom('None' as const, 'ClientIP' as const),
      type: fc.constantFrom('ClusterIP' as const, 'NodePort' as const, 'LoadBalancer' as const),
      publishNotReadyAddresses: fc.boolean(),
    })
    .map(({ name, app, ...spec }) => service(name, { ...spec, selector: { app } })),
  fc
    .record({
      name: fc.constantFrom('x', 'y', 'z'),
      app: fc.constantFrom('a', 'b'),
      ready: fc.constantFrom('True', 'False'),
      isLeaving: fc.boolean(),
    })
    .map(({ name, app, ready, isLeaving }): Pod => {
      const made = pod(name, {
        labels: { app },
        status: { conditions: [{ type: 'Ready', status: ready }] },
      });
      return isLeaving
        ? { ...made, metadata: { ...made.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
        : made;
    }),
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.oneof(replacement(), selectable).map((apply) => ({ apply })),
    },
    { weight: 1, arbitrary: fc.nat({ max: 30 }).map((position) => ({ delete: position })) },
  ),
  { minLength: 1, maxLength: 10, size: 'max' },
);

function after(objects: readonly KubernetesObject[], step: Step): KubernetesObject[] {
  if ('delete' in step) return objects.filter((_, at) => at !== step.delete % objects.length);
  return [...objects.filter((object) => keyOf(object) !== keyOf(step.apply)), step.apply];
}

/** A state that no completion remembers. */
function forgotten(state: ClusterState): ClusterState {
  return { ...state };
}

const config: NodeConfig = defaultNodeConfig;

test.each<[string, Partial<ControllerOptions>, NodeConfig['mode']]>([
  ['as written, nftables', { controllers: false }, 'nftables'],
  ['as written, iptables', { controllers: false }, 'iptables'],
  ['as written, ipvs', { controllers: false }, 'ipvs'],
  ['completed', {}, 'nftables'],
  ['completed, no Nodes', { nodeNames: [] }, 'nftables'],
])('%s', (name, controllers, mode) => {
  const options = { ...defaultControllerOptions, ...controllers };
  const node = { ...config, mode };
  fc.assert(
    fc.property(arbitraryCluster(), fc.array(selectable, { maxLength: 6 }), steps, (...given) => {
      const [base, more, changes] = given;
      let objects = [...new Map([...base, ...more].map((one) => [keyOf(one), one])).values()];
      if (name.endsWith('no Nodes')) objects = objects.filter(({ kind }) => kind !== 'Node');
      let state = completeCluster(objects, options);
      let compiled: Compiled = compileNode(state, 'node-a', node);
      for (const step of changes) {
        objects = after(objects, step);
        let fresh: ClusterState;
        try {
          fresh = completeCluster(objects, options, forgotten(state));
        } catch (error) {
          const previous = state;
          expect(() => completeCluster(objects, options, previous)).toThrow(String(error));
          return;
        }
        state = completeCluster(objects, options, state);
        expect(state).toEqual(fresh);
        compiled = compileNode(state, 'node-a', node, compiled);
        const { numbering } = compiled;
        const anew = compileNode(fresh, 'node-a', node, { numbering });
        expect(plan(anew.desired, compiled.desired)).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});
