// One change at a time, and back again: whatever it is, an update leads where a fresh start leads.
// incremental.test.ts says so of many changes of few kinds; here is one of every kind.

import { describe, expect, test } from 'vitest';
import { withApplied, withDeleted } from '../../../host/controllers/changes.ts';
import { groupObjects } from '../../../host/controllers/written.ts';
import { objectKey, type KubernetesObject } from '../../../host/kubernetes/types.ts';
import { endpoints, pod, service, slice, workload } from '../controllers/objects.ts';
import { begin, follow } from './follow-up.ts';
import {
  bareSlice,
  endpointAt,
  having,
  namespace,
  nodeIn,
  podAt,
  policies,
  policy,
  sticky,
  tierPolicy,
  village,
} from './village.ts';

const keyOf = ({ kind, metadata }: KubernetesObject) =>
  objectKey({ kind, namespace: metadata.namespace, name: metadata.name });

/** What stands in the village, or is changed there. */
function named<T extends KubernetesObject>(key: string, change?: (object: T) => object): T {
  const found = village.find((object) => keyOf(object) === key) as T;
  return { ...found, ...change?.(found) };
}

/** A Service of the village with other fields. */
function served(name: string, fields: object): KubernetesObject {
  return named(`Service/${name}`, (found) => ({
    spec: { ...('spec' in found && found.spec), ...fields },
  }));
}

function leaving<T extends KubernetesObject>({ metadata, ...rest }: T): KubernetesObject {
  const deletionTimestamp = '2026-01-01T00:00:00Z';
  return { ...rest, metadata: { ...metadata, deletionTimestamp } } as KubernetesObject;
}

const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
const web1 = { labels: { app: 'web', tier: 'front' } };
const far = endpointAt('198.51.100.9');
const tcp = (port: number | string) => ({ protocol: 'TCP' as const, port });
const client = { peers: [{ podSelector: having('client') }], ports: [tcp('http')] };

type Step = readonly [name: string, apply: readonly KubernetesObject[], remove?: readonly string[]];

const ofPods: readonly Step[] = [
  ['turns unready', [podAt('default/web-1', '10.244.2.11', { ...web1, ...unready })]],
  ['is on its way out', [leaving(podAt('default/web-1', '10.244.2.11', web1))]],
  [
    'has finished',
    [podAt('default/web-1', '10.244.2.11', { ...web1, status: { phase: 'Failed' } })],
  ],
  ['goes', [], ['Pod/default/web-1']],
  ['comes here', [podAt('default/web-0', '10.244.2.99')]],
  ['comes elsewhere', [podAt('shop/web-9', '10.244.3.99', { spec: { nodeName: 'node-b' } })]],
  ['comes without address or Node', [pod('shop/new', { labels: { app: 'client' } })]],
  [
    'is called by other labels',
    [podAt('default/web-1', '10.244.2.11', { labels: { app: 'client' } })],
  ],
  ['has another address', [podAt('default/web-1', '10.244.2.44', web1)]],
  [
    'has other ports',
    [podAt('default/web-1', '10.244.2.11', { ...web1, spec: { containers: [] } })],
  ],
  [
    'has no sidecar',
    [podAt('default/web-1', '10.244.2.11', { ...web1, spec: { initContainers: [] } })],
  ],
  ['moves', [podAt('default/web-1', '10.244.2.11', { ...web1, spec: { nodeName: 'node-b' } })]],
  [
    'joins the host',
    [podAt('default/web-1', '10.244.2.11', { ...web1, spec: { hostNetwork: true } })],
  ],
  ['the owner of an address goes, its twin stays', [], ['Pod/default/client']],
  ['the owner of an address leaves, its twin stays', [leaving(named('Pod/default/client'))]],
  ['the twin goes', [], ['Pod/default/twin']],
  ['both go', [], ['Pod/default/twin', 'Pod/default/client']],
  [
    'is named',
    [
      named('Pod/default/web-1', (found) => ({
        spec: { ...('spec' in found && found.spec), hostname: 'h', subdomain: 'web' },
      })),
    ],
  ],
  [
    'is annotated, which means nothing',
    [
      named('Pod/default/web-1', ({ metadata }) => ({
        metadata: { ...metadata, annotations: { a: 'b' } },
      })),
    ],
  ],
  ['is written in a file', [{ ...named('Pod/default/twin'), source: { file: 'a.yaml', line: 3 } }]],
];

const ofServices: readonly Step[] = [
  ['comes', [service('default/more', { selector: { app: 'web' } })]],
  [
    'comes and takes an address',
    [
      service('default/able', {
        externalIPs: ['203.0.113.100'],
        ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort: 80 }],
      }),
    ],
  ],
  ['goes', [], ['Service/default/web']],
  ['the first that claims an address goes', [], ['Service/default/door']],
  ['the second that claims an address goes', [], ['Service/default/rival']],
  ['with written slices goes, which stay', [], ['Service/default/bare']],
  ['with Endpoints goes', [], ['Service/default/old']],
  ['is sticky', [served('default/web', sticky)]],
  ['is not sticky any more', [served('default/door', { sessionAffinity: 'None' })]],
  ['is asked by other pods', [served('default/web', { selector: { app: 'client' } })]],
  ['is asked by no pods', [served('default/web', { selector: {} })]],
  [
    'has another port',
    [
      served('default/web', {
        ports: [{ name: 'web', protocol: 'TCP', port: 81, targetPort: 'http' }],
      }),
    ],
  ],
  [
    'has another target',
    [
      served('default/web', {
        ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort: 'metrics' }],
      }),
    ],
  ],
  [
    'has a target that no pod has',
    [
      served('default/web', {
        ports: [{ name: 'web', protocol: 'TCP', port: 80, targetPort: 'none' }],
      }),
    ],
  ],
  ['turns into a node port', [served('default/web', { type: 'NodePort' })]],
  ['is of one family', [served('default/web', { ipFamilyPolicy: 'SingleStack' })]],
  ['lists pods that are not ready', [served('default/web', { publishNotReadyAddresses: true })]],
  ['is local', [served('default/web', { internalTrafficPolicy: 'Local' })]],
  ['is external everywhere', [served('default/door', { externalTrafficPolicy: 'Cluster' })]],
  ['lets everybody in', [served('default/door', { loadBalancerSourceRanges: [] })]],
  ['is at another address', [served('default/rival', { externalIPs: ['203.0.113.101'] })]],
  ['prefers its zone', [served('shop/near', { trafficDistribution: 'PreferSameZone' })]],
  [
    'is another proxy’s',
    [
      named('Service/default/web', ({ metadata }) => ({
        metadata: { ...metadata, labels: { 'service.kubernetes.io/service-proxy-name': 'x' } },
      })),
    ],
  ],
  [
    'asks for hints by topology',
    [
      named('Service/default/web', ({ metadata }) => ({
        metadata: { ...metadata, annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } },
      })),
    ],
  ],
  ['is called something else', [served('default/alias', { externalName: 'example.org' })]],
  ['is an alias', [served('default/web', { type: 'ExternalName', externalName: 'a.example' })]],
  [
    'is written in a file',
    [{ ...named('Service/default/alias'), source: { file: 'b.yaml', line: 1 } }],
  ],
];

const ofSlices: readonly Step[] = [
  [
    'comes before one that says otherwise',
    [bareSlice('bare-0', endpointAt('10.244.2.11', { conditions: { ready: false } }))],
  ],
  ['comes', [bareSlice('bare-3', endpointAt('10.244.3.13'))]],
  ['goes', [], ['EndpointSlice/default/bare-2']],
  ['both go', [], ['EndpointSlice/default/bare-1', 'EndpointSlice/default/bare-2']],
  ['loses an endpoint', [bareSlice('bare-2', far)]],
  ['loses another', [bareSlice('bare-2', endpointAt('10.244.3.12'))]],
  ['has its endpoints in another order', [bareSlice('bare-2', endpointAt('10.244.3.12'), far)]],
  [
    'has an endpoint that is not ready',
    [bareSlice('bare-2', far, endpointAt('10.244.3.12', { conditions: { ready: false } }))],
  ],
  [
    'has an endpoint that is on its way out',
    [
      bareSlice(
        'bare-1',
        endpointAt('10.244.2.11', {
          nodeName: 'node-a',
          conditions: { ready: false, serving: true, terminating: true },
        }),
      ),
    ],
  ],
  [
    'speaks of a Node that is not there',
    [bareSlice('bare-2', endpointAt('10.244.3.12', { nodeName: 'node-z' }))],
  ],
  ['is of another Service', [slice('bare-2', 'web', { endpoints: [far] })]],
  ['is of no Service', [slice('bare-2', '', { endpoints: [far] })]],
  [
    'is for a Service that controllers make slices for',
    [slice('web-x', 'web', { endpoints: [far] })],
  ],
  ['is for a Service that does not exist', [slice('none-1', 'none', { endpoints: [far] })]],
  [
    'is of the other family',
    [slice('bare-6', 'bare', { addressType: 'IPv6', endpoints: [endpointAt('2001:db8::1')] })],
  ],
  [
    'turns to names',
    [slice('bare-2', 'bare', { addressType: 'FQDN', endpoints: [endpointAt('a.example')] })],
  ],
  ['is in a new namespace', [slice('new/x-1', 'x', { endpoints: [far] })]],
];

const ofPolicies: readonly Step[] = [
  ['comes', [policy('default/also', having('web'), { ingress: [client] })]],
  ['comes for both directions', [policy('default/also', {}, { ingress: [], egress: [] })]],
  ['goes', [], ['NetworkPolicy/default/clients']],
  ['all go', [], policies.map(keyOf)],
  ['of the last kind goes', [], ['NetworkPolicy/default/clients', 'NetworkPolicy/default/out']],
  [
    'asks for other peers',
    [
      policy('default/clients', having('web'), {
        ingress: [
          {
            peers: [{ podSelector: { matchLabels: { app: 'web', tier: 'front' } } }],
            ports: [tcp('http')],
          },
        ],
      }),
    ],
  ],
  [
    'asks for pods without a label',
    [
      policy('default/clients', having('web'), {
        ingress: [
          {
            peers: [
              {
                namespaceSelector: {},
                podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
              },
            ],
            ports: [],
          },
        ],
      }),
    ],
  ],
  [
    'asks for another name of a port',
    [
      policy('default/clients', having('web'), {
        ingress: [{ ...client, ports: [tcp('metrics'), tcp('other')] }],
      }),
    ],
  ],
  [
    'asks for numbers only',
    [
      policy('default/clients', having('web'), {
        ingress: [{ ...client, ports: [{ protocol: 'TCP', port: 1, endPort: 99 }] }],
      }),
    ],
  ],
  [
    'asks for blocks',
    [
      policy('default/clients', having('web'), {
        ingress: [{ peers: [{ ipBlock: { cidr: '0.0.0.0/0', except: [] } }], ports: [] }],
      }),
    ],
  ],
  ['is for other pods', [policy('default/clients', having('client'), { ingress: [client] })]],
  ['is for nobody', [policy('default/clients', having('none'), { ingress: [client] })]],
  ['is in a new namespace', [policy('new/clients', {}, { ingress: [] })]],
  [
    'of a tier comes first',
    [tierPolicy('first', ['Admin', 1], [{ peers: [{ networks: ['10.0.0.0/8'] }] }])],
  ],
  [
    'of a tier comes before another by name',
    [tierPolicy('a', ['Admin', 5], [{ peers: [{ nodes: {} }], action: 'Pass' }])],
  ],
  ['of a tier goes', [], ['ClusterNetworkPolicy/guard']],
  [
    'of a tier has another rank',
    [tierPolicy('guard', ['Admin', 9], [{ peers: [{ nodes: {} }], name: 'nodes' }])],
  ],
  ['of a tier has no rules', [tierPolicy('guard', ['Admin', 5], [])]],
  ['of a tier changes tiers', [tierPolicy('guard', ['Baseline', 0], [{ peers: [{ nodes: {} }] }])]],
];

const ofOthers: readonly Step[] = [
  ['a Namespace has other labels', [namespace('shop', 'red')]],
  ['a Namespace comes', [namespace('new', 'blue')]],
  ['a Namespace goes, in which there are objects', [], ['Namespace/shop']],
  ['a Node comes', [nodeIn('east', 'node-c', 4)]],
  ['another Node goes', [], ['Node/node-b']],
  ['the Node goes', [], ['Node/node-a']],
  ['a Node is elsewhere', [nodeIn('east', 'node-b', 3)]],
  [
    'the Node has another address',
    [
      {
        ...nodeIn('east', 'node-a', 2),
        status: { addresses: [{ type: 'InternalIP', address: '192.168.0.77' }] },
      },
    ],
  ],
  ['a workload grows', [workload('Deployment', 'shop/api', { app: 'api', replicas: 3 })]],
  ['a workload goes', [], ['StatefulSet/default/db']],
  ['a Job comes', [workload('Job', 'shop/once', { app: 'client', replicas: 2 })]],
  ['Endpoints change', [endpoints('default/old', [])]],
  [
    'Endpoints come for a Service',
    [
      endpoints('default/rival', [
        { addresses: [{ ip: '10.244.8.8' }], notReadyAddresses: [], ports: [] },
      ]),
    ],
  ],
  ['Endpoints go', [], ['Endpoints/default/old']],
  [
    'several at once',
    [
      podAt('default/web-1', '10.244.2.11', { ...web1, ...unready }),
      served('default/web', sticky),
      bareSlice('bare-2', far),
      namespace('shop', 'red'),
    ],
    ['Pod/default/twin', 'NetworkPolicy/default/out'],
  ],
];

const groups: Readonly<Record<string, readonly Step[]>> = {
  'a pod': ofPods,
  'a Service': ofServices,
  'a slice': ofSlices,
  'a policy': ofPolicies,
  'another object': ofOthers,
};

describe.each([
  ['nftables', Object.keys(groups)],
  ['iptables', ['a Service']],
  ['ipvs', ['a Service', 'a slice']],
] as const)('%s', (mode, names) => {
  const base = begin(groupObjects(village, { notes: [], problems: [] }), mode);
  const cases = names.flatMap((name) =>
    groups[name]!.map((step): [string, Step] => [`${name} ${step[0]}`, step]),
  );
  test.each(cases)('%s', (_, [, apply, remove = []]) => {
    const gone = village.filter((object) => remove.includes(keyOf(object)));
    expect(gone).toHaveLength(remove.length);
    const written = withApplied(withDeleted(base.written, gone), apply);
    const there = follow(base, written);
    follow(there, base.written);
  });
});
