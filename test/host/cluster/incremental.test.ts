// An update of what changed leads where a fresh start leads: whatever happens, in whatever order,
// the cluster and the maps of its nodes are those of a cluster that was never anything else.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cluster as arbitraryCluster, replacement } from '../../../fuzz/arbitrary/cluster.ts';
import { Cluster } from '../../../host/cluster/cluster.ts';
import { compileNode, defaultNodeConfig } from '../../../host/compile/compile-node.ts';
import type { Compiled } from '../../../host/compile/compile-node.ts';
import type { NodeConfig } from '../../../host/compile/desired.ts';
import { withApplied, withDeleted } from '../../../host/controllers/changes.ts';
import { completeCluster, completeWritten } from '../../../host/controllers/complete.ts';
import {
  defaultControllerOptions,
  type ClusterState,
  type ControllerOptions,
} from '../../../host/controllers/state.ts';
import { groupObjects, type WrittenObjects } from '../../../host/controllers/written.ts';
import {
  objectKey,
  type KubernetesObject,
  type LabelSelector,
  type Pod,
} from '../../../host/kubernetes/types.ts';
import { encodePacket } from '../../../host/net/packet.ts';
import { openingPacket } from '../../../host/scenario/probe.ts';
import { plan } from '../../../host/reconcile/plan.ts';
import { pod, service } from '../controllers/objects.ts';

type Step = { readonly apply: KubernetesObject } | { readonly delete: number };

function keyOf({ kind, metadata }: KubernetesObject): string {
  return objectKey({ kind, namespace: metadata.namespace, name: metadata.name });
}

/** Services with selectors and their pods in every condition, and rivals for addresses. */
const selectable: fc.Arbitrary<KubernetesObject> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom('aa', 'rr', 'zz'),
      externalIPs: fc.subarray(['203.0.113.100', '203.0.113.101', '10.96.0.10']),
    })
    .map(({ name, externalIPs }) => {
      const number = { aa: 81, rr: 82, zz: 83 }[name];
      const ports = [{ name: 'web', protocol: 'TCP' as const, port: 80, targetPort: 8080 }];
      const clusterIP = `10.96.0.${number}`;
      return service(name, { clusterIP, clusterIPs: [clusterIP], externalIPs, ports });
    }),
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

const somePods = fc.constantFrom<LabelSelector>(
  {},
  { matchLabels: { app: 'a' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] },
);

/** Policies whose peers, ports and ranks come and go; and Namespaces that change what they mean. */
const policed: fc.Arbitrary<KubernetesObject> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom('p', 'q'),
      podSelector: somePods,
      from: somePods,
      isClusterWide: fc.boolean(),
      port: fc.constantFrom(80, 8080, 'web', 'admin'),
    })
    .map(({ name, podSelector, from, isClusterWide, port }): KubernetesObject => ({
      kind: 'NetworkPolicy',
      metadata: { name, namespace: 'default', labels: {}, annotations: {} },
      spec: {
        podSelector,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            peers: [{ podSelector: from, ...(isClusterWide && { namespaceSelector: {} }) }],
            ports: [{ protocol: 'TCP', port }],
            path: 'spec.ingress[0]',
          },
        ],
        egress: [],
      },
    })),
  fc
    .record({
      name: fc.constantFrom('early', 'late'),
      tier: fc.constantFrom('Admin' as const, 'Baseline' as const),
      priority: fc.constantFrom(1, 2),
      subject: fc.record({ namespaceSelector: somePods, podSelector: somePods }),
      peer: fc.oneof(
        somePods.map((namespaceSelector) => ({ pods: { namespaceSelector } })),
        fc.constant({ nodes: {} }),
        fc.constant({ networks: ['10.244.0.0/16'] }),
      ),
      action: fc.constantFrom('Accept' as const, 'Deny' as const, 'Pass' as const),
    })
    .map(({ name, tier, priority, subject, peer, action }): KubernetesObject => ({
      kind: 'ClusterNetworkPolicy',
      metadata: { name, namespace: '', labels: {}, annotations: {} },
      spec: {
        tier,
        priority,
        subject,
        ingress: [],
        egress: [
          { name: '', action, peers: [peer], ports: [{ name: 'web' }], path: 'spec.egress[0]' },
        ],
      },
    })),
  fc.record({ app: fc.constantFrom('a', 'b') }).map(({ app }): KubernetesObject => ({
    kind: 'Namespace',
    metadata: { name: 'default', namespace: '', labels: { app }, annotations: {} },
  })),
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.oneof(replacement(), selectable, policed).map((apply) => ({ apply })),
    },
    { weight: 1, arbitrary: fc.nat({ max: 30 }).map((position) => ({ delete: position })) },
  ),
  { minLength: 1, maxLength: 10, size: 'max' },
);

function after(written: WrittenObjects, step: Step): WrittenObjects {
  if ('apply' in step) return withApplied(written, [step.apply]);
  const objects = Object.values(written).flat();
  return withDeleted(written, [objects[step.delete % objects.length]!]);
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
      const isNodeless = name.endsWith('no Nodes');
      const kept = [...base, ...more].filter(({ kind }) => kind !== 'Node' || !isNodeless);
      const distinct = [...new Map(kept.map((one) => [keyOf(one), one])).values()];
      let written = groupObjects(distinct, { notes: [], problems: [] });
      let state = completeWritten(written, options, undefined);
      let compiled: Compiled = compileNode(state, 'node-a', node);
      for (const step of changes) {
        const next = after(written, step);
        const previous = state;
        const objects = Object.values(next).flat();
        let fresh: ClusterState;
        try {
          fresh = completeCluster(objects, options, forgotten(previous));
        } catch (error) {
          expect(() => completeWritten(next, options, previous)).toThrow(String(error));
          continue;
        }
        written = next;
        state = completeWritten(written, options, previous);
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

const nodePortService = `
apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  type: NodePort
  clusterIP: 10.96.0.53
  ports: [{ protocol: UDP, port: 53, nodePort: 30053 }]
`;

function dnsSlice(address: string): string {
  return `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: dns-1, labels: { kubernetes.io/service-name: dns } }
addressType: IPv4
ports: [{ protocol: UDP, port: 53 }]
endpoints: [{ addresses: [${address}] }]
`;
}

test('a UDP node port is matched by its number, even between strangers', async () => {
  const cluster = Cluster.from(`${nodePortService}---${dnsSlice('10.244.9.1')}`);
  const dataplane = await cluster.dataplane();
  const ends = { source: '203.0.113.7', destination: '203.0.113.9', sourcePort: 40_000 };
  for (const protocol of [6, 17, 132]) {
    for (const destinationPort of [30053, 30054]) {
      const packet = openingPacket({ ...ends, protocol, destinationPort });
      dataplane.process(encodePacket(packet, 'raw'), { port: 'uplink', link: 'raw' });
    }
  }
  const listed = () =>
    dataplane.connections().map(({ protocol, original }) => {
      return `${protocol} ${original.destinationPort}`;
    });
  expect(listed()).toHaveLength(6);
  cluster.apply(nodePortService.replace('30053', '30054'));
  expect(listed()).toHaveLength(6);
  cluster.apply(nodePortService);
  cluster.apply(dnsSlice('10.244.9.2'));
  expect(listed()).toHaveLength(5);
  expect(listed()).not.toContain('UDP 30053');
});

test('affinity records go with their endpoint, and only those', async () => {
  const sticky = nodePortService.replace('  type:', '  sessionAffinity: ClientIP\n  type:');
  const cluster = Cluster.from(`${sticky}---${dnsSlice('10.244.9.1')}`);
  const dataplane = await cluster.dataplane();
  const ends = { source: '203.0.113.7', destination: '10.96.0.53', sourcePort: 40_000 };
  const packet = { ...ends, protocol: 17, destinationPort: 53 };
  dataplane.process(encodePacket(packet, 'raw'), { port: 'uplink', link: 'raw' });
  const held = () => [...dataplane.map('affinities').entries()].map(([{ address }]) => address);
  cluster.apply(dnsSlice('10.244.9.1').replace('[10.244.9.1]', '[10.244.9.1], zone: east'));
  expect(held()).toEqual(['10.244.9.1']);
  cluster.apply(dnsSlice('10.244.9.2'));
  expect(held()).toEqual([]);
});
