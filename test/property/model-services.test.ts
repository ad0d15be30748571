// The model's Service rules as tables, case by case from kube-proxy's: which endpoints a source may
// get at which door, and whether it is masqueraded.

import { expect, test } from 'vitest';
import { nodes, namespaces, podSketches, subjectNode } from '../../fuzz/arbitrary/cluster.ts';
import type { ServiceSketch } from '../../fuzz/arbitrary/objects.ts';
import { podOf, serviceOf, sliceOf } from '../../fuzz/arbitrary/objects.ts';
import type { ServiceDecision } from '../../fuzz/model/services.ts';
import { decideService } from '../../fuzz/model/services.ts';
import type { ModelSettings } from '../../fuzz/model/world.ts';
import { defaultModelSettings } from '../../fuzz/model/world.ts';
import { completeCluster } from '../../host/controllers/complete.ts';
import { defaultControllerOptions } from '../../host/controllers/state.ts';
import type { SliceEndpoint } from '../../host/kubernetes/types.ts';

const outside = '203.0.113.7';
const localPod = '10.244.1.2';
const remotePod = '10.244.2.2';
const node = '192.168.0.2';
const doors = { clusterIP: '10.96.0.10', vip: '198.51.100.10', external: '203.0.113.100', node };
type Door = keyof typeof doors;

const noHints = { forZones: [], forNodes: [] };
const local: SliceEndpoint = {
  addresses: [localPod],
  nodeName: 'node-a',
  conditions: {},
  hints: noHints,
};
const remote: SliceEndpoint = { ...local, addresses: [remotePod], nodeName: 'node-b' };
const draining = { ready: false, serving: true, terminating: true };

interface Given {
  readonly spec?: Partial<ServiceSketch>;
  readonly endpoints?: readonly SliceEndpoint[];
  readonly settings?: Partial<ModelSettings>;
}

function decideAt(source: string, door: Door, given: Given): ServiceDecision {
  const objects = [
    ...nodes,
    ...namespaces,
    ...podSketches.map((sketch) => podOf({ ...sketch, labels: {} })),
    serviceOf({
      name: 's0',
      type: 'LoadBalancer',
      clusterIPs: [doors.clusterIP],
      ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort: 8080, nodePort: 30080 }],
      externalIPs: [doors.external],
      ingress: [doors.vip],
      sessionAffinity: 'None',
      loadBalancerSourceRanges: [],
      ...given.spec,
    }),
    sliceOf({
      service: 's0',
      family: 4,
      ports: [{ name: 'web', protocol: 'TCP', port: 8080 }],
      endpoints: given.endpoints ?? [local, remote],
    }),
  ];
  const state = completeCluster(objects, { ...defaultControllerOptions, controllers: false });
  const settings = { ...defaultModelSettings, ...given.settings };
  const destinationPort = door === 'node' ? 30080 : 80;
  const dial = { source, destination: doors[door], protocol: 6, destinationPort };
  return decideService({ state, node: subjectNode, settings }, dial);
}

/** `local remote masqueraded`, a reason, or `passed`. */
function inWords(decision: ServiceDecision): string {
  if (decision.kind !== 'offered') return decision.kind === 'refused' ? decision.reason : 'passed';
  const names = decision.endpoints.map(({ address }) =>
    address === localPod ? 'local' : 'remote',
  );
  return [...names, ...(decision.isMasqueraded ? ['masqueraded'] : [])].join(' ');
}

const etpLocal: Given = { spec: { externalTrafficPolicy: 'Local' } };
const etpLocalNoneHere: Given = { ...etpLocal, endpoints: [remote] };
const itpLocalNoneHere: Given = {
  spec: { internalTrafficPolicy: 'Local' },
  endpoints: [remote],
};
const noDetector = { detectLocal: { mode: 'None' } } as const;
const ranges: Given = { spec: { loadBalancerSourceRanges: ['192.168.0.0/24'] } };

const cases: [string, string, Door, Given, string][] = [
  ['a pod at the ClusterIP', localPod, 'clusterIP', {}, 'local remote'],
  ['the node at the ClusterIP', node, 'clusterIP', {}, 'local remote masqueraded'],
  ['outside at the ClusterIP', outside, 'clusterIP', {}, 'local remote masqueraded'],
  ['no detector', outside, 'clusterIP', { settings: noDetector }, 'local remote'],
  [
    'masqueradeAll',
    localPod,
    'clusterIP',
    { settings: { masqueradeAll: true } },
    'local remote masqueraded',
  ],
  ['ETP Cluster, a pod', localPod, 'vip', {}, 'local remote masqueraded'],
  ['ETP Local, outside', outside, 'vip', etpLocal, 'local'],
  ['ETP Local, a pod', remotePod, 'node', etpLocal, 'local remote'],
  ['ETP Local, the node', node, 'external', etpLocal, 'local remote masqueraded'],
  ['ETP Local, none here, outside', outside, 'node', etpLocalNoneHere, 'no-local-endpoints'],
  ['ETP Local, none here, a pod', localPod, 'node', etpLocalNoneHere, 'remote'],
  [
    'ETP Local does not bind the ClusterIP',
    outside,
    'clusterIP',
    etpLocalNoneHere,
    'remote masqueraded',
  ],
  [
    'ETP Local without detector, a pod',
    localPod,
    'vip',
    { ...etpLocalNoneHere, settings: noDetector },
    'no-local-endpoints',
  ],
  ['ITP Local, none here', localPod, 'clusterIP', itpLocalNoneHere, 'no-local-endpoints'],
  ['ITP Local does not bind node ports', outside, 'node', itpLocalNoneHere, 'remote masqueraded'],
  ['no endpoints', localPod, 'clusterIP', { endpoints: [] }, 'reject-no-endpoints'],
  [
    'no endpoints, ETP Local',
    outside,
    'vip',
    { ...etpLocal, endpoints: [] },
    'reject-no-endpoints',
  ],
  [
    'only draining',
    outside,
    'vip',
    { endpoints: [{ ...remote, conditions: draining }] },
    'remote masqueraded',
  ],
  [
    'draining beside ready',
    localPod,
    'clusterIP',
    { endpoints: [local, { ...remote, conditions: draining }] },
    'local',
  ],
  [
    'unready',
    localPod,
    'clusterIP',
    { endpoints: [{ ...local, conditions: { ready: false } }] },
    'reject-no-endpoints',
  ],
  [
    'hint for here',
    localPod,
    'clusterIP',
    {
      endpoints: [
        { ...local, hints: { forZones: ['east'], forNodes: [] } },
        { ...remote, hints: { forZones: ['west'], forNodes: [] } },
      ],
    },
    'local',
  ],
  [
    'one endpoint without hint',
    localPod,
    'clusterIP',
    { endpoints: [{ ...local, hints: { forZones: ['east'], forNodes: [] } }, remote] },
    'local remote',
  ],
  ['outside the ranges', outside, 'vip', ranges, 'source-range'],
  ['inside the ranges', node, 'vip', ranges, 'local remote masqueraded'],
  ['ranges do not guard node ports', outside, 'node', ranges, 'local remote masqueraded'],
  ['ranges before endpoints', outside, 'vip', { ...ranges, endpoints: [] }, 'source-range'],
  [
    'iptables: endpoints before ranges',
    outside,
    'vip',
    { ...ranges, endpoints: [], settings: { mode: 'iptables' } },
    'reject-no-endpoints',
  ],
  [
    'iptables: the node, no endpoints',
    node,
    'vip',
    { endpoints: [], settings: { mode: 'iptables' } },
    'passed',
  ],
];

test.each(cases)('%s', (...[, source, door, given, expected]) => {
  expect(inWords(decideAt(source, door, given))).toBe(expected);
});

test.each([
  ['10.96.0.10', 81, 'nftables', 'reject-unknown-service-port'],
  ['10.96.0.99', 80, 'nftables', 'unallocated-service-address'],
  ['10.96.0.10', 81, 'iptables', 'passed'],
  ['10.96.0.99', 80, 'iptables', 'passed'],
  ['198.51.100.10', 81, 'nftables', 'passed'],
] as const)('%s port %i in %s mode: %s', (destination, destinationPort, mode, expected) => {
  const objects = [
    ...nodes,
    serviceOf({
      name: 's0',
      type: 'ClusterIP',
      clusterIPs: ['10.96.0.10'],
      externalIPs: [],
      ingress: [],
      ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort: 8080 }],
      sessionAffinity: 'None',
      loadBalancerSourceRanges: [],
    }),
  ];
  const state = completeCluster(objects, { ...defaultControllerOptions, controllers: false });
  const settings = { ...defaultModelSettings, mode };
  const dial = { source: outside, destination, protocol: 6, destinationPort };
  expect(inWords(decideService({ state, node: subjectNode, settings }, dial))).toBe(expected);
});
